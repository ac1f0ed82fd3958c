import type { JsonObject, QueryStep } from '../../document.ts';
import { evaluateBoolean } from '../../expressions/evaluate.ts';
import type { Scope } from '../../expressions/scope.ts';
import type { CancelToken } from '../cancel.ts';
import { type Done, type Prepared, record, scopeOf, type StepRun } from '../core.ts';
import type { QueryOutput, QueryReply, QueryRequest } from '../effects.ts';
import type { Fiber } from '../fibers.ts';
import { failed } from '../outcomes.ts';
import { guarded, stoppedOutside } from '../outside.ts';
import { at, Fields } from '../render.ts';

/** The fields of a query step that say what runs, rendered. */
export function renderQuery(
  step: QueryStep,
  pointer: string,
  scope: Scope,
): Omit<QueryRequest, 'address' | 'stepId' | 'attempt' | 'execution'> {
  const fields = new Fields(scope, pointer);
  const window = step.timeWindow;
  return {
    query: step.query ?? null,
    version: step.version ?? null,
    sql: step.sql ?? null,
    connection: fields.optionalText('connection', step.connection),
    unit: fields.optionalText('unit', step.unit),
    parameters: fields.map('parameters', step.parameters),
    timeWindow: window
      ? {
          from: fields.text('timeWindow/from', window.from),
          to: fields.text('timeWindow/to', window.to),
          timeZone: window.timeZone === undefined ? 'UTC' : fields.text('timeWindow/timeZone', window.timeZone),
        }
      : null,
    options: fields.map('options', step.options),
  };
}

/** Text and parameters as the log shows them: what is bound stands beside the text, never in it. */
export const shownQuery = ({ query, version, sql }: Pick<QueryRequest, 'query' | 'version' | 'sql'>): string =>
  sql ?? `${query ?? ''}${version === null ? '' : `, version ${version}`}`;

export function prepareQuery(run: StepRun<QueryStep>): Prepared {
  const { step, core, node, state } = run;
  const scope = scopeOf(run);
  const request = renderQuery(step, node.pointer, scope);
  record(core, { type: 'step.rendered', address: state.address, text: shownQuery(request) });
  return {
    watchMs: new Fields(scope, node.pointer).durationMs('timeout', step.timeout),
    attempt: (attempt, cancel) =>
      runQuery(
        run,
        { address: state.address, stepId: node.id, attempt, execution: (core.executions += 1), ...request },
        cancel,
      ),
  };
}

function* runQuery(run: StepRun<QueryStep>, request: QueryRequest, cancel: CancelToken): Fiber<Done> {
  const { core, state, step } = run;
  const reply = yield* guarded<QueryReply>(
    () => core.effects.runQuery(request, cancel),
    (error) => ({ kind: 'failed', runId: null, error }),
  );
  state.childRunId = reply.runId;
  if (reply.kind === 'canceled')
    return cancel.isCanceled ? { kind: 'canceled' } : failed(run, { ...stoppedOutside, code: 'run.canceled' });
  if (reply.kind === 'failed') {
    const details = { ...reply.error.details, ...(reply.runId === null ? {} : { runId: reply.runId }) };
    return failed(run, { ...reply.error, details }, { status: 'failed' });
  }
  const { rowCount, columns } = reply.output;
  const output: JsonObject = { rowCount, columns: columns.map(({ name, type }) => ({ name, type })) };
  if (step.expect !== undefined && !holds(run, step.expect, output))
    return failed(run, {
      code: 'query.unexpected_result',
      message: `${told(reply.output)}, which does not fit: ${step.expect}`,
      retryable: false,
      details: { rowCount, runId: reply.runId },
    });
  return { kind: 'succeeded', output };
}

/** `expect` sees what the step returns beside what all of its fields see. */
const holds = (run: StepRun<QueryStep>, expect: string, result: JsonObject): boolean =>
  at(`${run.node.pointer}/expect`, () => {
    const scope = scopeOf(run);
    return evaluateBoolean(expect, { ...scope, locals: { ...scope.locals, result } });
  });

const told = ({ rowCount }: QueryOutput): string =>
  rowCount === null ? 'The service did not count the rows' : `It gave ${rowCount} ${rowCount === 1 ? 'row' : 'rows'}`;
