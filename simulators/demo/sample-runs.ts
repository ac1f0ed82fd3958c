import { setTimeout as pause } from 'node:timers/promises';
import type { DemoClient } from './client.ts';
import type { Keep } from './keep.ts';

interface Sample {
  /** Never begun twice under this name. */
  readonly name: string;
  readonly playbook: string;
  readonly inputs: Record<string, unknown>;
  /** Who starts it. */
  readonly as: 'owner' | 'admin' | 'member';
  /** Who approves it, and with which words; without it a question stays open. */
  readonly approve?: { readonly as: 'owner'; readonly reason: string };
}

const site = (port: number): string =>
  `server {\n  listen ${port};\n  server_name shop.alder-finch.example;\n  gzip on;\n  location / { proxy_pass http://127.0.0.1:9000; }\n}\n`;
const web = ['web-1', 'web-2', 'web-3', 'web-4'];

/** In this order, one after the other: each is a real run on the sample hosts. */
const samples: readonly Sample[] = [
  { name: 'backup', playbook: 'Back up a database', inputs: { db_host: 'db-1', database: 'shop' }, as: 'admin' },
  { name: 'roll-out', playbook: 'Roll out an nginx configuration', inputs: { web, content: site(8080) }, as: 'member' },
  // Port 8081 is taken on web-3: the reload fails there, and the old file comes back on all four.
  {
    name: 'roll-out that fails',
    playbook: 'Roll out an nginx configuration',
    inputs: { web, content: site(8081) },
    as: 'member',
  },
  { name: 'disk', playbook: 'Disk pressure on a host', inputs: { host_name: 'web-2' }, as: 'member' },
  {
    name: 'evidence',
    playbook: 'Collect evidence',
    inputs: { incident: 'INC-319', suspects: ['web-3', 'db-1'] },
    as: 'admin',
  },
  {
    name: 'offboarding',
    playbook: 'Offboard a person',
    inputs: { login: 'sam.olsen', mail: 'sam.olsen@alder-finch.example' },
    as: 'admin',
    approve: { as: 'owner', reason: 'Last day was Friday.' },
  },
  {
    name: 'certificate',
    playbook: 'Rotate a TLS certificate',
    inputs: { domain: 'shop.alder-finch.example', edge: ['edge-1'] },
    as: 'member',
  },
];

const runLimitMs = 120_000;

/** Begins the sample runs that were not begun yet; resolves when each has ended or waits for a person. */
export async function makeSampleRuns(
  people: (role: string) => Promise<DemoClient>,
  { kept, save }: Keep,
  isStopping: () => boolean,
): Promise<void> {
  const owner = await people('owner');
  const { data } = await owner.call<{ data: { id: string; name: string }[] }>('GET', '/playbooks?limit=200');
  const idOf = new Map(data.map(({ id, name }) => [name, id]));
  for (const sample of samples) {
    const id = idOf.get(sample.playbook);
    if (isStopping()) return;
    if (kept.runs.includes(sample.name) || id === undefined) continue;
    const starter = await people(sample.as);
    const { runId } = await starter.call<{ runId: string }>('POST', `/playbooks/${id}/runs`, { inputs: sample.inputs });
    kept.runs.push(sample.name);
    save();
    await settle(owner, runId, sample, people);
  }
}

async function settle(
  owner: DemoClient,
  runId: string,
  { approve }: Sample,
  people: (role: string) => Promise<DemoClient>,
): Promise<void> {
  const until = Date.now() + runLimitMs;
  let isAnswered = false;
  while (Date.now() < until) {
    const { status } = await owner.call<{ status: string }>('GET', `/runs/${runId}`);
    if (status === 'waiting') {
      if (!approve) return;
      const [question] = await owner.call<{ id: string }[]>('GET', `/approvals?run=${runId}`);
      if (question && !isAnswered) {
        isAnswered = true;
        const approver = await people(approve.as);
        await approver.call('POST', `/approvals/${question.id}/decision`, {
          decision: 'approve',
          reason: approve.reason,
        });
      }
    } else if (status !== 'queued' && status !== 'running') return;
    await pause(200);
  }
}
