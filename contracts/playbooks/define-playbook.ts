import { expr, plain } from './building/expr.ts';
import type { Expr, Expression, Instant, JsonVal, SecretValue } from './building/expr.ts';
import { declarationsOf } from './building/inputs.ts';
import type { InputsShape, ValueOf } from './building/inputs.ts';
import type { Callable, StepNode, StepsOf } from './building/steps.ts';
import type { Concurrency, JsonObject, Playbook, UndoReason } from './document.ts';
import { validatePlaybook } from './validate.ts';

export { cel, raw, sh } from './building/expr.ts';
export type { Expr } from './building/expr.ts';
export {
  boolean,
  choice,
  date,
  datetime,
  duration,
  integer,
  list,
  multiChoice,
  number,
  object,
  secret,
  server,
  servers,
  string,
  text,
} from './building/inputs.ts';
export {
  approve,
  assert,
  connector,
  each,
  fail,
  http,
  iff,
  inOrder,
  notify,
  parallel,
  playbook,
  query,
  script,
  set,
  ssh,
  switchOn,
  upload,
  wait,
} from './building/steps.ts';

/** `run` as expressions see it. */
type Run = {
  readonly id: string;
  readonly title: string;
  readonly trigger: string;
  readonly actor: { readonly name: string; readonly email: string };
  readonly startedAt: Instant;
  readonly dryRun: boolean;
  readonly url: string;
  readonly playbook: { readonly name: string; readonly version: number };
};
type EndedRun = Run & {
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string; readonly step: string };
};

interface Names<I extends InputsShape> {
  readonly inputs: { readonly [K in keyof I]: Expr<ValueOf<I[K]>> };
  readonly run: Expr<Run>;
  /** A secret of the workspace by its name. */
  readonly secret: (name: string) => Expression<SecretValue>;
  /** A variable of the workspace by its name. */
  readonly variable: <T = string>(name: string) => Expr<T>;
}

/**
 * Steps by id within the list that they are part of. TypeScript can't know the ids of a list that it is still reading,
 * so they are unchecked here; the definition is checked as a whole when it is made. Where the compiler is to check
 * them, name the step (`const put = upload(…)`, then `put.output`) or use `inOrder`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type UncheckedSteps = any;

export interface PlaybookSource<
  I extends InputsShape,
  S extends readonly StepNode[],
  O extends { readonly [name: string]: JsonVal },
> {
  readonly name: string;
  readonly description?: string;
  readonly inputs?: I;
  readonly steps: (names: Names<I> & { readonly steps: UncheckedSteps }) => S;
  readonly outputs?: (names: Names<I> & { readonly steps: StepsOf<S> }) => O;
  readonly timeout?: string;
  readonly concurrency?: Omit<Concurrency, 'key'> & {
    readonly key?: string | ((names: Names<I>) => string | Expression<string>);
  };
  readonly undoOn?: readonly UndoReason[];
  readonly finally?: (
    names: Omit<Names<I>, 'run'> & { readonly steps: StepsOf<S>; readonly run: Expr<EndedRun> },
  ) => readonly StepNode[];
}

type OutputValues<O> = { readonly [K in keyof O]: O[K] extends Expression<infer T> ? T : O[K] };

export interface DefinedPlaybook<I extends InputsShape, O> extends Callable<I, O> {
  /** The document: the same that the editor saves. */
  readonly definition: Playbook;
}

/**
 * A playbook written in TypeScript (§13). It makes the document at once and nothing of it runs at run time. Throws,
 * with every error, where the document would not pass the check of a save.
 */
export function definePlaybook<
  const I extends InputsShape = Record<never, never>,
  const S extends readonly StepNode[] = readonly StepNode[],
  const O extends { readonly [name: string]: JsonVal } = Record<never, never>,
>(source: PlaybookSource<I, S, O>): DefinedPlaybook<I, OutputValues<O>> {
  const { name, description, timeout, undoOn, concurrency } = source;
  const names: Names<I> = {
    inputs: expr('inputs') as unknown as Names<I>['inputs'],
    run: expr<Run>('run'),
    secret: (secret) => expr<SecretValue>(`secrets.${secret}`),
    variable: (variable) => expr(`vars.${variable}`),
  };
  const steps = expr<JsonObject>('steps') as unknown as StepsOf<S>;
  const key = typeof concurrency?.key === 'function' ? concurrency.key(names) : concurrency?.key;
  const definition = plain({
    name,
    description,
    inputs: source.inputs && declarationsOf(source.inputs),
    steps: source.steps({ ...names, steps }),
    outputs: source.outputs?.({ ...names, steps }),
    timeout,
    concurrency: concurrency && { ...concurrency, key },
    undoOn,
    finally: source.finally?.({ ...names, steps, run: expr<EndedRun>('run') }),
  }) as unknown as Playbook;
  const { valid, errors } = validatePlaybook(definition);
  if (!valid)
    throw new Error(
      `The playbook ${name} is not valid:\n${errors.map(({ code, path, message }) => `  ${path} ${code}: ${message}`).join('\n')}`,
    );
  return { name, definition };
}
