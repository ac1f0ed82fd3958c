import { parseDuration } from '#contracts/kit/duration.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { Input, JsonObject } from '#contracts/playbooks/document.ts';
import { checkInputs } from '#contracts/playbooks/inputs.ts';
import { readCron } from '#contracts/schedules/cron.ts';
import type { CreateSchedule } from '#contracts/schedules/schedules.ts';
import type { PlaybookTarget, ScheduleTarget } from '#contracts/schedules/targets.ts';
import { type Timing, nextTimes } from '#contracts/schedules/times.ts';
import { isZone } from '#contracts/schedules/zone.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readPlaybook } from '#db/playbooks/playbooks.ts';
import { hidden, partSecrets } from '#db/playbooks/run-secrets.ts';
import { readSavedQueryToRun } from '#db/queries/start-saved-query.ts';
import { InputsRefused } from '#db/playbooks/start-playbook-run.ts';
import { problem } from '../kit/problem.ts';

type TimingBody = Pick<CreateSchedule, 'cron' | 'every' | 'timeZone' | 'startAt' | 'endAt'>;
const shortestMs = 5_000;
const longestMs = 366 * 86_400_000;

/** Reads the times of a schedule. @throws Problem that names the field */
export function readTiming({
  cron,
  every,
  timeZone,
  startAt,
  endAt,
}: TimingBody): Required<Timing> & { cron: string[] } {
  if ((cron === undefined) === (every === undefined))
    throw problem('schedule.not_one', {}, at('/body/cron', 'schedule.not_one', 'Give either cron or every.'));
  if (!isZone(timeZone))
    throw problem(
      'schedule.zone_unknown',
      { zone: timeZone },
      at('/body/timeZone', 'schedule.zone_unknown', `There is no time zone ${timeZone}.`),
    );
  const expressions = cron === undefined ? [] : [cron].flat();
  for (const [index, text] of expressions.entries()) {
    const read = readCron(text);
    if (!read.ok)
      throw problem(
        'schedule.cron_invalid',
        { why: read.why },
        at(`/body/cron${Array.isArray(cron) ? `/${index}` : ''}`, 'schedule.cron_invalid', read.why),
      );
  }
  const everyMs = every === undefined ? null : (parseDuration(every) ?? 0);
  if (everyMs !== null && (everyMs < shortestMs || everyMs > longestMs || everyMs % 1_000 !== 0)) {
    throw problem(
      'schedule.cron_invalid',
      { why: 'an interval is of whole seconds, from 5s to 366d' },
      at('/body/every', 'schedule.cron_invalid', 'Whole seconds, from 5s to 366d.'),
    );
  }
  return {
    cron: expressions,
    everyMs,
    timeZone,
    startAt: startAt ? new Date(startAt) : null,
    endAt: endAt ? new Date(endAt) : null,
  };
}

/** A schedule that will never start anything is a mistake. */
export function refuseWithoutTimes(timing: Timing, now: number): void {
  if (nextTimes(timing, now, 1).length > 0) return;
  if (timing.endAt && timing.endAt.getTime() <= now)
    throw problem('schedule.ended', {}, at('/body/endAt', 'schedule.ended', 'It lies in the past.'));
  throw problem('schedule.cron_invalid', { why: 'no time ever comes between its begin and end' });
}

const at = (path: string, code: string, message: string) => [{ path, code, message }];

/**
 * Checks a target against what the playbook or query declares, as the start will do again.
 * @param before the inputs as they are stored, for secrets that came back as `[secret]`
 * @param ownerId whose private queries may be scheduled
 * @returns the inputs to keep, and as they may be shown
 * @throws Problem, InputsRefused, Refusal
 */
export async function checkTarget(
  tx: TenantTx,
  target: ScheduleTarget,
  { before = {}, ownerId }: { before?: JsonObject | undefined; ownerId: string | null },
): Promise<{ inputs: JsonObject; visible: Record<string, Json> }> {
  if (target.kind === 'playbook') return checkPlaybook(tx, target, before);
  await readSavedQueryToRun(tx, target, { ownerId, now: Date.now() });
  const { parameters, timeWindow = null, connectionId = null, unit = null, after = null } = target;
  const inputs = { parameters, timeWindow, connectionId, unit, after } as Record<string, Json>;
  return { inputs: inputs as JsonObject, visible: inputs };
}

async function checkPlaybook(
  tx: TenantTx,
  target: PlaybookTarget,
  before: JsonObject,
): Promise<{ inputs: JsonObject; visible: Record<string, Json> }> {
  const version = target.version ?? undefined;
  const playbook = await readPlaybook(tx, { id: target.id }, version);
  if (!playbook) {
    const isThere = version !== undefined && (await readPlaybook(tx, { id: target.id }));
    throw isThere ? problem('schedule.version_unknown', { version }) : problem('schedule.target_unknown');
  }
  const declarations: readonly Input[] = playbook.definition.inputs ?? [];
  const inputs = Object.fromEntries(
    Object.entries(target.inputs as JsonObject).map(([name, value]) => [
      name,
      value === hidden && before[name] !== undefined ? before[name] : value,
    ]),
  );
  const servers = await tx.selectFrom('servers').select(['name', 'tags']).execute();
  const { errors } = checkInputs(declarations, inputs, { servers, path: '/body/target/inputs' });
  if (errors.length > 0) throw new InputsRefused(errors);
  return { inputs, visible: partSecrets(declarations, inputs).visible as Record<string, Json> };
}
