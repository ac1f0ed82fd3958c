import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import type { Firing, FiringBegun, RunState } from '#contracts/schedules/fire-schedule.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { InputsRefused, runInputContext, startPlaybookRun } from '#db/playbooks/start-playbook-run.ts';
import { endRun, requestCancel } from '#db/runs/end-run.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import { closeFiring, lockFiring, recordFired, recordNotStarted } from '#db/schedules/firings.ts';
import { readLateMarks } from '#db/schedules/late-marks.ts';
import { startSavedQuery } from '#db/queries/start-saved-query.ts';
import { type ScheduleRow, readScheduleRow, scheduleSeal, targetOf } from '#db/schedules/schedules.ts';
import type { ActivityTools } from '../kit/tools.ts';
import { whileBeating } from '../kit/while-beating.ts';
import type { ScheduleTroubleTeller } from './tell-trouble.ts';

export type ScheduleActivities = ReturnType<typeof scheduleActivities>;

export interface ScheduleActivityTools extends Pick<ActivityTools, 'vault' | 'inTenant' | 'startRuns'> {
  cancelWorkflow: (workspaceId: string, runId: string) => Promise<unknown>;
  tellTrouble: ScheduleTroubleTeller;
}

const watchMs = 10 * 60_000;
const lookEveryMs = 1_000;

/** Activities of `fireSchedule`. */
export const scheduleActivities = ({
  vault,
  inTenant,
  startRuns,
  cancelWorkflow,
  tellTrouble,
}: ScheduleActivityTools) => ({
  /** Repeatable: a run is unique by schedule and nominal time, and a repeated call finds the one that is there. */
  async insertScheduledRun(firing: Firing): Promise<FiringBegun> {
    const { workspaceId, scheduleId } = firing;
    const nominalAt = new Date(firing.nominalAt);
    try {
      const { begun, others } = await inTenant(workspaceId, async (tx) => {
        const fired = await lockFiring(tx, scheduleId, nominalAt);
        const schedule = await readScheduleRow(tx, scheduleId);
        if (fired?.runId)
          return { begun: await withMarks(tx, await beginAgain(tx, fired.runId), schedule), others: [] };
        if (!schedule) return { begun: none('The schedule was removed.'), others: [] };
        return startOne(tx, schedule, nominalAt);
      });
      startRuns(others);
      return begun;
    } catch (error) {
      const problem = problemOf(error);
      if (!problem) throw error; // the database is away, say: tried again
      const name = await inTenant(workspaceId, async (tx) => {
        const schedule = await readScheduleRow(tx, scheduleId);
        if (schedule) await recordNotStarted(tx, { scheduleId, name: schedule.name, nominalAt, error: problem });
        return schedule?.name;
      });
      return name === undefined ? none(problem.message) : { ...none(problem.message), problem };
    }

    /** The answer was lost, or the worker: what was begun is taken up again. */
    async function beginAgain(tx: TenantTx, runId: string): Promise<FiringBegun> {
      const run = await tx.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst();
      if (!run || isEnded(run.status)) return none('Its run has ended.');
      if (run.admittedAt === null || run.status !== 'queued' || run.sealedInput === null)
        return { outcome: 'wait', runId };
      const input: unknown = JSON.parse(
        (await vault.open(run.sealedInput, runInputContext(workspaceId, runId))).reveal(),
      );
      const subject = run.subjectKind === null ? null : `${run.subjectKind}:${run.subjectId}`;
      return {
        outcome: 'child',
        runId,
        workflowType: run.workflowType,
        taskQueue: run.taskQueue,
        kind: run.kind,
        subject,
        input,
      };
    }

    async function startOne(
      tx: TenantTx,
      schedule: ScheduleRow,
      at: Date,
    ): Promise<{ begun: FiringBegun; others: RunRef[] }> {
      const inputs = JSON.parse(
        (await vault.open(schedule.sealedInputs, scheduleSeal(workspaceId, scheduleId))).reveal(),
      ) as JsonObject;
      const actor: ActorRef = { kind: 'system', id: null, name: schedule.name };
      const target = targetOf({ ...schedule, inputs: inputs as Record<string, Json> });
      const common = { workspaceId, trigger: 'schedule', triggerId: scheduleId, actor } as const;
      const started =
        target.kind === 'query'
          ? await startSavedQuery(tx, vault, { ...common, target, ownerId: schedule.createdBy.id, at })
          : await startPlaybookRun(tx, vault, {
              ...common,
              playbook: { id: target.id },
              ...(target.version != null && { version: target.version }),
              inputs,
            });
      await recordFired(tx, { scheduleId, name: schedule.name, nominalAt: at, runId: started.runId });
      const own = started.admitted.find(({ id }) => id === started.runId);
      const others = started.admitted.filter(({ id }) => id !== started.runId);
      const begun: FiringBegun = own ? asChild(own, started.input) : { outcome: 'wait', runId: started.runId };
      return { begun: await withMarks(tx, begun, schedule), others };
    }

    async function withMarks(
      tx: TenantTx,
      begun: FiringBegun,
      schedule: ScheduleRow | undefined,
    ): Promise<FiringBegun> {
      if (begun.outcome === 'none' || schedule?.targetKind !== 'query') return begun;
      const late = await readLateMarks(tx, begun.runId, { ...schedule, nominalAt });
      return late.length === 0 ? begun : { ...begun, late };
    }
  },

  /** Repeatable: each message is keyed by time and reader. */
  tellNotStarted: ({ workspaceId, scheduleId, nominalAt, problem }: Firing & { problem: RunError }): Promise<void> =>
    whileBeating(() => tellTrouble({ workspaceId, scheduleId, nominalAt: new Date(nominalAt), problem })),

  /** Whether a run ended while we watched; ten minutes at a time. */
  awaitRunEnd: ({ workspaceId, runId }: { workspaceId: string; runId: string }): Promise<boolean> =>
    whileBeating(async (signal) => {
      const until = Date.now() + watchMs;
      while (!signal.aborted && Date.now() < until) {
        const run = await inTenant(workspaceId, (tx) =>
          tx.selectFrom('runs').select('status').where('id', '=', runId).executeTakeFirst(),
        );
        if (!run || isEnded(run.status)) return true;
        await pause(lookEveryMs, signal);
      }
      return false;
    }),

  /** Repeatable. A newer time takes this one's place (`cancel_other`), or somebody canceled the firing. */
  async cancelScheduledRun({
    workspaceId,
    runId,
    how,
  }: {
    workspaceId: string;
    runId: string;
    how: RunState;
  }): Promise<void> {
    const actor: ActorRef = { kind: 'system', id: null, name: 'Schedule' };
    const reason = 'The next time of its schedule has come.';
    const { admitted, mustTell } = await inTenant(workspaceId, async (tx) => {
      const wish = await requestCancel(tx, runId, { actor, reason });
      if (how !== 'not_begun' || !wish?.mustTell)
        return { admitted: wish?.admitted ?? [], mustTell: wish?.mustTell ?? false };
      // Nobody starts it now: it ends here. A sweep that was quicker finds it ended and stops.
      const ended = await endRun(tx, runId, {
        status: 'canceled',
        actor,
        error: { code: 'run.canceled', message: reason },
      });
      return { admitted: ended.admitted, mustTell: true };
    });
    startRuns(admitted);
    // A child hears of it by its parent.
    if (mustTell && how !== 'child') await cancelWorkflow(workspaceId, runId);
  },

  async endFiring({ workspaceId, scheduleId, nominalAt }: Firing): Promise<void> {
    await inTenant(workspaceId, (tx) => closeFiring(tx, scheduleId, new Date(nominalAt)));
  },
});

const none = (reason: string) => ({ outcome: 'none', reason }) as const;

const asChild = (ref: RunRef, input: unknown): FiringBegun => ({
  outcome: 'child', runId: ref.id, workflowType: ref.workflowType, taskQueue: ref.taskQueue, kind: ref.kind, subject: ref.subject, input,
}); // prettier-ignore

/** What stands in the way of a start for good; undefined for what may pass. */
function problemOf(error: unknown): RunError | undefined {
  if (error instanceof InputsRefused)
    return { code: error.code, message: error.message, details: error.details as unknown as Json };
  if (error instanceof Refusal) {
    if (error.code === 'request.not_found')
      return { code: 'schedule.target_unknown', message: new Refusal('schedule.target_unknown').message };
    return { code: error.code, message: error.message };
  }
  return undefined;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
