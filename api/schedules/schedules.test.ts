import { afterAll, beforeAll, expect, test } from 'vitest';
import { reconcileSchedules } from '#activities/schedules/reconcile-schedules.ts';
import { scheduleActivities } from '#activities/schedules/fire-schedule.ts';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import { recordMissed } from '#db/schedules/firings.ts';
import type { TemporalTools } from '#api/kit/tools.ts';
import { standingClock } from '#system/clock.ts';
import { memorySchedules } from '#tests/kit/memory-schedules.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { scheduleRoom } from './schedules.ts';

let world: TriggerWorld;
let playbook: string;
const clockwork = memorySchedules();
const troubles: { scheduleId: string; problem: { code: string } }[] = [];

beforeAll(async () => {
  world = await triggerWorld(
    { schedules: scheduleRoom },
    { temporal: { schedules: clockwork.tools } as TemporalTools },
  );
  playbook = await world.playbook('Nightly', {
    inputs: [
      { name: 'count', type: 'integer', required: true },
      { name: 'key', type: 'secret' },
    ],
  });
});
afterAll(() => world.close());

const body = (more: object = {}) => ({
  name: 'Every night',
  target: { kind: 'playbook', id: playbook, inputs: { count: 3 } },
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  ...more,
});
const make = async (more: object = {}): Promise<Schedule> => {
  const answer = await world.post('/schedules', body(more));
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<Schedule>();
};
const activities = () =>
  scheduleActivities({
    vault: world.vault,
    inTenant: (_workspaceId, work) => world.tx(work),
    startRuns: world.tools.startRuns,
    cancelWorkflow: () => Promise.resolve(true),
    tellTrouble: (trouble) => Promise.resolve(void troubles.push(trouble)),
  });
const sweepAt = (clock: ReturnType<typeof standingClock>) =>
  reconcileSchedules({
    db: world.db,
    system: world.system,
    inTenant: (_id, work) => world.tx(work),
    schedules: clockwork.tools,
    clock,
    log: world.log,
    tellTrouble: (trouble) => Promise.resolve(void troubles.push(trouble)),
    onMissed: (times) => void (missedTimes += times),
  });
let missedTimes = 0;

test('201: a schedule is told to Temporal and shows its sentence, zone and next times', async () => {
  const schedule = await make();
  expect(schedule).toMatchObject({
    sentence: 'At 02:30',
    timeZone: 'Europe/Berlin',
    overlap: 'skip',
    state: 'active',
    target: { name: 'Nightly', inputs: { count: 3 } },
    lastResults: [],
    version: 1,
  });
  expect(schedule.nextTimes).toHaveLength(5);
  expect(schedule.nextTimes.every((at) => ['00:30', '01:30'].includes(at.slice(11, 16)))).toBe(true);
  expect(clockwork.known.get(schedule.id)).toMatchObject({
    cron: ['30 2 * * *'],
    timeZone: 'Europe/Berlin',
    catchUpMs: 3_600_000,
  });
  expect((await world.get('/schedules')).json().data.map(({ id }: Schedule) => id)).toContain(schedule.id);
});

test.each([
  [{ cron: '61 * * * *' }, 'schedule.cron_invalid', '/body/cron'],
  [{ cron: ['0 * * * *', 'x'] }, 'schedule.cron_invalid', '/body/cron/1'],
  [{ every: '5m' }, 'schedule.not_one', '/body/cron'],
  [{ cron: undefined, every: '1s' }, 'schedule.cron_invalid', '/body/every'],
  [{ timeZone: 'Mars/Olympus' }, 'schedule.zone_unknown', '/body/timeZone'],
  [{ endAt: '2020-01-01T00:00:00Z' }, 'schedule.ended', '/body/endAt'],
])('422: %o is refused with its reason', async (more, code, path) => {
  const answer = await world.post('/schedules', body(more));
  expect([answer.statusCode, answer.json().error], answer.body).toEqual([422, code]);
  expect(answer.json().details).toMatchObject([{ path }]);
});

test('422: inputs are checked at save by the playbook’s own declarations', async () => {
  const answer = await world.post(
    '/schedules',
    body({ target: { kind: 'playbook', id: playbook, inputs: { count: 'three', extra: 1 } } }),
  );
  expect(answer.statusCode).toBe(422);
  expect(answer.json().details).toMatchObject([{ code: 'input.wrong_type' }, { code: 'input.unknown' }]);
  const gone = await world.post(
    '/schedules',
    body({ target: { kind: 'playbook', id: '01900000-0000-7000-8000-000000000000', inputs: {} } }),
  );
  expect(gone.json()).toMatchObject({ error: 'schedule.target_unknown' });
  const old = await world.post(
    '/schedules',
    body({ target: { kind: 'playbook', id: playbook, version: 9, inputs: {} } }),
  );
  expect(old.json()).toMatchObject({ error: 'schedule.version_unknown' });
});

test('a secret input is kept sealed, shown as a mark, and survives a change that sends the mark back', async () => {
  const schedule = await make({
    target: { kind: 'playbook', id: playbook, inputs: { count: 1, key: 'sesame-sesame' } },
  });
  expect(schedule.target).toMatchObject({ kind: 'playbook', inputs: { count: 1, key: '[secret]' } });
  const rows = await world.sql('select row_to_json(s)::text as all from schedules s where id = $1', [schedule.id]);
  expect(String(rows[0]?.['all'])).not.toContain('sesame');
  const changed = await world.patch(`/schedules/${schedule.id}`, {
    target: { kind: 'playbook', id: playbook, inputs: { count: 2, key: '[secret]' } },
  });
  expect(changed.json().target.inputs).toEqual({ count: 2, key: '[secret]' });
  const begun = await activities().insertScheduledRun({
    workspaceId: world.workspaceId,
    scheduleId: schedule.id,
    nominalAt: '2026-11-21T01:30:00Z',
  });
  expect(begun.outcome).toBe('child');
  const sealed = await world.sql('select sealed from run_secrets where run_id = $1', [
    begun.outcome === 'child' ? begun.runId : '',
  ]);
  const opened = await world.vault.open(String(sealed[0]?.['sealed']), {
    workspaceId: world.workspaceId,
    purpose: 'secret',
    subject: begun.outcome === 'child' ? begun.runId : '',
  });
  expect(opened.reveal()).toBe('"sesame-sesame"');
});

test('412: a change by an old etag is refused; a merge keeps what it does not name', async () => {
  const schedule = await make();
  const changed = await world.call(
    'PATCH',
    `/schedules/${schedule.id}`,
    world.people.olga,
    { every: '90m' },
    { 'if-match': '"1"' },
  );
  expect(changed.json()).toMatchObject({
    cron: [],
    every: '1h30m',
    sentence: 'Every 90 minutes',
    name: 'Every night',
    version: 2,
  });
  expect(changed.headers['etag']).toBe('"2"');
  const stale = await world.call(
    'PATCH',
    `/schedules/${schedule.id}`,
    world.people.olga,
    { name: 'X' },
    { 'if-match': '"1"' },
  );
  expect(stale.statusCode).toBe(412);
  expect(clockwork.known.get(schedule.id)).toMatchObject({ everyMs: 5_400_000, cron: [] });
});

test('pausing and going on reach Temporal; a removed schedule is gone', async () => {
  const schedule = await make();
  const paused = (await world.post(`/schedules/${schedule.id}/pause`, { note: 'holidays' })).json<Schedule>();
  expect(paused).toMatchObject({ paused: true, pausedNote: 'holidays', state: 'paused', nextTimes: [] });
  expect(clockwork.known.get(schedule.id)?.isPaused).toBe(true);
  expect((await world.post(`/schedules/${schedule.id}/unpause`, {})).json()).toMatchObject({
    paused: false,
    state: 'active',
  });
  expect((await world.del(`/schedules/${schedule.id}`)).statusCode).toBe(204);
  expect((await world.get(`/schedules/${schedule.id}`)).statusCode).toBe(404);
  expect(clockwork.known.has(schedule.id)).toBe(false);
});

test('backfill counts its times, and refuses the future and what is too much', async () => {
  const schedule = await make({ cron: '0 * * * *', timeZone: 'UTC' });
  const filled = await world.post(`/schedules/${schedule.id}/backfill`, {
    from: '2026-11-20T00:00:00Z',
    to: '2026-11-20T05:30:00Z',
  });
  expect([filled.statusCode, filled.json()]).toEqual([202, { times: 6 }]);
  expect(clockwork.calls.at(-1)).toBe(`backfill ${schedule.id} 2026-11-20T00:00:00.000Z 2026-11-20T05:30:00.000Z`);
  const tooMuch = await world.post(`/schedules/${schedule.id}/backfill`, {
    from: '2025-01-01T00:00:00Z',
    to: '2026-01-01T00:00:00Z',
  });
  expect(tooMuch.json()).toMatchObject({ error: 'schedule.range_invalid' });
  expect((await world.post(`/schedules/${schedule.id}/trigger`)).json()).toEqual({ accepted: true });
});

test('200: the preview needs nothing saved', async () => {
  const answer = await world.post('/schedules/preview', {
    cron: '0 9 * * mon-fri',
    timeZone: 'America/New_York',
    count: 10,
  });
  expect(answer.json()).toMatchObject({ sentence: expect.stringContaining('Monday through Friday') });
  expect(answer.json().nextTimes).toHaveLength(10);
});

test('a time fires one run, however often it is asked for', async () => {
  const schedule = await make();
  const firing = { workspaceId: world.workspaceId, scheduleId: schedule.id, nominalAt: '2026-11-21T01:30:00Z' };
  const [one, two] = await Promise.all([
    activities().insertScheduledRun(firing),
    activities().insertScheduledRun(firing),
  ]);
  expect(one.outcome).toBe('child');
  expect(two).toMatchObject({ outcome: 'child', runId: one.outcome === 'child' ? one.runId : '' });
  expect(
    await world.sql('select trigger, trigger_id, subject_id from runs where trigger_id = $1', [schedule.id]),
  ).toEqual([{ trigger: 'schedule', trigger_id: schedule.id, subject_id: playbook }]);
  expect((await world.get(`/schedules/${schedule.id}`)).json().lastResults).toMatchObject([
    { nominalAt: '2026-11-21T01:30:00.000Z', status: 'queued' },
  ]);
  expect(await world.eventTypes(`schedule:${schedule.id}`)).toContain('schedule.fired');
});

test('a time that cannot start is on record, in the stream and on the schedule', async () => {
  const doomed = await world.playbook('Doomed', { inputs: [] });
  const schedule = await make({ target: { kind: 'playbook', id: doomed, inputs: {} } });
  await world.sql('update playbooks set deleted_at = now() where id = $1', [doomed]);
  const begun = await activities().insertScheduledRun({
    workspaceId: world.workspaceId,
    scheduleId: schedule.id,
    nominalAt: '2026-11-21T01:30:00Z',
  });
  // The problem comes back to the workflow, which has somebody told of it.
  expect(begun).toMatchObject({ outcome: 'none', problem: { code: 'schedule.target_unknown' } });
  const shown = (await world.get(`/schedules/${schedule.id}`)).json<Schedule>();
  expect(shown).toMatchObject({
    state: 'failing',
    problem: { code: 'schedule.target_unknown' },
    lastResults: [{ status: 'failed', runId: null, error: { code: 'schedule.target_unknown' } }],
  });
  expect(await world.eventTypes(`schedule:${schedule.id}`)).toContain('schedule.fired');
});

test('what Temporal could not be told is told by the sweep, and what it lost is made anew', async () => {
  clockwork.state.isAway = true;
  const schedule = await make();
  expect(schedule.state).toBe('unsynced');
  clockwork.state.isAway = false;
  const clock = standingClock(Date.now());
  await sweepAt(clock).run();
  expect(clockwork.known.has(schedule.id)).toBe(true);
  expect((await world.get(`/schedules/${schedule.id}`)).json()).toMatchObject({ state: 'active' });
  clockwork.known.delete(schedule.id);
  await sweepAt(clock).run();
  expect(clockwork.known.has(schedule.id)).toBe(true);
  const events = await world.sql(
    `select data->>'change' as change from events where subject = $1 and type = 'schedule.changed' order by seq`,
    [`schedule:${schedule.id}`],
  );
  expect(events.map(({ change }) => change)).toEqual(['created', 'restored']);
  await world.sql('update schedules set deleted_at = now() where id = $1', [schedule.id]);
  await sweepAt(clock).run();
  expect(clockwork.known.has(schedule.id)).toBe(false);
  expect(await world.sql('select 1 from schedules where id = $1', [schedule.id])).toEqual([]);
});

test('a time that came and started nothing is an event, a mark and a letter, once', async () => {
  const schedule = await make({ cron: '0 * * * *', timeZone: 'UTC', catchUp: '10m' });
  await world.sql(`update schedules set checked_until = '2026-11-21T00:30:00Z' where id = $1`, [schedule.id]);
  await activities().insertScheduledRun({
    workspaceId: world.workspaceId,
    scheduleId: schedule.id,
    nominalAt: '2026-11-21T01:00:00Z',
  });
  await activities().endFiring({
    workspaceId: world.workspaceId,
    scheduleId: schedule.id,
    nominalAt: '2026-11-21T01:00:00Z',
  });
  await world.sql(
    `update schedule_firings set fired_at = nominal_at, ended_at = nominal_at + interval '5 minutes' where schedule_id = $1`,
    [schedule.id],
  );
  const clock = standingClock(new Date('2026-11-21T03:00:30Z'));
  // Both began long ago: one that has just begun looks less far, and which of the two is first would tell.
  const [sweep, twin] = [sweepAt(clock), sweepAt(clock)];
  clock.move(300_000);
  await Promise.all([sweep.run(), twin.run()]);
  await sweep.run();
  const shown = (await world.get(`/schedules/${schedule.id}`)).json<Schedule>();
  expect(shown.lastResults.map(({ nominalAt, status }) => `${nominalAt.slice(11, 16)} ${status}`)).toEqual([
    '01:00 queued',
    '02:00 missed',
    '03:00 missed',
  ]);
  expect(shown).toMatchObject({ state: 'failing', problem: { code: 'schedule.missed' } });
  expect(missedTimes).toBe(2);
  const missed = await world.sql(`select data from events where subject = $1 and type = 'schedule.missed'`, [
    `schedule:${schedule.id}`,
  ]);
  expect(missed).toMatchObject([
    { data: { count: 2, first: '2026-11-21T02:00:00.000Z', nominalAt: '2026-11-21T03:00:00.000Z' } },
  ]);
  expect(troubles.filter(({ scheduleId }) => scheduleId === schedule.id)).toHaveLength(1);
});

test('a time held back by the overlap policy, or while paused, is not missed; one that fires late is made good', async () => {
  const schedule = await make({ cron: '0 * * * *', timeZone: 'UTC', overlap: 'skip' });
  await world.sql(`update schedules set checked_until = '2026-11-21T00:30:00Z' where id = $1`, [schedule.id]);
  await activities().insertScheduledRun({
    workspaceId: world.workspaceId,
    scheduleId: schedule.id,
    nominalAt: '2026-11-21T01:00:00Z',
  });
  // Its run was at work from one until half past two.
  await world.sql(
    `update schedule_firings set fired_at = nominal_at, ended_at = nominal_at + interval '90 minutes' where schedule_id = $1`,
    [schedule.id],
  );
  const clock = standingClock(new Date('2026-11-21T01:00:00Z'));
  const sweep = sweepAt(clock);
  clock.move(2 * 3_600_000 + 300_000);
  await sweep.run();
  const results = async () =>
    (await world.get(`/schedules/${schedule.id}`))
      .json<Schedule>()
      .lastResults.map(({ nominalAt, status }) => `${nominalAt.slice(11, 16)} ${status}`);
  expect(await results()).toEqual(['01:00 queued', '03:00 missed']);
  await activities().insertScheduledRun({
    workspaceId: world.workspaceId,
    scheduleId: schedule.id,
    nominalAt: '2026-11-21T03:00:00Z',
  });
  expect(await results()).toEqual(['01:00 queued', '03:00 queued']);
  expect((await world.get(`/schedules/${schedule.id}`)).json()).toMatchObject({ state: 'active', problem: null });
  await world.post(`/schedules/${schedule.id}/pause`, {});
  clock.move(5 * 3_600_000);
  await sweep.run();
  expect(await results()).toHaveLength(2);
});

test('right after a start, times that Temporal may still make up for are left to it', async () => {
  const schedule = await make({ cron: '0 * * * *', timeZone: 'UTC', catchUp: '6h' });
  await world.sql(`update schedules set checked_until = '2026-11-21T00:30:00Z' where id = $1`, [schedule.id]);
  const clock = standingClock(new Date('2026-11-21T08:30:00Z'));
  const sweep = sweepAt(clock);
  await sweep.run();
  const missed = async () =>
    (await world.get(`/schedules/${schedule.id}`))
      .json<Schedule>()
      .lastResults.map(({ nominalAt }) => nominalAt.slice(11, 16));
  expect(await missed()).toEqual(['01:00', '02:00']);
  clock.move(150_000);
  await sweep.run();
  expect(await missed()).toEqual(['01:00', '02:00', '03:00', '04:00', '05:00', '06:00', '07:00', '08:00']);
});

test('of two processes that look through the same times one says what was missed', async () => {
  const schedule = await make();
  const from = new Date('2026-11-21T00:30:00Z');
  await world.sql('update schedules set checked_until = $2 where id = $1', [schedule.id, from]);
  const missed = [new Date('2026-11-21T01:00:00Z')];
  const record = () =>
    world.tx((tx) =>
      recordMissed(tx, {
        scheduleId: schedule.id,
        name: 'x',
        from,
        until: new Date('2026-11-21T02:00:00Z'),
        missed,
        error: { code: 'schedule.missed', message: 'missed' },
      }),
    );
  expect(await Promise.all([record(), record()])).toContain(false);
  expect(
    await world.sql(`select 1 from events where subject = $1 and type = 'schedule.missed'`, [
      `schedule:${schedule.id}`,
    ]),
  ).toHaveLength(1);
});
