import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { demoPeople, demoWorkspace } from '#contracts/identity/demo.ts';
import { StartFailure } from '#system/start-failure.ts';
import { ApiRefusal, type DemoClient, clientOf, signInAs } from './client.ts';
import { type SampleHosts, sampleHosts } from './hosts.ts';
import type { Keep } from './keep.ts';
import { seedConnections, seedQueries, seedQuerySchedule, seedSnippets } from './seed-connections.ts';
import { seedLogs } from './seed-logs.ts';
import { seedIncidents } from './seed-incidents.ts';
import { seedAlerts } from './seed-alerts.ts';
import { seedAssets } from './seed-assets.ts';
import { seedOnCall } from './seed-oncall.ts';
import type { SampleServices } from './services.ts';
import type { Sink } from './sink.ts';

interface Named {
  id: string;
  name: string;
}

/** Nobody signs in with it: the demo's door asks for none. */
const throwawayPassword = (): string => randomBytes(24).toString('base64url');

/** Makes owner and workspace where there is nobody yet. @returns the owner's client */
export async function makeOwner(base: string): Promise<DemoClient> {
  const [owner] = demoPeople;
  if (!owner) throw new Error('The demo has no people.');
  const open = clientOf(base);
  const { isNeeded } = await open.call<{ isNeeded: boolean }>('GET', '/setup');
  if (isNeeded) {
    const { email, name } = owner;
    await open.call('POST', '/setup', { email, name, password: throwawayPassword(), workspace: demoWorkspace });
  }
  const client = await signInAs(base, 'owner');
  if (client) return client;
  throw new StartFailure(
    'This home holds an installation of its own, which the demo leaves alone: start it with npm start, or the demo with another home, as in WINDLASS_HOME=.windlass-demo npm run demo.',
  );
}

/** Makes what is missing: people, servers, playbooks and what they need. What is there already stays as people left it. */
export async function seed(
  base: string,
  owner: DemoClient,
  { keep, hosts, sink, services }: { keep: Keep; hosts: SampleHosts; sink: Sink; services: SampleServices },
): Promise<void> {
  await owner.call('PATCH', '/settings', { egressAllow: [...new Set([sink.host, services.database.host])] });
  await seedPeople(base, owner);
  const credential = await seedCredential(owner, keep, hosts);
  await seedServers(owner, hosts, credential);
  await seedValues(owner, sink);
  await whereReady(() => seedChannels(owner, sink));
  const playbooks = await seedPlaybooks(owner);
  await seedSchedules(owner, playbooks);
  await whereReady(() => seedOnCall(owner));
  await whereReady(() => seedLogs(owner));
  await whereReady(() => seedAssets(owner));
  await whereReady(() => seedIncidents(owner));
  await whereReady(() => seedAlerts(base, owner));
  await whereReady(() => seedWebhook(owner, playbooks, keep));
  await whereReady(async () => {
    const connections = await seedConnections(base, owner, services);
    await seedQueries(owner, connections, keep);
    await seedSnippets(owner);
    await seedQuerySchedule(owner);
  });
}

/** The first page is all there is of each thing in a new demo; with more, a name that is taken is refused all the same. */
async function listed(client: DemoClient, path: string): Promise<Map<string, Named>> {
  const { data } = await client.call<{ data: Named[] }>('GET', path);
  return new Map(data.map((thing) => [thing.name, thing]));
}

/** An installation without this room has no such samples. */
async function whereReady(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
  }
}

async function seedPeople(base: string, owner: DemoClient): Promise<void> {
  const { data } = await owner.call<{ data: { email: string }[] }>('GET', '/members');
  const there = new Set(data.map(({ email }) => email));
  for (const { email, name, role } of demoPeople) {
    if (there.has(email)) continue;
    const { link } = await owner.call<{ link: string }>('POST', '/invitations', { email, role });
    const token = link.split('/').at(-1) ?? '';
    await clientOf(base).call('POST', `/invitations/by-token/${token}/accept`, {
      name,
      password: throwawayPassword(),
      client: 'api',
    });
  }
}

async function seedCredential(owner: DemoClient, { kept }: Keep, hosts: SampleHosts): Promise<string> {
  const found = (await listed(owner, '/credentials?limit=200')).get('Sample hosts');
  if (found) return found.id;
  const { id } = await owner.call<Named>('POST', '/credentials', {
    name: 'Sample hosts',
    kind: 'ssh_key',
    username: hosts.username,
    privateKey: kept.login.private,
    description: 'Signs in to the hosts that the demo simulates on this machine.',
  });
  return id;
}

async function seedServers(owner: DemoClient, hosts: SampleHosts, credentialId: string): Promise<void> {
  const there = await listed(owner, '/servers?limit=200');
  for (const { name, address, port, hostKey } of hosts.running) {
    const found = there.get(name) as (Named & { host: string; port: number }) | undefined;
    if (!found) {
      const sample = sampleHosts.find((host) => host.name === name);
      const { description = '', tags = [] } = sample ?? {};
      await owner.call('POST', '/servers', { name, host: address, port, hostKey, credentialId, description, tags });
    } else if (found.host === address && found.port !== port) {
      await owner.call('PATCH', `/servers/${found.id}`, { port }); // its old port was taken
    }
  }
  await owner.call('POST', '/servers/check', {});
}

async function seedValues(owner: DemoClient, { url }: Sink): Promise<void> {
  const variables = { ca_url: url, idp: `${url}/directory`, gateway: `${url}/gateway`, evidence_url: url };
  for (const [name, value] of Object.entries(variables)) await owner.call('PUT', `/variables/${name}`, { value });
  const secrets = await listed(owner, '/secrets');
  for (const name of ['ca_token', 'idp', 'backup_password'])
    if (!secrets.has(name)) await owner.call('POST', '/secrets', { name, value: throwawayPassword() });
}

async function seedChannels(owner: DemoClient, { url }: Sink): Promise<void> {
  const there = (await listed(owner, '/channels')) as Map<string, Named & { url: string | null }>;
  for (const name of ['ops', 'web', 'dba', 'backups', 'security', 'it', 'incident']) {
    const found = there.get(`#${name}`);
    const target = `${url}/channels/${name}`;
    if (!found) await owner.call('POST', '/channels', { kind: 'webhook', name: `#${name}`, url: target });
    else if (found.url !== target && found.url?.endsWith(`/channels/${name}`))
      await owner.call('PATCH', `/channels/${found.id}`, { url: target });
  }
}

const playbookFolder = fileURLToPath(new URL('playbooks/', import.meta.url));

async function seedPlaybooks(owner: DemoClient): Promise<Map<string, string>> {
  const there = await listed(owner, '/playbooks?limit=200');
  const ids = new Map([...there.values()].map(({ id, name }) => [name, id]));
  // The one that another calls comes first.
  const files = readdirSync(playbookFolder).toSorted(
    (a, b) => Number(b === 'file-evidence.yaml') - Number(a === 'file-evidence.yaml'),
  );
  for (const file of files) {
    const yaml = readFileSync(`${playbookFolder}${file}`, 'utf8');
    const name = /^name: (.+)$/m.exec(yaml)?.[1] ?? file;
    if (!ids.has(name)) ids.set(name, (await owner.call<Named>('POST', '/playbooks', { yaml })).id);
  }
  return ids;
}

async function seedSchedules(owner: DemoClient, playbooks: Map<string, string>): Promise<void> {
  const there = await listed(owner, '/schedules?limit=200');
  const add = async (name: string, playbook: string, rest: object, inputs: object): Promise<void> => {
    const id = playbooks.get(playbook);
    if (there.has(name) || id === undefined) return;
    await owner.call('POST', '/schedules', { name, target: { kind: 'playbook', id, inputs }, ...rest });
  };
  await add(
    'Nightly backup of the shop',
    'Back up a database',
    { cron: '30 2 * * *', timeZone: 'Europe/Berlin' },
    { db_host: 'db-1', database: 'shop' },
  );
  await add(
    'Disk of web-1, every hour',
    'Disk pressure on a host',
    { cron: '0 * * * *', timeZone: 'UTC', jitter: '30s' },
    { host_name: 'web-1' },
  );
}

async function seedWebhook(owner: DemoClient, playbooks: Map<string, string>, { kept, save }: Keep): Promise<void> {
  const name = 'Disk alarm of the monitoring';
  const id = playbooks.get('Disk pressure on a host');
  if (id === undefined || (await listed(owner, '/webhooks?limit=200')).has(name)) return;
  const { address } = await owner.call<{ address: { url: string } }>('POST', '/webhooks', {
    name,
    target: { kind: 'playbook', id },
    inputs: { host_name: 'body.host' },
    dedup: { expression: 'body.host', window: '10m' },
  });
  kept.webhookUrl = address.url;
  save();
}
