import { proxyLocalActivities } from '@temporalio/workflow';
import type { BookkeepingActivities } from '#activities/playbooks/bookkeeping.ts';
import type { Snapshot } from '#contracts/playbooks/engine/snapshot.ts';
import type { ContinuedRun, RunPlaybookInput } from '#contracts/playbooks/run-playbook.ts';
import { bookkeeping } from '../kit/retry.ts';
import type { SavedJournal } from './journal.ts';

const local = proxyLocalActivities<BookkeepingActivities>(bookkeeping);

/** Characters of one part: what comes back of it must fit into one payload. */
const partLength = 500_000;

/** A run at rest: the engine's part and the journal's. */
export interface RestingRun {
  engine: Snapshot;
  journal: SavedJournal;
}

/** Seals a run at rest into the database. @returns the number of parts */
export async function keepResting({ workspaceId, runId }: RunPlaybookInput, resting: RestingRun): Promise<number> {
  const text = JSON.stringify(resting);
  const parts = Math.max(1, Math.ceil(text.length / partLength));
  for (let part = 0; part < parts; part++) {
    await local.keepSnapshotPart({
      workspaceId,
      runId,
      part,
      text: text.slice(part * partLength, (part + 1) * partLength),
    });
  }
  return parts;
}

/** Reads what the execution before has kept. */
export async function readResting(
  { workspaceId, runId }: RunPlaybookInput,
  { parts }: ContinuedRun,
): Promise<RestingRun> {
  let text = '';
  for (let part = 0; part < parts; part++) text += await local.readSnapshotPart({ workspaceId, runId, part });
  return JSON.parse(text) as RestingRun;
}
