import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

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
