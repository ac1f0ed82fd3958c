import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Result, Row } from './row.ts';

const file = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

const versionOf = (command: string, ...args: string[]): string => {
  try {
    return (
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
        .trim()
        .split('\n')[0] ?? ''
    );
  } catch {
    return 'unknown';
  }
};

/** The commit that is measured, short. */
export const commit = (): string => versionOf('git', 'rev-parse', '--short', 'HEAD');

/** On what it was measured, as two items of a list. */
export function machineLines(): string {
  const [cpu] = cpus();
  return `- Machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Linux ${release()}; load average at the end ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}.
- Versions: Node ${process.versions.node}, commit ${commit()}, ${versionOf('ssh', '-V') || 'OpenSSH'}.`;
}

/** Writes docs/performance.md: the table, and what its figures mean. */
export function writeReport(
  measured: readonly { row: Row; results: readonly Result[] }[],
  { flags, isQuick }: { flags: readonly string[]; isQuick: boolean },
): void {
  const line = ({ what, ours, peer, ratio, target, isMet }: Result): string =>
    `| ${[what, ours, peer, ratio ?? '–', target, isMet === null ? '–' : isMet ? 'met' : '**missed**'].join(' | ')} |`;
  const shared = flags.filter(
    (flag) => /^[a-z].*=|pragma/i.test(flag) && !flag.endsWith('=Keyword') && !flag.startsWith('--'),
  );
  const text = `# Performance

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC. Each figure stands beside its peer, measured in the same run, in turns, on the same server.${isQuick ? ' This was a quick look (`--quick`): a quarter of the rounds.' : ''}

${machineLines()}
- The product is the real one: \`npm start\`'s processes in a home of their own, real HTTP, an API key. Load generators, peers, PostgreSQL, Temporal and the product share the machine's cores.
- Temporal's flags, shared with the peer: \`${shared.join(' ')}\`.

| what | Windlass | peer | ratio | target | |
| --- | --- | --- | --- | --- | --- |
${measured.flatMap(({ results }) => results.map(line)).join('\n')}

Latencies are p50 / p95 / p99 unless said otherwise. What the rows mean:

${measured.flatMap(({ row }) => row.notes.map((note) => `- ${note}`)).join('\n')}
`;
  mkdirSync(fileURLToPath(new URL('../../docs/', import.meta.url)), { recursive: true });
  writeFileSync(file, text);
}
