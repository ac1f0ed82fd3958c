/** The part of T-SQL that the service runs, as a tree. */
export type Expr =
  | { kind: 'null' }
  | { kind: 'number' | 'string'; value: string }
  | { kind: 'column'; path: string[] }
  | { kind: 'unary'; sign: '-' | '+' | 'not' | '~'; of: Expr }
  | { kind: 'binary'; sign: string; left: Expr; right: Expr }
  | { kind: 'call'; name: string; args: Expr[]; isDistinct: boolean; isStar: boolean; within?: Order[]; over?: Over }
  | { kind: 'case'; of?: Expr; branches: { when: Expr; result: Expr }[]; otherwise?: Expr }
  | { kind: 'cast'; of: Expr; type: TypeName; style?: Expr }
  | { kind: 'in'; of: Expr; isNot: boolean; list: Expr[] | Query }
  | { kind: 'between'; of: Expr; isNot: boolean; low: Expr; high: Expr }
  | { kind: 'like'; of: Expr; isNot: boolean; pattern: Expr; escape?: Expr }
  | { kind: 'isNull'; of: Expr; isNot: boolean }
  | { kind: 'exists'; query: Query }
  | { kind: 'scalar'; query: Query }
  | { kind: 'zone'; of: Expr; zone: Expr };

export interface TypeName {
  name: string;
  sizes: (number | 'max')[];
}
export interface Order {
  by: Expr;
  isDescending: boolean;
}
export interface Over {
  partition: Expr[];
  order: Order[];
  /** `rows between … and …`, as the words it has. */
  frame?: string;
}

export type Item = { kind: 'star'; of?: string } | { kind: 'value'; value: Expr; name?: string };

export type Source =
  | { kind: 'table'; path: string[]; alias?: string }
  | { kind: 'query'; query: Query; alias: string }
  | { kind: 'join'; how: 'inner' | 'left' | 'right' | 'full' | 'cross'; left: Source; right: Source; on?: Expr };

export interface Group {
  kind: 'plain' | 'rollup' | 'cube';
  by: Expr[];
}

export interface Select {
  kind: 'select';
  isDistinct: boolean;
  top?: { count: Expr; isPercent: boolean };
  items: Item[];
  from?: Source;
  where?: Expr;
  group: Group[];
  having?: Expr;
}
export interface Compound {
  kind: 'compound';
  how: 'union' | 'union all' | 'intersect' | 'except';
  left: Body;
  right: Body;
}
/** A query in parentheses that brings an order of its own. */
export interface Nested {
  kind: 'nested';
  query: Query;
}
export type Body = Select | Compound | Nested;

export interface Query {
  body: Body;
  order: Order[];
  offset?: Expr;
  fetch?: Expr;
}
