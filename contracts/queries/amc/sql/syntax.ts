import type { Span } from './tokens.ts';

/** What a query of the AMC dialect is made of. Every node knows where it stands in the text. */
export interface Query extends Span {
  readonly kind: 'query';
  readonly ctes: readonly Cte[];
  readonly body: Body;
  readonly orderBy: readonly OrderItem[];
}
export interface Cte extends Span {
  readonly name: Name;
  readonly columns: readonly Name[];
  readonly query: Query;
}
export interface Name extends Span {
  readonly text: string;
}
export type Body = Select | Union | Values | Query;
export interface Union extends Span {
  readonly kind: 'union';
  readonly isAll: boolean;
  readonly left: Body;
  readonly right: Body;
}
export interface Values extends Span {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expr[])[];
}
export interface Select extends Span {
  readonly kind: 'select';
  readonly isDistinct: boolean;
  readonly items: readonly SelectItem[];
  readonly source?: Source;
  readonly where?: Expr;
  readonly groupBy: readonly Expr[];
  readonly having?: Expr;
}
export interface SelectItem extends Span {
  readonly expr: Expr;
  readonly alias?: Name;
}
export interface OrderItem extends Span {
  readonly expr: Expr;
  readonly isDescending: boolean;
  readonly nulls?: 'FIRST' | 'LAST';
}
export type JoinKind = 'INNER' | 'LEFT' | 'FULL' | 'CROSS';
export type Source =
  | (Span & { readonly kind: 'table'; readonly name: Name; readonly alias?: Name; readonly extended?: Extended })
  | (Span & {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias?: Name;
      readonly columns: readonly Name[];
    })
  | (Span & {
      readonly kind: 'unnest';
      readonly expr: Expr;
      readonly alias?: Name;
      readonly columns: readonly Name[];
    })
  | (Span & {
      readonly kind: 'join';
      readonly join: JoinKind;
      readonly left: Source;
      readonly right: Source;
      readonly on?: Expr;
      readonly using: readonly Name[];
    });
/** `TABLE(EXTEND_TIME_WINDOW('table','P14D','P1D'))`: how far this table's window reaches beyond the query's. */
export interface Extended {
  readonly before: string;
  readonly after: string;
}

export interface Call extends Span {
  readonly kind: 'call';
  /** Upper case. */
  readonly name: string;
  readonly args: readonly Expr[];
  readonly isDistinct: boolean;
  readonly isStar: boolean;
  readonly over?: Over;
  readonly filter?: Expr;
  /** Of `WITHIN GROUP (ORDER BY …)`. */
  readonly within?: readonly OrderItem[];
}
export interface Over extends Span {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  /** The frame clause as written. */
  readonly frame: string;
}
export type Literal = Span & { readonly kind: 'literal' } & (
    | { readonly type: 'string' | 'number' | 'date' | 'timestamp'; readonly value: string }
    | { readonly type: 'boolean'; readonly value: boolean }
    | { readonly type: 'null'; readonly value: null }
  );
export type Expr =
  | Literal
  | Call
  | (Span & { readonly kind: 'star'; readonly table?: Name })
  | (Span & { readonly kind: 'column'; readonly table?: Name; readonly name: Name })
  | (Span & { readonly kind: 'parameter'; readonly name: string })
  | (Span & { readonly kind: 'interval'; readonly value: string; readonly unit: string })
  | (Span & { readonly kind: 'unary'; readonly op: 'NOT' | '-' | '+'; readonly expr: Expr })
  | (Span & { readonly kind: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr })
  | (Span & {
      readonly kind: 'case';
      readonly operand?: Expr;
      readonly whens: readonly { readonly when: Expr; readonly result: Expr }[];
      readonly otherwise?: Expr;
    })
  | (Span & { readonly kind: 'cast'; readonly expr: Expr; readonly type: string })
  | (Span & { readonly kind: 'in'; readonly expr: Expr; readonly isNot: boolean; readonly list: readonly Expr[] })
  | (Span & { readonly kind: 'inQuery'; readonly expr: Expr; readonly isNot: boolean; readonly query: Query })
  | (Span & {
      readonly kind: 'between';
      readonly expr: Expr;
      readonly isNot: boolean;
      readonly low: Expr;
      readonly high: Expr;
    })
  | (Span & {
      readonly kind: 'match';
      readonly op: 'LIKE' | 'SIMILAR TO';
      readonly expr: Expr;
      readonly isNot: boolean;
      readonly pattern: Expr;
      readonly escape?: Expr;
    })
  | (Span & {
      readonly kind: 'is';
      readonly expr: Expr;
      readonly isNot: boolean;
      readonly what: 'NULL' | 'TRUE' | 'FALSE';
    })
  | (Span & { readonly kind: 'distinctFrom'; readonly left: Expr; readonly right: Expr; readonly isNot: boolean })
  | (Span & { readonly kind: 'array'; readonly items: readonly Expr[] })
  | (Span & { readonly kind: 'subquery'; readonly query: Query })
  | (Span & { readonly kind: 'exists'; readonly query: Query });

export type SyntaxProblemCode =
  | 'sql.empty'
  | 'sql.unterminated'
  | 'sql.unexpected'
  | 'sql.not_a_query'
  | 'sql.several_statements'
  | 'sql.semicolon'
  | 'sql.limit'
  | 'sql.right_join'
  | 'sql.too_deep';

/** The text is no query of the dialect; where and why. */
export class SqlSyntaxError extends Error {
  override name = 'SqlSyntaxError';
  readonly code: SyntaxProblemCode;
  readonly span: Span;
  constructor(code: SyntaxProblemCode, message: string, span: Span) {
    super(message);
    this.code = code;
    this.span = span;
  }
}

/** The expressions directly inside one, subqueries left out. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call':
      return [
        ...expr.args,
        ...(expr.filter ? [expr.filter] : []),
        ...(expr.within ?? []).map((item) => item.expr),
        ...(expr.over ? [...expr.over.partitionBy, ...expr.over.orderBy.map((item) => item.expr)] : []),
      ];
    case 'unary':
    case 'cast':
    case 'is':
    case 'inQuery':
      return [expr.expr];
    case 'binary':
    case 'distinctFrom':
      return [expr.left, expr.right];
    case 'case':
      return [
        ...(expr.operand ? [expr.operand] : []),
        ...expr.whens.flatMap(({ when, result }) => [when, result]),
        ...(expr.otherwise ? [expr.otherwise] : []),
      ];
    case 'in':
      return [expr.expr, ...expr.list];
    case 'between':
      return [expr.expr, expr.low, expr.high];
    case 'match':
      return [expr.expr, expr.pattern, ...(expr.escape ? [expr.escape] : [])];
    case 'array':
      return expr.items;
    default:
      return [];
  }
}

/** The query inside an expression, if it is one of those. */
export const queryOf = (expr: Expr): Query | undefined =>
  expr.kind === 'inQuery' || expr.kind === 'subquery' || expr.kind === 'exists' ? expr.query : undefined;
