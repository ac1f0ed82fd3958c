import { parseDuration } from '../../duration.ts';
import type { ApproveStep, Input, JsonObject } from '../../document.ts';
import type { CancelToken } from '../cancel.ts';
import { type Done, type Prepared, record, scopeOf, type StepRun, warn } from '../core.ts';
import type { AskRequest, Decision } from '../effects.ts';
import type { Fiber } from '../fibers.ts';
import { failed } from '../outcomes.ts';
import { guarded } from '../outside.ts';
import { planRest, type PlanWithHash } from '../plan.ts';
import { Fields } from '../render.ts';
import { instantText } from '../state.ts';

/** A form nobody filled: its defaults, and null for what has none. Null where the step has no form. */
export const formDefaults = (form: readonly Input[]): JsonObject | null =>
  form.length === 0 ? null : Object.fromEntries(form.map((field) => [field.name, field.default ?? null]));

export function prepareApprove(run: StepRun<ApproveStep>): Prepared {
  const { step, node, state, core } = run;
  const fields = new Fields(scopeOf(run), node.pointer);
  const message = step.message === undefined ? '' : fields.text('message', step.message);
  if (message !== '') record(core, { type: 'step.rendered', address: state.address, text: message });
  const expiresMs = fields.durationMs('expires', step.expires) ?? parseDuration('7d') ?? 0;
  const isBound = fields.boolean('bindToPlan', step.bindToPlan, false);
  const request = {
    address: state.address,
    stepId: node.id,
    roles: step.roles ?? [],
    users: step.users ?? [],
    message,
    form: step.form ?? [],
    default: step.default ?? null,
    onReject: step.onReject ?? ('fail' as const),
    quorum: fields.integer('quorum', step.quorum, 1, 1),
    notStarter: fields.boolean('notStarter', step.notStarter, false),
  };
  return {
    watchMs: fields.durationMs('timeout', step.timeout),
    attempt: (attempt, cancel) => ask(run, { ...request, attempt, expiresAt: run.nowMs + expiresMs }, isBound, cancel),
  };
}

type Question = Omit<AskRequest, 'round' | 'plan'>;

/** Asks, and asks anew as long as the plan it was bound to has changed by the time it is approved. */
function* ask(run: StepRun<ApproveStep>, question: Question, isBound: boolean, cancel: CancelToken): Fiber<Done> {
  const { core, state, step } = run;
  for (let round = 1; ; round++) {
    const plan: PlanWithHash | null = isBound ? yield* planRest(run) : null;
    state.status = 'waiting';
    record(core, { type: 'step.waiting', address: state.address, what: 'approval', until: question.expiresAt });
    const answer = yield* core.pause.cuttable(cancel, (token) =>
      guarded<Decision | { kind: 'fault'; message: string }>(
        () => core.effects.ask({ ...question, round, plan }, token),
        ({ message }) => ({ kind: 'fault', message }),
      ),
    );
    state.status = 'running';
    if (answer.kind === 'canceled') return { kind: 'canceled' };
    record(core, { type: 'step.resumed', address: state.address });
    if (answer.kind === 'fault')
      return failed(run, { code: 'step.crashed', message: answer.message, retryable: false });
    const decision = settle(run, answer);
    if (decision === null)
      return failed(run, { code: 'approval.expired', message: 'Nobody decided in time.', retryable: false });
    if (decision.decision === 'rejected' && step.onReject !== 'continue') {
      const message = decision.reason === null ? 'Rejected.' : `Rejected: ${decision.reason}`;
      const details = { by: decision.by, reason: decision.reason };
      return failed(run, { code: 'approval.rejected', message, retryable: false, details }, { output: decision });
    }
    if (decision.decision === 'approved' && plan !== null && (yield* planRest(run)).hash !== plan.hash) {
      warn(
        core,
        state.address,
        'approval.plan_changed',
        'What is still to come has changed since it was approved. It is asked anew.',
      );
      continue;
    }
    return { kind: 'succeeded', output: decision };
  }
}

/** The step's output; null where it expired and nothing decides in people's place. */
function settle(run: StepRun<ApproveStep>, answer: Exclude<Decision, { kind: 'canceled' }>) {
  const { step, core } = run;
  const at = instantText(core.effects.now());
  if (answer.kind === 'decided') {
    const form = answer.form ?? (answer.decision === 'approved' ? formDefaults(step.form ?? []) : null);
    return { decision: answer.decision, by: [...answer.by], reason: answer.reason, form, at, expired: false };
  }
  if (step.default === undefined) return null;
  const decision = step.default === 'approve' ? ('approved' as const) : ('rejected' as const);
  return { decision, by: [], reason: null, form: formDefaults(step.form ?? []), at, expired: true };
}
