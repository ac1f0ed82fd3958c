import type { PlaybookStep } from '../../document.ts';
import type { CancelToken } from '../cancel.ts';
import { type Done, type Prepared, scopeOf, type StepRun } from '../core.ts';
import type { ChildReply, ChildRequest } from '../effects.ts';
import type { Fiber } from '../fibers.ts';
import { overLimit } from '../failures.ts';
import { limits } from '../../limits.ts';
import { failed } from '../outcomes.ts';
import { guarded, stoppedOutside } from '../outside.ts';
import { Fields } from '../render.ts';

export function preparePlaybook(run: StepRun<PlaybookStep>): Prepared {
  const { step, core, node, state } = run;
  const fields = new Fields(scopeOf(run), node.pointer);
  const depth = (core.input.depth ?? 0) + 1;
  if (depth > limits.subRunDepth) throw overLimit('subRunDepth', limits.subRunDepth, depth, node.pointer);
  const inputs = fields.map('inputs', step.inputs, true);
  return {
    watchMs: fields.durationMs('timeout', step.timeout),
    attempt: (attempt, cancel) =>
      runChild(
        run,
        {
          address: state.address,
          stepId: node.id,
          attempt,
          execution: (core.executions += 1),
          playbook: step.playbook,
          version: step.version ?? null,
          inputs,
          depth,
        },
        cancel,
      ),
  };
}

function* runChild(run: StepRun<PlaybookStep>, request: ChildRequest, cancel: CancelToken): Fiber<Done> {
  const { core, state } = run;
  const reply = yield* guarded<ChildReply>(
    () => core.effects.startPlaybook(request, cancel),
    (error) => ({ kind: 'failed', runId: null, error }),
  );
  state.childRunId = reply.runId;
  if (reply.kind === 'succeeded') return { kind: 'succeeded', output: reply.outputs };
  if (reply.kind === 'canceled')
    return cancel.isCanceled ? { kind: 'canceled' } : failed(run, { ...stoppedOutside, code: 'run.canceled' });
  const details = { ...reply.error.details, ...(reply.runId === null ? {} : { runId: reply.runId }) };
  return failed(run, { ...reply.error, details }, { status: 'failed' });
}
