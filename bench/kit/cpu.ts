import { readFileSync, readdirSync } from 'node:fs';

const ticksPerSecond = 100;

/** Seconds of CPU that these processes and their children have used up to now. */
export function cpuSecondsOf(roots: readonly number[]): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // After the name, which may hold anything: state, parent, …, utime and stime, and of children that have ended.
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        const [utime, stime, childUser, childSystem] = fields.slice(11, 15).map(Number);
        return [
          {
            pid: Number(name),
            parent: Number(fields[1]),
            ticks: (utime ?? 0) + (stime ?? 0) + (childUser ?? 0) + (childSystem ?? 0),
          },
        ];
      } catch {
        return []; // gone
      }
    });
  const wanted = new Set(roots);
  for (let grown = -1; grown !== wanted.size;) {
    grown = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  return all.filter(({ pid }) => wanted.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}
