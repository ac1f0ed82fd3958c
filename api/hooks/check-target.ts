import type { MappingIssue } from '#contracts/hooks/map-values.ts';
import type { StartTarget } from '#contracts/schedules/targets.ts';
import type { z } from 'zod';
import type { TenantTx } from '#db/kit/database.ts';
import { readPlaybook } from '#db/playbooks/playbooks.ts';
import { problem } from '../kit/problem.ts';

/**
 * Checks that a target is there, and that its declarations have the inputs that are mapped. Values are checked when
 * there are some.
 * @throws Problem `schedule.target_unknown`, `schedule.version_unknown`
 */
export async function checkStartTarget(
  tx: TenantTx,
  target: z.infer<typeof StartTarget>,
  mapped: readonly string[],
): Promise<MappingIssue[]> {
  const version = target.version ?? undefined;
  const playbook = await readPlaybook(tx, { id: target.id }, version);
  if (!playbook) {
    const isThere = version !== undefined && (await readPlaybook(tx, { id: target.id }));
    throw isThere ? problem('schedule.version_unknown', { version }) : problem('schedule.target_unknown');
  }
  const declared = new Set((playbook.definition.inputs ?? []).map(({ name }) => name));
  return mapped
    .filter((name) => !declared.has(name))
    .map((name) => ({
      path: `/body/inputs/${name}`,
      code: 'input.unknown',
      message: `The playbook has no input ${name}.`,
    }));
}
