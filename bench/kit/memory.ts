import { readFileSync, readdirSync } from 'node:fs';

interface Seen {
  pid: number;
  parent: number;
  name: string;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone, or not ours to read
  }
};

function processes(): Seen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      const status = read(`/proc/${pid}/status`);
      return {
        pid: Number(pid),
        parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
        name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '',
      };
    });
}

const kilobytes = (text: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);

/** Megabytes of each process of these trees: resident memory, of PostgreSQL its share (PSS), since its backends share. */
export function memoryOf(roots: readonly { name: string; pid: number }[]): Map<string, number> {
  const all = processes();
  const found = new Map<string, number>();
  const taken = new Set<number>();
  for (const { name, pid } of roots) {
    const queue = all.filter((each) => each.pid === pid);
    let sum = 0;
    for (let each = queue.shift(); each; each = queue.shift()) {
      if (taken.has(each.pid)) continue;
      taken.add(each.pid);
      const parent = each.pid;
      queue.push(...all.filter((child) => child.parent === parent));
      sum +=
        each.name === 'postgres'
          ? kilobytes(read(`/proc/${each.pid}/smaps_rollup`), 'Pss')
          : kilobytes(read(`/proc/${each.pid}/status`), 'VmRSS');
    }
    found.set(name, sum / 1024);
  }
  return found;
}
