import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { AlertRule } from '#contracts/alerts/alert-rules.ts';
import { SourceFields } from '#contracts/alerts/alert-sources.ts';
import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import { mostRoots } from '#contracts/assets/relations.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import { Silence } from '#contracts/alerts/silences.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { viewIncident } from '../incident-rules/incident-view.ts';
import { assetsOfIncident } from '../incidents/assets-of.ts';
import { splitIncident } from '../incidents/split-incident.ts';
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
    'assets',
    'servers',
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

/** An asset of the workspace; its type stays from one test to the next. */
const asset = async (name: string, more: { key?: string; serverId?: string; state?: string } = {}): Promise<string> => {
  const id = randomUUID();
  await world.sql(
    `insert into asset_types (workspace_id, id, key, name, created_by) values ($1, $2, 'host', 'Host', '{}') on conflict do nothing`,
    [world.workspaceId, randomUUID()],
  );
  await world.sql(
    `insert into assets (workspace_id, id, type_id, key, name, name_key, server_id, state, created_by)
      select $1, $2, id, $3, $4, $5, $6, $7, '{}' from asset_types`,
    [world.workspaceId, id, more.key ?? id, name, naturalKey(name), more.serverId ?? null, more.state ?? 'active'],
  );
  return id;
};
const server = async (name: string, host: string): Promise<string> => {
  const id = randomUUID();
  await world.sql(
    'insert into servers (workspace_id, id, name, name_key, host, port) values ($1, $2, $3, $4, $5, 22)',
    [world.workspaceId, id, name, naturalKey(name), host],
  );
  return id;
};
const links = () => world.sql('select kind, ref, label from incident_links order by label');

test('a host that an alert names is linked as its asset, else as its server: by key, name and address, once', async () => {
  const web = await server('web-1', '10.0.0.7');
  const webAsset = await asset('Web server', { serverId: web });
  const db = await server('db-01', 'DB.example.org');
  const queue = await asset('Queue', { key: 'mq-1' });
  const cache = await asset('Cache-2');
  await source();
  for (let n = 0; n < 3; n++) {
    await accept(
      incoming(`${n}-address`, { labels: { instance: '10.0.0.7:9100' }, groupKey: 'one' }),
      incoming(`${n}-name`, { labels: { host: 'WEB-1' }, groupKey: 'one' }),
      incoming(`${n}-domain`, { labels: { hostname: 'db.example.org' }, groupKey: 'one' }),
      incoming(`${n}-key`, { labels: { node: 'mq-1' }, groupKey: 'one' }),
      incoming(`${n}-cache`, { labels: { instance: 'cache-2:6379', host: 'db-01' }, groupKey: 'one' }),
    );
    await settle();
  }
  expect(await incidents()).toMatchObject([{ firing: 15 }]);
  expect(await links()).toEqual([
    { kind: 'asset', ref: cache, label: 'Cache-2' },
    { kind: 'asset', ref: queue, label: 'Queue' },
    { kind: 'asset', ref: webAsset, label: 'Web server' },
    { kind: 'server', ref: db, label: 'db-01' },
  ]);
  const story = await world.sql("select actor ->> 'name' as by, text from incident_timeline where kind = 'link'");
  expect(story).toEqual([{ by: 'Source', text: expect.stringMatching(/^Linked 4 that its alerts name: .+ …$/) }]);
  const [incident] = await incidents();
  const impact = await world.tx((tx) => assetsOfIncident(tx, String(incident?.id)));
  expect(impact.sort()).toEqual([cache, queue, webAsset].sort());
});

test('a playbook that a rule starts is given the server behind an asset that an alert named by its key', async () => {
  const machine = await server('broker-7', '10.0.0.9');
  await asset('Message queue', { key: 'mq-1', serverId: machine });
  await server('other', '10.0.0.10');
  await source();
  await accept(incoming('full', { labels: { node: 'mq-1' } }));
  await settle();
  const [incident] = await incidents();
  const view = await world.tx((tx) => viewIncident(tx, String(incident?.id)));
  expect([view?.hosts, view?.incident['hosts']]).toEqual([['broker-7'], ['broker-7']]);
});

test('what nobody knows, what fits several, what is retired and the sender itself are not linked', async () => {
  await server('a', '192.0.2.1');
  await server('b', '192.0.2.1');
  await server('local', '127.0.0.1');
  await asset('old-1', { state: 'retired' });
  await source();
  for (const instance of ['nowhere:9100', '192.0.2.1:9100', '127.0.0.1:9090', 'localhost', 'old-1'])
    await accept(incoming(instance, { labels: { instance } }));
  await settle();
  expect(await incidents()).toHaveLength(5);
  expect(await links()).toEqual([]);
  expect(await world.sql("select 1 from incident_timeline where kind = 'link'")).toEqual([]);
});

test('the hosts of alerts that waited for a threshold are linked with the one that meets it', async () => {
  for (const name of ['h-1', 'h-2']) await asset(name);
  await rule({ name: 'Two', threshold: 2, groupBy: ['cluster'] });
  await source();
  for (const host of ['h-1', 'h-2']) {
    await accept(incoming(host, { labels: { host } }));
    await settle();
  }
  expect((await links()).map(({ label }) => label)).toEqual(['h-1', 'h-2']);
});

test('a flood asks for its hosts once a batch, and an incident names no more of them than one walk may start from', async () => {
  for (let n = 0; n < 60; n++) await asset(`host-${n}`);
  await source();
  await accept(
    ...Array.from({ length: 1_000 }, (_, n) =>
      incoming(`${n}`, { groupKey: 'one', labels: { instance: `host-${n % 60}:9100` } }),
    ),
  );
  const asked: string[] = [];
  const count = (query: { sql: string }): void => void (query.sql.includes('unnest') && asked.push(query.sql));
  await world.tx(async (tx) => {
    const original = tx.getExecutor().executeQuery.bind(tx.getExecutor());
    vi.spyOn(tx.getExecutor(), 'executeQuery').mockImplementation((query) => (count(query), original(query)));
    await settleAlerts(tx, Date.now());
  });
  expect(asked.filter((text) => text.includes('named'))).toHaveLength(1);
  await settle();
  expect(await links()).toHaveLength(mostRoots);
});

test('alerts that are split off take links to their hosts along', async () => {
  const assetId = await asset('web-9');
  await source();
  await accept(incoming('a', { groupKey: 'one' }), incoming('b', { groupKey: 'one', labels: { host: 'web-9' } }));
  await settle();
  const [from] = await incidents();
  const [alert] = await world.sql("select id from alerts where key = 'b'");
  const id = randomUUID();
  const split = { id, alertIds: [String(alert?.id)], title: 'Another', actor: by };
  for (let n = 0; n < 2; n++) await world.tx((tx) => splitIncident(tx, String(from?.id), split));
  expect(await world.sql('select ref from incident_links where incident_id = $1', [id])).toEqual([{ ref: assetId }]);
});

test('two settlers at once: the second finds the first at work, and nothing is done twice', async () => {
  await source();
  await accept(...Array.from({ length: 50 }, (_, n) => incoming(`${n}`, { groupKey: 'one' })));
  await Promise.all([settle(), settle(), settle()]);
  expect(await incidents()).toMatchObject([{ firing: 50 }]);
  expect(await world.sql("select 1 from incident_timeline where kind = 'alert'")).toHaveLength(1);
});
