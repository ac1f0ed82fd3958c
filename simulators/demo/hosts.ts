import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateKey } from '#connectors/ssh/keys.ts';
import { freePort, isPortFree } from '#system/embedded/processes.ts';
import { startSshSimulator, type RunningHost } from '../ssh/ssh-simulator.ts';
import type { Keep } from './keep.ts';

export interface SampleHost {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Units of its `systemctl`. */
  readonly units: readonly string[];
}

export const sampleHosts: readonly SampleHost[] = [
  {
    name: 'web-1',
    description: 'Shop front, first in every roll-out',
    tags: ['linux', 'prod', 'web'],
    units: ['nginx', 'shop'],
  },
  { name: 'web-2', description: 'Shop front', tags: ['linux', 'prod', 'web'], units: ['nginx', 'shop'] },
  {
    name: 'web-3',
    description: 'Shop front; an old report server holds port 8081',
    tags: ['linux', 'prod', 'web'],
    units: ['nginx', 'shop', 'reports'],
  },
  { name: 'web-4', description: 'Shop front', tags: ['linux', 'prod', 'web'], units: ['nginx', 'shop'] },
  { name: 'db-1', description: 'PostgreSQL of the shop', tags: ['db', 'linux', 'prod'], units: ['postgresql'] },
  { name: 'edge-1', description: 'TLS and cache before the shop', tags: ['edge', 'linux', 'prod'], units: ['nginx'] },
];

/** Commands that stand in for what a real host would have: first on the PATH of the sample hosts. */
const commands = fileURLToPath(new URL('commands', import.meta.url));

/** On Linux all of 127/8 is up, so each host has an address of its own; elsewhere they share one. */
const addressOf = (index: number): string => (process.platform === 'linux' ? `127.0.42.${11 + index}` : '127.0.0.1');

export interface SampleHosts {
  readonly running: readonly RunningHost[];
  readonly username: string;
  /** Ends the connections. Commands go on, as they do on a real host. */
  drop(): void;
}

/** Starts the sample hosts where they were the last time, with the keys they had. */
export async function startSampleHosts({ folder, kept, save }: Keep): Promise<SampleHosts> {
  const hosts: { name: string; address: string; port: number }[] = [];
  for (const [index, { name }] of sampleHosts.entries()) {
    const address = addressOf(index);
    const last = kept.hosts[name];
    // A port that is free on 127.0.0.1 is none that this installation listens on: those are refused for servers.
    const port = last && (await isPortFree(last.port, address)) ? last.port : await freePort();
    kept.hosts[name] = { port, hostKey: last?.hostKey ?? generateKey().privateKey };
    hosts.push({ name, address, port });
    save();
  }
  const homes = join(folder, 'hosts');
  for (const host of sampleHosts) furnish(join(homes, host.name), host);
  const simulator = await startSshSimulator({
    hosts: hosts.map((host) => ({ ...host, env: { PATH: `${commands}:${process.env['PATH'] ?? '/usr/bin:/bin'}` } })),
    authorizedKeys: [kept.login.public],
    folder: homes,
    hostKeys: Object.fromEntries(Object.entries(kept.hosts).map(([name, { hostKey }]) => [name, hostKey])),
  });
  return { running: simulator.hosts, username: simulator.username, drop: () => simulator.dropConnections() };
}

const siteFile = `server {
  listen 8080;
  server_name shop.alder-finch.example;
  location / { proxy_pass http://127.0.0.1:9000; }
}
`;

/** Puts files into a host's home the first time; later it is left as the runs made it. */
function furnish(home: string, { name, units }: SampleHost): void {
  if (existsSync(join(home, 'etc'))) return;
  for (const path of ['run/units', 'etc/ssl', 'etc/nginx/conf.d', 'var/log/archive', 'var/backups', 'databases'])
    mkdirSync(join(home, path), { recursive: true });
  for (const unit of units) writeFileSync(join(home, 'run/units', unit), 'active\n');
  writeFileSync(join(home, 'run/ports-taken'), units.includes('reports') ? '8081\n' : '');
  writeFileSync(join(home, 'etc/nginx/conf.d/shop.conf'), siteFile);
  writeFileSync(join(home, 'etc/passwd'), 'mara:1001:active\nsam.olsen:1002:active\nshop:1003:active\n');
  writeFileSync(join(home, 'var/log/journal'), `${new Date().toISOString()} ${name} installed\n`);
  if (units.includes('shop')) {
    // 14 of the 20 MB that a sample host has for ~/var, so that there is something to tidy.
    for (let day = 1; day <= 7; day++)
      writeFileSync(join(home, `var/log/archive/journal-${day}`), Buffer.alloc(2 * 1_048_576, 'an old line\n'));
  }
  if (units.includes('postgresql')) mkdirSync(join(home, 'databases/shop'));
}
