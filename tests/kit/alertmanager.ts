import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '#system/embedded/processes.ts';
import { findProgram, needProgram } from './os-packages.ts';

export interface FiredAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Alertmanager {
  readonly url: string;
  /** Says, as Prometheus does each minute, that an alert fires. */
  fire(alert: FiredAlert): Promise<void>;
  /** Says that it is over. */
  end(alert: FiredAlert): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** A port that another program took before it could be listened on: another one is drawn. */
const mostTries = 5;
/** Alerts that are not said to be over hold for so long. */
const heldForMs = 3_600_000;

/**
 * A real Prometheus Alertmanager on loopback. It groups alerts by their name, posts each group to one webhook within
 * moments, and again each second for as long as it fires.
 */
export async function startAlertmanager({ webhook }: { webhook: string }): Promise<Alertmanager> {
  const program = findProgram('alertmanager') ?? needProgram('prometheus-alertmanager'); // as it is called elsewhere, and on Debian
  const folder = mkdtempSync(join(tmpdir(), 'windlass-alertmanager-'));
  const config = {
    route: {
      receiver: 'windlass',
      group_by: ['alertname'],
      group_wait: '100ms',
      group_interval: '1s',
      repeat_interval: '1s',
    },
    receivers: [{ name: 'windlass', webhook_configs: [{ url: webhook, send_resolved: true, max_alerts: 0 }] }],
  };
  writeFileSync(join(folder, 'alertmanager.yml'), JSON.stringify(config)); // JSON is YAML
  let written = '';
  const begin = async (): Promise<{ child: ChildProcess; url: string } | undefined> => {
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address=', // alone
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let problem: Error | undefined;
    child.once('error', (error) => (problem = error));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (written = (written + chunk.toString()).slice(-100_000)));
    for (;;) {
      if (problem) throw problem;
      if (child.exitCode !== null || child.signalCode !== null) return undefined;
      const ready = await fetch(`http://${address}/-/ready`).catch(() => undefined);
      if (ready?.ok) return { child, url: `http://${address}` };
      await sleep(20);
    }
  };
  let running: Awaited<ReturnType<typeof begin>>;
  try {
    for (let tries = 0; !running && tries < mostTries; tries += 1) running = await begin();
    if (!running) throw new Error(`Alertmanager does not start: ${written}`);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const { child, url } = running;
  /** Since when each fires: Alertmanager would take the end for it. */
  const since = new Map<string, number>();
  const post = async ({ labels, annotations = {} }: FiredAlert, endsAt: number): Promise<void> => {
    const name = JSON.stringify(labels);
    const startsAt = since.get(name) ?? Date.now();
    since.set(name, startsAt);
    const answer = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([
        { labels, annotations, startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() },
      ]),
    });
    if (!answer.ok) throw new Error(`Alertmanager answers ${answer.status}: ${await answer.text()}`);
  };
  return {
    url,
    fire: (alert) => post(alert, Date.now() + heldForMs),
    end: (alert) => post(alert, Date.now()),
    log: () => written,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
