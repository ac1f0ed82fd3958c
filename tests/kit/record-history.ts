import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';

const project = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Saves a workflow's history under `temporal/histories/<name>.json` where `WINDLASS_RECORD_HISTORIES` is set; a test
 * calls it at the end of a path that must replay for ever. A saved history is never recorded anew over a change of the
 * workflow: the change gets a patch, and its own history a new name.
 */
export async function recordHistory(name: string, workflow: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  if (!process.env['WINDLASS_RECORD_HISTORIES']) return;
  const file = `${project}temporal/histories/${name}.json`;
  // Who recorded it, and where, is no part of the story.
  const json = historyToJSON(await workflow.fetchHistory())
    .replaceAll(/("identity":\s*")[^"]*"/g, '$1worker"')
    .replaceAll(/"\d+@[A-Za-z0-9.]+/g, '"worker')
    .replaceAll(project, '/');
  writeFileSync(file, `${json}\n`);
}
