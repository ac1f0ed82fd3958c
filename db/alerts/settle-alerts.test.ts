import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AlertRule } from '#contracts/alerts/alert-rules.ts';
import { SourceFields } from '#contracts/alerts/alert-sources.ts';
import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import { Silence } from '#contracts/alerts/silences.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { acceptAlerts } from './accept-alerts.ts';
import { insertAlertRule } from './alert-rules.ts';
import { insertAlertSource } from './alert-sources.ts';
import { settleAlerts } from './settle-alerts.ts';
import { insertSilence } from './silences.ts';

const by = { kind: 'system' as const, id: null, name: 'Test' };
const minute = 60_000;
const hour = 60 * minute;
let world: TriggerWorld;
let sourceId = '';

beforeAll(async () => {
  world = await triggerWorld();
});
afterEach(async () => {
  for (const table of [
    'alerts',
    'alert_groups',
    'alert_rules',
    'silences',
    'alert_sources',
    'incidents',
    'deliveries',
    'pages',
  ])
    await world.sql(`delete from ${table}`);
});
afterAll(() => world?.close());

const source = async (defaults: object = {}): Promise<void> => {
  sourceId = randomUUID();
  const fields = SourceFields.parse({ name: `Source ${sourceId}`, defaults });
  await world.tx((tx) => insertAlertSource(tx, sourceId, fields, by));
};
const rule = (fields: object) =>
  world.tx((tx) => insertAlertRule(tx, randomUUID(), AlertRule.parse({ when: 'true', ...fields }), by));
const incoming = (key: string, fields: Partial<IncomingAlert> = {}): IncomingAlert => ({
  key,
  groupKey: null,
  status: 'firing',
  severity: 'critical',
  title: `Alert ${key}`,
  description: '',
  labels: {},
  startsAt: null,
  endsAt: null,
  links: [],
  ...fields,
});
const accept = (...alerts: IncomingAlert[]) => world.tx((tx) => acceptAlerts(tx, sourceId, 'Source', alerts));
/** Looks until nothing is due, some time later. */
const settle = async (laterMs = 0): Promise<void> => {
  while ((await world.tx((tx) => settleAlerts(tx, Date.now() + laterMs))) !== 0);
};
const over = (key: string): IncomingAlert => incoming(key, { status: 'resolved' });
const incidents = () =>
  world.sql(
    'select id, title, severity, state, service, alerts_firing as firing, alerts_total as total from incidents order by number',
  );
const alerts = () => world.sql('select key, status, outcome, incident_id, count::int from alerts order by key');
const rules = () =>
  world.sql(
    'select name, hits::int, raised::int, kept::int, dropped::int, monitored::int, failed::int from alert_rules order by position',
  );

test('1,000 repeats are one alert and one incident', async () => {
  await source();
  for (let n = 0; n < 20; n++) {
    await accept(...Array.from({ length: 50 }, () => incoming('a')));
    await settle();
  }
  expect(await alerts()).toMatchObject([{ key: 'a', count: 1_000, outcome: 'incident' }]);
  expect(await incidents()).toMatchObject([{ title: 'Alert a', severity: 'sev1', firing: 1, total: 1 }]);
  expect(await world.sql("select text from incident_timeline where kind = 'alert'")).toHaveLength(1);
});

test('a flood of 10,000 alerts becomes few incidents and none is lost', async () => {
  await source();
  for (let request = 0; request < 10; request++)
    await accept(
      ...Array.from({ length: 1_000 }, (_, n) => incoming(`${request}-${n}`, { groupKey: `group ${n % 4}` })),
    );
  await settle();
  const raised = await incidents();
  expect(raised).toHaveLength(4);
  expect(raised.reduce((sum, { firing }) => sum + Number(firing), 0)).toBe(10_000);
  const [sums] = await world.sql(
    "select count(*)::int as alerts, count(*) filter (where outcome = 'incident')::int as told from alerts",
  );
  expect(sums).toEqual({ alerts: 10_000, told: 10_000 });
}, 60_000);

test('a flood of alerts that have nothing in common comes into one incident after the first twenty', async () => {
  await source();
  await accept(...Array.from({ length: 600 }, (_, n) => incoming(`${n}`)));
  await settle();
  const raised = await incidents();
  expect(raised).toHaveLength(21);
  expect(raised.at(-1)).toMatchObject({ title: 'Many alerts from Source', firing: 580 });
});

test('an incident is told when the last of its alerts is over, and reopened when one fires again', async () => {
  await source({ groupBy: ['host'] });
  const labels = { host: 'db-1' };
  await accept(incoming('a', { labels }), incoming('b', { labels }));
  await settle();
  await accept(over('a'));
  await settle();
  expect(await incidents()).toMatchObject([{ state: 'open', firing: 1, total: 2 }]);
  await accept(over('b'));
  await settle();
  const [incident] = await incidents();
  expect(incident).toMatchObject({ firing: 0, total: 2 });
  expect(await world.sql("select signal->>'kind' as kind from incident_signals order by id")).toContainEqual({
    kind: 'alerts',
  });
  await world.sql("update incidents set state = 'resolved'");
  await accept(incoming('a', { labels }));
  await settle();
  expect(await incidents()).toMatchObject([{ id: incident?.id, state: 'investigating', firing: 1 }]);
});

test('beyond its window a group raises another incident', async () => {
  await rule({ name: 'Short', groupingWindow: '10m', groupBy: ['host'] });
  await source();
  await accept(incoming('a'));
  await settle();
  await accept(over('a'));
  await settle();
  await world.sql("update alerts set last_seen_at = now() - interval '1 hour'");
  await world.sql("update alert_groups set last_alert_at = now() - interval '1 hour'");
  await accept(incoming('b'));
  await settle();
  expect(await incidents()).toHaveLength(2);
});

test('an alert that is over before anybody looked raises nothing; one nobody knew is over as it comes', async () => {
  await source();
  await accept(incoming('a'));
  await accept(over('a'));
  await accept(over('unknown'));
  await settle();
  expect(await incidents()).toEqual([]);
  expect(await alerts()).toMatchObject([
    { key: 'a', outcome: 'over' },
    { key: 'unknown', outcome: 'over', count: 0 },
  ]);
});

test('flapping within its delay changes nothing; an end that holds is told', async () => {
  await rule({ name: 'Flaps', flapDelay: '5m' });
  await source();
  await accept(incoming('a'));
  await settle();
  for (let n = 0; n < 3; n++) {
    await accept(over('a'));
    await settle();
    await accept(incoming('a'));
    await settle();
  }
  expect(await incidents()).toMatchObject([{ state: 'open', firing: 1 }]);
  expect(await world.sql("select 1 from incident_timeline where kind = 'alert'")).toHaveLength(1);
  await accept(over('a'));
  await settle();
  expect(await incidents()).toMatchObject([{ firing: 1 }]);
  await settle(6 * minute);
  expect(await incidents()).toMatchObject([{ firing: 0 }]);
});

test('an alert that says until when it holds is over when that has passed without another word', async () => {
  await source();
  await accept(incoming('a', { endsAt: new Date(Date.now() + 4 * minute).toISOString() }));
  await settle();
  expect(await incidents()).toMatchObject([{ firing: 1 }]);
  await accept(incoming('a', { endsAt: new Date(Date.now() + 10 * minute).toISOString() }));
  await settle(5 * minute);
  expect(await alerts()).toMatchObject([{ status: 'firing' }]);
  await settle(11 * minute);
  expect(await alerts()).toMatchObject([{ status: 'resolved' }]);
  expect(await incidents()).toMatchObject([{ firing: 0 }]);
});

test('rules decide in their order: kept, dropped, monitored, and one that fails leaves it to the next', async () => {
  await rule({ name: 'Fails', when: 'alert.nowhere.x == "x"' });
  await rule({ name: 'Watches', mode: 'monitor' });
  await rule({ name: 'Drops', when: 'alert.title == "Alert noise"', outcome: 'drop' });
  await rule({ name: 'Keeps', when: 'alert.title == "Alert quiet"', outcome: 'keep' });
  await rule({ name: 'Shop', service: '"Shop"', severity: '"sev3"', title: '"Shop: " + alert.title' });
  await source();
  await accept(incoming('noise'), incoming('quiet'), incoming('loud'));
  await settle();
  expect(await alerts()).toMatchObject([
    { key: 'loud', outcome: 'incident' },
    { key: 'quiet', outcome: 'kept' },
  ]);
  expect(await incidents()).toMatchObject([{ title: 'Shop: Alert loud', severity: 'sev3', service: 'Shop' }]);
  expect(await rules()).toMatchObject([
    { name: 'Fails', failed: 3, hits: 0 },
    { name: 'Watches', monitored: 3, hits: 0 },
    { name: 'Drops', dropped: 1 },
    { name: 'Keeps', kept: 1 },
    { name: 'Shop', raised: 1, hits: 1 },
  ]);
});

test('whoever keeps a rule that fails is told, once a day and not with each alert; without them the owners are', async () => {
  const { olga, mara } = {
    olga: world.people.olga,
    mara: Object.values(world.people).find(({ role }) => role === 'member'),
  };
  const keeper = { kind: 'user' as const, id: mara?.id ?? '', name: mara?.name ?? '' };
  const fails = AlertRule.parse({ name: 'Fails', when: 'alert.nowhere.x == "x"' });
  await world.tx((tx) => insertAlertRule(tx, randomUUID(), fails, keeper));
  await rule({ name: 'Machine’s', when: 'alert.nowhere.y == "y"' });
  await source();
  for (let n = 0; n < 3; n++) {
    await accept(incoming(`f${n}`));
    await settle();
  }
  const told = await world.sql('select subject, person_id from pages order by subject, person_id');
  expect(told.filter(({ subject }) => subject === 'The alert rule Fails fails')).toEqual([
    { subject: 'The alert rule Fails fails', person_id: keeper.id },
  ]);
  const others = told.filter(({ subject }) => subject === 'The alert rule Machine’s fails');
  expect(others.map(({ person_id: id }) => id)).toContain(olga.id);
  expect(others.map(({ person_id: id }) => id)).not.toContain(keeper.id);
});

test('a group that raises one incident after the other joins the last from the seventh on, and a person is told once', async () => {
  await rule({ name: 'Circles', groupingWindow: '1m' });
  await source();
  for (let n = 0; n < 9; n++) {
    await accept(incoming('a'));
    await settle(n * 5 * minute);
    await accept(over('a'));
    await settle(n * 5 * minute);
    await world.sql("update incidents set state = 'resolved'");
  }
  expect(await incidents()).toHaveLength(6);
  const told = await world.sql("select distinct subject from pages where subject like '%round'");
  expect(told).toEqual([{ subject: 'The alert rule Circles goes round' }]);
});

test('playbooks that a rule names are begun or suggested for the incident it raises, once', async () => {
  const [collect, restart] = [await world.playbook(), await world.playbook()];
  const playbooks = [{ playbookId: collect, mode: 'auto' }, { playbookId: restart }];
  await rule({ name: 'Disk full', playbooks });
  await source();
  for (let n = 0; n < 3; n++) {
    await accept(incoming('a'));
    await settle();
  }
  const starts = await world.sql('select playbook_id, status, why from incident_starts order by why');
  expect(starts).toEqual([
    { playbook_id: collect, status: 'due', why: 'Started by the alert rule Disk full' },
    { playbook_id: restart, status: 'suggested', why: 'Suggested by the alert rule Disk full' },
  ]);
});

test('below its threshold a rule waits; the alert that meets it takes the others along', async () => {
  await rule({ name: 'Three', threshold: 3, groupBy: ['cluster'] });
  await source();
  for (const key of ['a', 'b']) {
    await accept(...Array.from({ length: 10 }, () => incoming(key)));
    await settle();
  }
  expect(await incidents()).toEqual([]);
  expect((await alerts()).map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting']);
  await accept(incoming('c'));
  await settle();
  expect(await incidents()).toMatchObject([{ firing: 3, total: 3 }]);
});

test('a maintenance window holds alerts back; resolves pass; what still fires at its end comes back', async () => {
  await source();
  const now = Date.now();
  const window = Silence.parse({
    name: 'Patching',
    matchers: [{ label: 'host', op: '=', value: 'db-1' }],
    time: { kind: 'once', from: new Date(now - minute).toISOString(), to: new Date(now + hour).toISOString() },
  });
  await world.tx((tx) => insertSilence(tx, randomUUID(), window, by));
  const labels = { host: 'db-1' };
  await accept(incoming('a', { labels }), incoming('b', { labels }), incoming('c', { labels: { host: 'db-2' } }));
  await settle();
  expect((await alerts()).map(({ outcome }) => outcome)).toEqual(['silenced', 'silenced', 'incident']);
  await accept(over('b'));
  await settle(hour + minute);
  expect((await alerts()).map(({ outcome }) => outcome)).toEqual(['incident', 'over', 'incident']);
  expect((await incidents()).map(({ title }) => title)).toEqual(['Alert c', 'Alert a']);
  expect(await world.sql('select silenced::int from silences')).toEqual([{ silenced: 2 }]);
});

test('a window that collapses makes one incident of all that comes within it', async () => {
  await source();
  const now = Date.now();
  const window = Silence.parse({
    name: 'Move',
    mode: 'collapse',
    matchers: [{ label: 'host', op: '=~', value: 'db-.*' }],
    time: { kind: 'once', from: new Date(now - minute).toISOString(), to: new Date(now + hour).toISOString() },
  });
  await world.tx((tx) => insertSilence(tx, randomUUID(), window, by));
  for (const host of ['db-1', 'db-2', 'db-3']) await accept(incoming(host, { labels: { host } }));
  await settle();
  expect(await incidents()).toMatchObject([{ title: 'Move: Alert db-1', firing: 3 }]);
});

test('an alert about a run of an incident’s playbook joins that incident and raises none', async () => {
  await source();
  await accept(incoming('a'));
  await settle();
  const [incident] = await incidents();
  const runId = randomUUID();
  await world.sql(
    `insert into incident_links (workspace_id, id, incident_id, kind, ref, label) values ($1, $2, $3, 'run', $4, '')`,
    [world.workspaceId, randomUUID(), incident?.id, runId],
  );
  for (let n = 0; n < 5; n++) await accept(incoming(`run ${n}`, { labels: { windlass_run: runId } }));
  await settle();
  expect(await incidents()).toMatchObject([{ id: incident?.id, firing: 6 }]);
});

test('two settlers at once: the second finds the first at work, and nothing is done twice', async () => {
  await source();
  await accept(...Array.from({ length: 50 }, (_, n) => incoming(`${n}`, { groupKey: 'one' })));
  await Promise.all([settle(), settle(), settle()]);
  expect(await incidents()).toMatchObject([{ firing: 50 }]);
  expect(await world.sql("select 1 from incident_timeline where kind = 'alert'")).toHaveLength(1);
});
