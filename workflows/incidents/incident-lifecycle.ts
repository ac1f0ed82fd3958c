import {
  allHandlersFinished, ApplicationFailure, condition, continueAsNew, currentUpdateInfo, defineSignal, defineUpdate, proxyLocalActivities,
  setHandler, sleep, workflowInfo,
} from '@temporalio/workflow'; // prettier-ignore
import type { IncidentActivities } from '#activities/incidents/lifecycle.ts';
import {
  type IncidentAct,
  type IncidentAnswer,
  IncidentLifecycle,
  type IncidentRef,
  type IncidentSignal,
  type IncidentStanding,
} from '#contracts/incidents/lifecycle.ts';
import { allowedMoves, canMerge, refuseMove } from '#contracts/incidents/states.ts';
import { bookkeeping } from '../kit/retry.ts';

type Act<A extends IncidentAct['act']> = Extract<IncidentAct, { act: A }>;
const { update, signal } = IncidentLifecycle;
export const moveUpdate = defineUpdate<IncidentAnswer, [Act<'move'>]>(update.move);
export const changeUpdate = defineUpdate<IncidentAnswer, [Act<'change'>]>(update.change);
export const escalateUpdate = defineUpdate<IncidentAnswer, [Act<'escalate'>]>(update.escalate);
export const mergeUpdate = defineUpdate<IncidentAnswer, [Act<'merge'>]>(update.merge);
export const incidentTold = defineSignal<[IncidentSignal]>(signal.told);

const { lookAtIncident, actOnIncident } = proxyLocalActivities<IncidentActivities>(bookkeeping);

/**
 * Tends one incident while anybody may still be at work on it. It owns time: it looks when a clock or an escalation is due
 * and when it is told that something has changed, and it alone lets people's acts through, one after the other. All that
 * must survive is in the incident's row, which lists read; so it can be started anew from that at any time. Where nothing
 * can become due it waits without a timer, for weeks and months: also once the incident is closed, for it may be reopened.
 */
export async function incidentLifecycle({ workspaceId, incidentId }: IncidentRef): Promise<void> {
  const ref: IncidentRef = { workspaceId, incidentId };
  const known: { standing: IncidentStanding | null } = { standing: null };
  let mustLook = true;
  const know = (found: IncidentStanding): void => {
    if (!known.standing || found.revision >= known.standing.revision) known.standing = found;
  };
  const perform = async (act: IncidentAct): Promise<IncidentAnswer> => {
    const actId = currentUpdateInfo()?.id ?? '';
    const answer = await actOnIncident(ref, act, { actId, at: Date.now() });
    if (answer.isDone) know(answer.standing);
    return answer;
  };
  setHandler(incidentTold, () => void (mustLook = true));
  setHandler(moveUpdate, perform, {
    // Refused here it leaves no trace in the history. The row's own state decides for what comes before the first look.
    // Whether a move may be taken back, the story says.
    validator: ({ to, reason, takesBack }) => {
      const refused = known.standing && !takesBack && refuseMove(known.standing.state, to, reason);
      if (refused) throw refusal(refused.code, { from: refused.from, to, allowed: allowedMoves(refused.from) });
    },
  });
  setHandler(changeUpdate, perform);
  setHandler(escalateUpdate, perform);
  setHandler(mergeUpdate, perform, {
    validator: (_act) => {
      const from = known.standing?.state;
      if (from && !canMerge(from))
        throw refusal('incident.move_refused', { from, to: 'merged', allowed: allowedMoves(from) });
    },
  });

  for (;;) {
    if (mustLook) {
      mustLook = false;
      const found = await lookAtIncident(ref, Date.now());
      if (!found) break;
      know(found);
    }
    const now = known.standing;
    if (!now) continue;
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      return await continueAsNew<typeof incidentLifecycle>(ref);
    }
    const hasNews = (): boolean => mustLook || known.standing !== now || workflowInfo().continueAsNewSuggested;
    if (now.nextAt === null) await condition(hasNews);
    else {
      const waitMs = now.nextAt - Date.now();
      if (waitMs <= 0 || !(await condition(hasNews, waitMs))) mustLook = true;
    }
  }
  // What was asked of it is answered in a task before the one that ends it: of both at once the server makes a failed task.
  await condition(allHandlersFinished);
  await sleep('1 second');
  await condition(allHandlersFinished);
}

const refusal = (code: string, details: Record<string, unknown>): ApplicationFailure =>
  ApplicationFailure.create({ type: code, message: code, details: [details], nonRetryable: true });
