import type { Json } from '../document.ts';

declare const type: unique symbol;
const source = Symbol('source');
/** Under it stands what is written to the document, where that differs from what can be read of a built thing. */
export const written = Symbol('written');

/** A secret as a type: it can be passed on where secrets may stand, and nowhere else. */
export interface SecretValue {
  readonly [type]: 'secret';
}
/** An instant and a span of time, as CEL has them. */
export interface Instant {
  readonly [type]: 'instant';
}
export interface Span {
  readonly [type]: 'span';
}

/** Whatever text and commands can show: everything but a secret. */
export type Showable = Json | Instant | Span;

/** A typed CEL expression. It stands for a value that is known only when the playbook runs. */
export interface Expression<T> {
  readonly [source]: string;
  readonly [type]?: T;
}

/** What can be selected from an expression: the fields of a map, the elements of a list. */
type Parts<T> = T extends Instant | Span | SecretValue | string | number | boolean | null
  ? unknown
  : T extends readonly (infer U)[]
    ? { readonly [index: number]: Expr<U> }
    : T extends object
      ? { readonly [K in keyof T]-?: Expr<Exclude<T[K], undefined>> }
      : unknown;

/** An expression whose fields can be selected: `steps.a.output.succeeded`, `inputs.service`. */
export type Expr<T> = Expression<T> & Parts<T>;

/** A value, or an expression that gives it. */
export type Val<T> = T | Expression<T>;
/** JSON with expressions in it, secrets too where they may stand. */
export type JsonVal =
  | null
  | boolean
  | number
  | string
  | Expression<unknown>
  | readonly JsonVal[]
  | { readonly [key: string]: JsonVal };

export const isExpression = (value: unknown): value is Expression<unknown> =>
  (typeof value === 'object' || typeof value === 'function') && value !== null && source in value;
export const sourceOf = (expression: Expression<unknown>): string => expression[source];

const word = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** An expression of this CEL. Selecting from it makes a longer one; nothing is evaluated. */
export function expr<T>(cel: string): Expr<T> {
  const base = { [source]: cel };
  return new Proxy(base, {
    get: (target, key) => {
      if (key === source) return target[source];
      if (typeof key === 'symbol') return undefined;
      if (/^\d+$/.test(key)) return expr(`${cel}[${key}]`);
      return expr(word.test(key) ? `${cel}.${key}` : `${cel}[${JSON.stringify(key)}]`);
    },
    has: (_target, key) => key === source,
    ownKeys: () => [],
  }) as unknown as Expr<T>;
}

/** CEL in a template literal; expressions in it are written out, other values become CEL literals. */
export function cel<T = unknown>(
  strings: TemplateStringsArray,
  ...values: readonly (Expression<unknown> | string | number | boolean | null)[]
): Expr<T> {
  const parts = strings.map((part, at) => part + (at < values.length ? celOf(values[at] ?? null) : ''));
  return expr<T>(parts.join('').trim());
}

const celOf = (value: Expression<unknown> | string | number | boolean | null): string =>
  isExpression(value) ? sourceOf(value) : JSON.stringify(value);

/** The expression as a template of the document. */
export const templateOf = (expression: Expression<unknown>): string => `\${{ ${sourceOf(expression)} }}`;

/** Literal text of the document: a `${{` that is meant as such is escaped. */
export const literal = (part: string): string => part.replaceAll('${{', () => '$${{');

export const joined = (strings: TemplateStringsArray, values: readonly Expression<unknown>[]): string =>
  strings
    .map((part, at) => {
      const value = values[at];
      return literal(part) + (value === undefined ? '' : templateOf(value));
    })
    .join('');

/** Shell text: each expression becomes quoted words when the command is rendered. A secret is refused by its type. */
export const sh = (strings: TemplateStringsArray, ...values: readonly Expression<Showable>[]): string =>
  joined(strings, values);

/** `raw(x)` of a command: the text unquoted. */
export const raw = (value: Expression<Showable>): Expr<string> => expr(`raw(${sourceOf(value)})`);

const celFields = new Set(['if', 'condition', 'that', 'on', 'visible', 'json', 'expect']);

/** Plain JSON of what was built: expressions become templates, in CEL fields bare CEL; absent fields are left out. */
export function plain(value: unknown, key = ''): Json {
  if (isExpression(value)) return celFields.has(key) ? sourceOf(value) : templateOf(value);
  if (Array.isArray(value)) return value.map((part) => plain(part, key));
  if (typeof value !== 'object' || value === null) return value as Json;
  if (written in value) return plain(value[written]);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, plain(part, name)]),
  );
}
