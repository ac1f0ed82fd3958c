import type { AskApproval } from '#contracts/approvals/ask-approval.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { fillSecrets, secretRefsIn } from '#contracts/playbooks/expressions/scope.ts';
import type { Json, JsonObject } from '#contracts/playbooks/document.ts';
import type { ChildRequest, ChosenHosts, RenderedSelection } from '#contracts/playbooks/engine/effects.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import type { Plan } from '#contracts/playbooks/playbooks.ts';
import { type PinnedPlaybook, RunPlaybook, type RunPlaybookInput } from '#contracts/playbooks/run-playbook.ts';
import type { RecordOutcome, RunRecord } from '#contracts/runs/record-run.ts';
import {
  answersSeal,
  approvalOutcome,
  askApproval,
  expireApproval,
  withdrawApproval,
} from '#db/approvals/ask-approval.ts';
import { childRunOf } from '#db/playbooks/child-run.ts';
import { pinKey } from '#db/playbooks/pins.ts';
import { hashSecrets, planRun, selectServers } from '#db/playbooks/plan-run.ts';
import { keepSealedOutput, openReferences } from '#db/playbooks/run-secrets.ts';
import { keepSnapshotPart, readSnapshotPart } from '#db/playbooks/run-snapshots.ts';
import { InputsRefused, startPlaybookRun } from '#db/playbooks/start-playbook-run.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { endRun } from '#db/runs/end-run.ts';
import { recordRun } from '#db/runs/record-run.ts';
import { acquireLock, releaseLock } from '#db/runs/run-locks.ts';
import type { ActivityTools } from '../kit/tools.ts';

export type BookkeepingActivities = ReturnType<typeof bookkeepingActivities>;

interface OfRun {
  workspaceId: string;
  runId: string;
}
export interface ChildCall {
  workspaceId: string;
  parentRunId: string;
  rootRunId: string;
  pins: Record<string, PinnedPlaybook>;
  actor: ActorRef;
  actorEmail: string;
  request: ChildRequest;
}
export type PreparedChild = { ok: true; input: RunPlaybookInput } | { ok: false; error: ErrorFacts };

/** The decision as the workflow needs it. */
export interface SettledApproval {
  decision: 'approved' | 'rejected';
  by: string[];
  reason: string | null;
  form: JsonObject | null;
  expired: boolean;
}

/** Local activities of `runPlaybook`: our own database, quick, each repeatable by its own key. */
export const bookkeepingActivities = ({ inTenant, vault, startRuns, signalRun, metrics, hasMail }: ActivityTools) => ({
  /** Repeatable: records are numbered by run. */
  async recordRun(record: RunRecord): Promise<RecordOutcome> {
    const { isEnded, admitted } = await inTenant(record.workspaceId, (tx) => recordRun(tx, record));
    startRuns(admitted);
    if (record.endedAt !== undefined) metrics.runsEnded.inc({ kind: 'playbook', status: record.status });
    return { isEnded };
  },

  selectServers: ({
    workspaceId,
    selection,
    onlyHosts,
  }: OfRun & { selection: RenderedSelection; onlyHosts: string[] | null }): Promise<ChosenHosts> =>
    inTenant(workspaceId, (tx) => selectServers(tx, selection, onlyHosts)),

  hashSecrets: ({ workspaceId, runId, names }: OfRun & { names: string[] }): Promise<Record<string, string>> =>
    inTenant(workspaceId, (tx) => hashSecrets(tx, vault, workspaceId, runId, names)),

  /** Repeatable: the value of a repeated call is the same. */
  keepSealed: ({ workspaceId, runId, name, value }: OfRun & { name: string; value: Json }): Promise<void> =>
    inTenant(workspaceId, (tx) => keepSealedOutput(tx, vault, workspaceId, runId, name, value)),

  /** Repeatable: a part written again is the same. */
  keepSnapshotPart: (snapshot: OfRun & { part: number; text: string }): Promise<void> =>
    inTenant(snapshot.workspaceId, (tx) => keepSnapshotPart(tx, vault, snapshot)),

  readSnapshotPart: (wanted: OfRun & { part: number }): Promise<string> =>
    inTenant(wanted.workspaceId, (tx) => readSnapshotPart(tx, vault, wanted)),

  planRun: (input: RunPlaybookInput): Promise<Plan> => inTenant(input.workspaceId, (tx) => planRun(tx, vault, input)),

  /** Repeatable: a question is keyed by run, address, attempt and round. */
  askApproval: async (ask: AskApproval): Promise<string> =>
    (await inTenant(ask.workspaceId, (tx) => askApproval(tx, ask, { withLetters: hasMail }))).approvalId,

  withdrawApproval: async ({ workspaceId, approvalId }: { workspaceId: string; approvalId: string }): Promise<void> =>
    void (await inTenant(workspaceId, (tx) => withdrawApproval(tx, approvalId))),

  /** How a question ended; one that nobody answered in time is closed first. Null: it is still open. */
  settleApproval: ({
    workspaceId,
    approvalId,
    isExpired,
    by,
  }: {
    workspaceId: string;
    approvalId: string;
    isExpired: boolean;
    by: 'approve' | 'reject' | null;
  }): Promise<SettledApproval | null> =>
    inTenant(workspaceId, async (tx) => {
      if (isExpired) await expireApproval(tx, approvalId, by);
      const outcome = await approvalOutcome(tx, approvalId);
      if (!outcome) return isExpired ? { decision: 'rejected', by: [], reason: null, form: null, expired: true } : null;
      const form =
        outcome.sealedAnswers === null
          ? null
          : (JSON.parse(
              (await vault.open(outcome.sealedAnswers, answersSeal(workspaceId, approvalId))).reveal(),
            ) as JsonObject);
      return { decision: outcome.decision, by: outcome.by, reason: outcome.reason, form, expired: outcome.expired };
    }),

  /** Repeatable: asking again finds the same place in line. */
  acquireLock: ({
    workspaceId,
    runId,
    address,
    name,
    slots,
  }: OfRun & { address: string; name: string; slots: number }): Promise<boolean> =>
    inTenant(workspaceId, (tx) => acquireLock(tx, { name, runId, address, slots })),

  async releaseLock({ workspaceId, runId, slot }: OfRun & { slot: string }): Promise<void> {
    const [name = '', address = ''] = slot.split('\n');
    const granted = await inTenant(workspaceId, (tx) => releaseLock(tx, { name, runId, address }));
    // Who is not reached finds the slot at its next look.
    await Promise.all(
      granted.map((lock) =>
        signalRun(workspaceId, lock.runId, RunPlaybook.signal.lockGranted, [
          { name: lock.name, address: lock.address },
        ]).catch(() => false),
      ),
    );
  },

  /** Checks a child's inputs and writes its run. Repeatable: the child's id is that of its parent's row for this call. */
  async prepareChild(call: ChildCall): Promise<PreparedChild> {
    const { workspaceId, parentRunId, request } = call;
    const pin = call.pins[pinKey(request.playbook, request.version)];
    if (!pin)
      return {
        ok: false,
        error: { code: 'playbook.unknown', message: `There is no playbook called ${request.playbook}.` },
      };
    try {
      return await inTenant(workspaceId, async (tx): Promise<PreparedChild> => {
        const refs = secretRefsIn(request.inputs);
        const reveal = await openReferences(
          tx,
          vault,
          { workspaceId, runId: parentRunId, reader: refs.length > 0 ? call.actor : null },
          refs,
        );
        const { input } = await startPlaybookRun(tx, vault, {
          workspaceId,
          id: childRunOf(parentRunId, request.address, request.execution),
          playbook: { id: pin.id },
          version: pin.version,
          inputs: fillSecrets(request.inputs, reveal) as JsonObject,
          trigger: 'run',
          triggerId: parentRunId,
          actor: call.actor,
          actorEmail: call.actorEmail,
          parent: { runId: parentRunId, rootRunId: call.rootRunId, depth: request.depth, pins: call.pins },
        });
        return { ok: true, input };
      });
    } catch (error) {
      if (error instanceof InputsRefused) {
        const [first] = error.details;
        return {
          ok: false,
          error: {
            code: first?.code ?? error.code,
            message: error.message,
            details: { errors: error.details as never },
          },
        };
      }
      if (error instanceof Refusal)
        return {
          ok: false,
          error: { code: error.code === 'request.not_found' ? 'playbook.unknown' : error.code, message: error.message },
        };
      throw error;
    }
  },

  /** A child that was written and is not to begin any more. */
  abandonChild: async ({ workspaceId, runId }: OfRun): Promise<void> =>
    void (await inTenant(workspaceId, (tx) =>
      endRun(tx, runId, { status: 'canceled', error: { code: 'run.canceled', message: 'Canceled before it began.' } }),
    )),
});
