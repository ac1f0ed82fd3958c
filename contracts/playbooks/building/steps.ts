/* oxlint-disable unicorn/no-thenable -- `then` is a field of the language */
import type {
  ApproveStep, AssertStep, ConnectorStep, EachStep, FailStep, HttpStep, IfStep, Json, NotifyStep, ParallelStep, PlaybookStep, QueryStep, ScriptStep, SetStep, SshStep, StepCommon,
  StepKind, SwitchStep, UploadStep,
} from '../document.ts'; // prettier-ignore
import { expr, written } from './expr.ts';
import type { Expr, Expression, Instant, JsonVal, Val } from './expr.ts';
import { declarationsOf } from './inputs.ts';
import type { InputsShape, ValueOf } from './inputs.ts';

/** What expressions read of a step. */
export type StepResult<Output> = {
  readonly status: string;
  readonly output: Output;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly hosts: { readonly [name: string]: HostResult };
  readonly startedAt: Instant;
  readonly endedAt: Instant;
};
export type HostResult = {
  readonly status: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly signal: string;
  readonly truncated: boolean;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
};

/** A step that was built. What may be read of it is on it too, so `const put = upload(…)` can be named later as `put.output`. */
export type Built<Id extends string = string, Output = unknown> = StepNode<Id> & {
  readonly [K in keyof StepResult<Output>]: Expr<StepResult<Output>[K]>;
} & { readonly made?: readonly Made[] };
export interface StepNode<Id extends string = string> {
  readonly id: Id;
  readonly kind: StepKind;
}
/** A step and its output as types, for `steps.<id>`. */
export interface Made<Id extends string = string, Output = unknown> {
  readonly id: Id;
  readonly output: Output;
}
type Nested<S> = S extends readonly (infer B)[]
  ? B extends Built<infer Id, infer Output>
    ? Made<Id, Output>
    : never
  : never;

/** Steps as `steps.<id>`, of a list that was built. */
export type StepsOf<S> = { readonly [M in Nested<S> as M['id']]: Expr<StepResult<M['output']>> };

/** Fields whose text is fixed: no expression may stand there (§3). */
type Fixed =
  | 'id'
  | 'kind'
  | 'name'
  | 'as'
  | 'roles'
  | 'users'
  | 'connector'
  | 'query'
  | 'sql'
  | 'operation'
  | 'playbook'
  | 'version'
  | 'interpreter'
  | 'script'
  | 'retry'
  | 'sudo'
  | 'undoWhen'
  | 'onReject'
  | 'default'
  | 'form'
  | 'order';
/** A field as authors may write it: the value, an expression that gives it, or parts that do. */
type Writable<T> = [T] extends [string | undefined]
  ? string | Expression<string | number | boolean | null | Instant>
  : T extends readonly (infer U)[]
    ? readonly Writable<U>[] | Expression<T>
    : T extends object
      ? { readonly [K in keyof T]: K extends Fixed ? T[K] : Writable<T[K]> } | Expression<T>
      : T | Expression<Exclude<T, string | undefined>>;
type Free<T, Own extends string = never> = {
  readonly [K in keyof Omit<T, keyof StepCommon | 'kind' | Own>]: K extends Fixed
    ? T[K & keyof T]
    : Writable<Exclude<T[K & keyof T], undefined>>;
};

type AnyBuilt = StepNode;
export interface Common<Output> extends Pick<StepCommon, 'name' | 'description' | 'retry' | 'undoWhen'> {
  readonly if?: string | Expression<boolean>;
  readonly timeout?: Val<string>;
  readonly continueOnError?: Val<boolean>;
  readonly safeToRepeat?: Val<boolean>;
  readonly sensitive?: boolean;
  readonly lock?: { readonly name: Val<string>; readonly limit?: number; readonly wait?: Val<string> };
  /** May read the step itself. */
  readonly undo?: readonly AnyBuilt[] | ((self: Expr<StepResult<Output>>) => readonly AnyBuilt[]);
  readonly onFailure?:
    | readonly AnyBuilt[]
    | ((failed: {
        readonly self: Expr<StepResult<Output>>;
        readonly error: Expr<{ readonly code: string; readonly message: string }>;
      }) => readonly AnyBuilt[]);
}

const results: readonly (keyof StepResult<unknown>)[] = [
  'status',
  'output',
  'error',
  'attempts',
  'hosts',
  'startedAt',
  'endedAt',
];

/** The step's fields are kept apart from what may be read of it: `hosts` is the name of both a field and a result. */
function build<Id extends string, Output>(
  id: Id,
  kind: StepKind,
  { undo, onFailure, ...fields }: Common<Output>,
  own: object = {},
): Built<Id, Output> {
  const self = expr<StepResult<Output>>(`steps.${id}`);
  const step = {
    id,
    kind,
    ...own,
    ...fields,
    ...(undo === undefined ? {} : { undo: typeof undo === 'function' ? undo(self) : undo }),
    ...(onFailure === undefined
      ? {}
      : { onFailure: typeof onFailure === 'function' ? onFailure({ self, error: expr('error') }) : onFailure }),
  };
  const readable = Object.fromEntries(results.map((result) => [result, expr(`steps.${id}.${result}`)]));
  return { id, kind, ...readable, [written]: step } as unknown as Built<Id, Output>;
}

export type HostsOutput = {
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  /** Where the step has exactly one host. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
};
type Env = { readonly env?: { readonly [name: string]: JsonVal }; readonly stdin?: string | Expression<unknown> };

export const ssh = <const Id extends string>(
  id: Id,
  fields: Free<SshStep, 'env' | 'stdin'> & Env & Common<HostsOutput>,
): Built<Id, HostsOutput> => build(id, 'ssh', fields);
export const script = <const Id extends string>(
  id: Id,
  fields: Free<ScriptStep, 'env' | 'stdin' | 'args'> &
    Env & { readonly args?: readonly JsonVal[] | Expression<readonly unknown[]> } & Common<HostsOutput>,
): Built<Id, HostsOutput> => build(id, 'script', fields);
export const upload = <const Id extends string>(
  id: Id,
  fields: Free<UploadStep> & Common<HostsOutput>,
): Built<Id, HostsOutput> => build(id, 'upload', fields);

export type HttpOutput<Body> = {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Body;
  readonly bytes: number;
  readonly truncated: boolean;
};
type HttpFields = Free<HttpStep, 'headers' | 'body' | 'auth' | 'query'> & {
  readonly [K in 'headers' | 'auth' | 'query']?: { readonly [name: string]: JsonVal };
} & { readonly body?: JsonVal };
/** `http<{id: number}>()('order', …)` types the answer's body; `http('order', …)` leaves it unknown. */
export function http<Body>(): <const Id extends string>(
  id: Id,
  fields: HttpFields & Common<HttpOutput<Body>>,
) => Built<Id, HttpOutput<Body>>;
export function http<const Id extends string>(
  id: Id,
  fields: HttpFields & Common<HttpOutput<Json>>,
): Built<Id, HttpOutput<Json>>;
export function http(id?: string, fields?: HttpFields & Common<never>): unknown {
  const make = (name: string, given: HttpFields & Common<never>): unknown => build(name, 'http', given);
  return id === undefined || fields === undefined ? make : make(id, fields);
}

export const connector = <Output = Json, const Id extends string = string>(
  id: Id,
  fields: Free<ConnectorStep, 'params'> & { readonly params?: { readonly [name: string]: JsonVal } } & Common<Output>,
): Built<Id, Output> => build(id, 'connector', fields);

export type QueryResult = {
  /** Null: the service did not count them. */
  readonly rowCount: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
};
type QueryFields = Omit<Free<QueryStep, 'query' | 'sql' | 'parameters' | 'expect' | 'connection'>, 'version'> & {
  readonly parameters?: { readonly [name: string]: JsonVal };
  /** CEL over `result`. */
  readonly expect?: string | Expression<boolean>;
};
/** A saved query by its name or id, or a text of its own with the connection it runs on. */
export const query = <const Id extends string>(
  id: Id,
  fields: (
    | { readonly query: string; readonly version?: number; readonly connection?: Val<string> }
    | { readonly sql: string; readonly connection: Val<string> }
  ) &
    QueryFields &
    Common<QueryResult>,
): Built<Id, QueryResult> => build(id, 'query', fields);

export type NotifyOutput = { readonly delivered: readonly string[]; readonly failed: readonly string[] };
export const notify = <const Id extends string>(
  id: Id,
  fields: Free<NotifyStep, 'to'> & {
    readonly to:
      | readonly (string | Expression<string> | { readonly [key: string]: JsonVal })[]
      | Expression<readonly string[]>;
  } & Common<NotifyOutput>,
): Built<Id, NotifyOutput> => build(id, 'notify', fields);

export type ApproveOutput<Form> = {
  readonly decision: 'approved' | 'rejected';
  readonly by: readonly string[];
  readonly reason: string;
  readonly form: Form;
  readonly at: Instant;
  readonly expired: boolean;
};
export const approve = <const Id extends string, const F extends InputsShape = Record<never, never>>(
  id: Id,
  {
    form,
    ...fields
  }: Free<ApproveStep, 'form'> & { readonly form?: F } & Common<
      ApproveOutput<{ readonly [K in keyof F]: ValueOf<F[K]> }>
    >,
): Built<Id, ApproveOutput<{ readonly [K in keyof F]: ValueOf<F[K]> }>> =>
  build(id, 'approve', fields, form ? { form: declarationsOf(form) } : {});

export const wait = <const Id extends string>(
  id: Id,
  fields: (
    | { readonly for: Val<string> | Expression<unknown> }
    | { readonly until: Val<string> | Expression<Instant> }
  ) &
    Common<{ readonly waitedMs: number }>,
): Built<Id, { readonly waitedMs: number }> => build(id, 'wait', fields);

type Branches = readonly (readonly AnyBuilt[])[];
export const parallel = <const Id extends string>(
  id: Id,
  branches: Branches,
  fields: Free<ParallelStep, 'branches'> & Common<{ readonly branches: readonly { readonly status: string }[] }> = {},
): Built<Id, { readonly branches: readonly { readonly status: string }[] }> =>
  build(id, 'parallel', fields, { branches });

export type EachOutput<Collected> = {
  readonly items: readonly Collected[];
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
};
export interface Turn<T> {
  readonly item: Expr<T>;
  readonly index: Expr<number>;
}
/** Runs steps for each item; `as` gives the item the name under which expressions read it. */
export function each<const Id extends string, T, Collected = Json>(
  id: Id,
  {
    collect,
    ...fields
  }: Free<EachStep, 'items' | 'steps' | 'collect'> & {
    readonly items: Expression<readonly T[]> | readonly T[];
    readonly collect?: (turn: Turn<T>) => Expression<Collected>;
  } & Common<EachOutput<Collected>>,
  steps: (turn: Turn<T>) => readonly AnyBuilt[],
): Built<Id, EachOutput<Collected>> {
  const name = fields.as ?? 'item';
  const turn: Turn<T> = {
    item: expr<T>(name),
    index: expr<number>(fields.as === undefined ? 'index' : `${name}Index`),
  };
  return build(id, 'each', fields, { steps: steps(turn), ...(collect ? { collect: collect(turn) } : {}) });
}

export type IfOutput = { readonly branch: 'then' | 'else' };
export const iff = <const Id extends string>(
  id: Id,
  condition: string | Expression<boolean>,
  then: readonly AnyBuilt[],
  otherwise?: readonly AnyBuilt[],
  fields: Free<IfStep, 'condition' | 'then' | 'else'> & Common<IfOutput> = {},
): Built<Id, IfOutput> => build(id, 'if', fields, { condition, then, ...(otherwise ? { else: otherwise } : {}) });

export type SwitchOutput = { readonly case: number };
export const switchOn = <const Id extends string, T extends Json>(
  id: Id,
  on: Expression<T>,
  cases: readonly { readonly when: T | readonly T[]; readonly steps: readonly AnyBuilt[] }[],
  otherwise?: readonly AnyBuilt[],
  fields: Free<SwitchStep, 'on' | 'cases' | 'default'> & Common<SwitchOutput> = {},
): Built<Id, SwitchOutput> => build(id, 'switch', fields, { on, cases, ...(otherwise ? { default: otherwise } : {}) });

type That =
  | string
  | Expression<boolean>
  | { readonly that: string | Expression<boolean>; readonly message?: Val<string> };
export const assert = <const Id extends string>(
  id: Id,
  that: That | readonly That[],
  fields: Free<AssertStep, 'that'> & Common<{ readonly passed: number }> = {},
): Built<Id, { readonly passed: number }> => build(id, 'assert', fields, { that });

type Given<V> = { readonly [K in keyof V]: V[K] extends Expression<infer T> ? T : V[K] };
export const set = <const Id extends string, const V extends { readonly [name: string]: JsonVal }>(
  id: Id,
  values: V,
  fields: Free<SetStep, 'values'> & Common<Given<V>> = {},
): Built<Id, Given<V>> => build(id, 'set', fields, { values });

/** A playbook as another one sees it: what it takes and what it gives. */
export interface Callable<I extends InputsShape, O> {
  readonly name: string;
  readonly takes?: I;
  readonly outputs?: O;
}
type GivenInputs<I extends InputsShape> = { readonly [K in keyof I]?: Val<ValueOf<I[K]>> };
export const playbook = <const Id extends string, I extends InputsShape, O>(
  id: Id,
  other: Callable<I, O>,
  fields: Free<PlaybookStep, 'playbook' | 'inputs'> & { readonly inputs?: GivenInputs<I> } & Common<O>,
): Built<Id, O> => build(id, 'playbook', fields, { playbook: other.name });

export const fail = <const Id extends string>(
  id: Id,
  message: Val<string>,
  fields: Free<FailStep, 'message'> & Common<never> = {},
): Built<Id, never> => build(id, 'fail', fields, { message });

/**
 * Steps one after the other where each may read those before it by `steps.<id>`, and only those:
 * `inOrder(ssh('a', …), ({ steps }) => set('b', { ok: steps.a.output.succeeded }))`.
 */
export function inOrder<const A extends AnyBuilt>(a: A): readonly [A];
export function inOrder<const A extends AnyBuilt, const B extends AnyBuilt>(a: A, b: After<[A], B>): readonly [A, B];
export function inOrder<const A extends AnyBuilt, const B extends AnyBuilt, const C extends AnyBuilt>(
  a: A,
  b: After<[A], B>,
  c: After<[A, B], C>,
): readonly [A, B, C];
export function inOrder<const A extends AnyBuilt, const B extends AnyBuilt, const C extends AnyBuilt, const D extends AnyBuilt>(
  a: A, b: After<[A], B>, c: After<[A, B], C>, d: After<[A, B, C], D>,
): readonly [A, B, C, D]; // prettier-ignore
export function inOrder<const A extends AnyBuilt, const B extends AnyBuilt, const C extends AnyBuilt, const D extends AnyBuilt, const E extends AnyBuilt>(
  a: A, b: After<[A], B>, c: After<[A, B], C>, d: After<[A, B, C], D>, e: After<[A, B, C, D], E>,
): readonly [A, B, C, D, E]; // prettier-ignore
export function inOrder<const A extends AnyBuilt, const B extends AnyBuilt, const C extends AnyBuilt, const D extends AnyBuilt, const E extends AnyBuilt, const F extends AnyBuilt>(
  a: A, b: After<[A], B>, c: After<[A, B], C>, d: After<[A, B, C], D>, e: After<[A, B, C, D], E>, f: After<[A, B, C, D, E], F>,
): readonly [A, B, C, D, E, F]; // prettier-ignore
export function inOrder(
  first: AnyBuilt,
  ...rest: readonly After<readonly AnyBuilt[], AnyBuilt>[]
): readonly AnyBuilt[] {
  const steps = expr<never>('steps') as never;
  return [first, ...rest.map((next) => next({ steps }))];
}
type After<Before extends readonly AnyBuilt[], Next> = (before: { readonly steps: StepsOf<Before> }) => Next;
