import type { QuickFix, Severity, Span } from './language.ts';

// What a query is made of. Chains (`a + b + c`, joins, unions) are lists and not trees, so that a long one is not a deep
// one. `missing` stands for what is not written yet: a half-written text has a tree as well.

export interface Name extends Span {
  readonly text: string;
  readonly isQuoted: boolean;
}
export interface Query extends Span {
  readonly kind: 'query';
  readonly ctes: readonly Cte[];
  readonly withAt: Span | null;
  readonly body: Body;
  readonly orderBy: readonly OrderItem[];
  /** From `ORDER` to its last item. */
  readonly orderAt: Span | null;
  readonly hasOffset: boolean;
  readonly hasLimit: boolean;
  /** `FOR XML …`: one text instead of rows. */
  readonly isForXml: boolean;
}
export interface Cte extends Span {
  readonly name: Name;
  readonly columns: readonly Name[];
  readonly query: Query;
  readonly isRecursive: boolean;
}
export type Body = Select | SetOperation | Values | Query;
export interface SetOperation extends Span {
  readonly kind: 'set';
  readonly parts: readonly Body[];
}
export interface Values extends Span {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expr[])[];
}
export interface Select extends Span {
  readonly kind: 'select';
  readonly isDistinct: boolean;
  readonly hasTop: boolean;
  readonly items: readonly SelectItem[];
  readonly sources: readonly JoinedSource[];
  readonly where: Expr | null;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | null;
  /** Named windows and what else may hold columns. */
  readonly others: readonly Expr[];
}
export interface SelectItem extends Span {
  readonly expr: Expr;
  readonly alias: Name | null;
}
export interface OrderItem extends Span {
  readonly expr: Expr;
}
export type JoinKind = 'FROM' | ',' | 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS' | 'APPLY';
export interface JoinedSource extends Span {
  readonly join: JoinKind;
  /** The words of the join. */
  readonly joinAt: Span;
  readonly source: Source;
  readonly on: Expr | null;
  readonly using: readonly Name[];
  readonly isNatural: boolean;
}
interface Aliased extends Span {
  readonly alias: Name | null;
  readonly columns: readonly Name[];
}
export type Source =
  | (Aliased & { readonly kind: 'table'; readonly name: readonly Name[]; readonly hint: Span | null })
  | (Aliased & { readonly kind: 'derived'; readonly query: Query })
  | (Aliased & { readonly kind: 'function'; readonly call: Expr })
  | (Span & { readonly kind: 'group'; readonly sources: readonly JoinedSource[] })
  | (Aliased & { readonly kind: 'unknown' });

export interface TypeName extends Span {
  /** Lower case, without its size: `double precision`, `nvarchar`. */
  readonly name: string;
  readonly size: readonly number[];
  readonly isArray: boolean;
}
export interface Call extends Span {
  readonly kind: 'call';
  /** Upper case, without a schema. */
  readonly name: string;
  readonly nameAt: Span;
  readonly args: readonly Expr[];
  readonly isDistinct: boolean;
  readonly isStar: boolean;
  readonly over: readonly Expr[] | null;
  /** ORDER BY, FILTER and WITHIN GROUP. */
  readonly others: readonly Expr[];
}
export type Expr =
  | (Span & {
      readonly kind: 'literal';
      readonly type: 'string' | 'number' | 'boolean' | 'null';
      readonly value: string;
      /** Of `DATE '…'`. */
      readonly as?: TypeName;
    })
  | (Span & { readonly kind: 'column'; readonly parts: readonly Name[] })
  | (Span & { readonly kind: 'star'; readonly parts: readonly Name[] })
  | Call
  | (Span & { readonly kind: 'parameter'; readonly name: string })
  | (Span & { readonly kind: 'variable'; readonly text: string })
  | (Span & { readonly kind: 'not' | 'sign'; readonly expr: Expr })
  | (Span & { readonly kind: 'chain'; readonly ops: readonly string[]; readonly parts: readonly Expr[] })
  | (Span & {
      readonly kind: 'case';
      readonly operand: Expr | null;
      readonly whens: readonly Expr[];
      readonly results: readonly Expr[];
    })
  | (Span & { readonly kind: 'cast'; readonly expr: Expr; readonly type: TypeName; readonly others: readonly Expr[] })
  | (Span & {
      readonly kind: 'in';
      readonly expr: Expr;
      readonly isNot: boolean;
      readonly list: readonly Expr[];
      readonly query: Query | null;
    })
  | (Span & { readonly kind: 'test'; readonly what: string; readonly parts: readonly Expr[] })
  | (Span & { readonly kind: 'zone'; readonly expr: Expr; readonly zone: Expr })
  | (Span & { readonly kind: 'item'; readonly expr: Expr; readonly others: readonly Expr[] })
  | (Span & { readonly kind: 'row' | 'array'; readonly items: readonly Expr[] })
  | (Span & { readonly kind: 'subquery' | 'exists' | 'arrayQuery'; readonly query: Query })
  | (Span & { readonly kind: 'missing' });

export interface Problem extends Span {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly fixes: readonly QuickFix[];
}

/** The expressions directly inside one, those of its subqueries left out. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call':
      return [...expr.args, ...(expr.over ?? []), ...expr.others];
    case 'not':
    case 'sign':
      return [expr.expr];
    case 'cast':
    case 'item':
      return [expr.expr, ...expr.others];
    case 'chain':
    case 'test':
      return expr.parts;
    case 'case':
      return [...(expr.operand ? [expr.operand] : []), ...expr.whens, ...expr.results];
    case 'in':
      return [expr.expr, ...expr.list];
    case 'zone':
      return [expr.expr, expr.zone];
    case 'row':
    case 'array':
      return expr.items;
    default:
      return [];
  }
}

/** The query inside an expression, if it holds one. */
export function queryOf(expr: Expr): Query | null {
  if (expr.kind === 'in') return expr.query;
  return expr.kind === 'subquery' || expr.kind === 'exists' || expr.kind === 'arrayQuery' ? expr.query : null;
}
