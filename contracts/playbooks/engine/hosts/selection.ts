import type { ChosenHosts, RenderedSelection, ServerFacts } from '../effects.ts';

/** Names as people sort them: `web-2` before `web-10`. Ties of equal numbers (`web-02`, `web-2`) go by text. */
export function compareNames(a: string, b: string): number {
  const [as, bs] = [chunksOf(a), chunksOf(b)];
  for (let at = 0; at < Math.min(as.length, bs.length); at++) {
    const [left = '', right = ''] = [as[at], bs[at]];
    const difference = isNumber(left) && isNumber(right) ? compareDigits(left, right) : compareText(left, right);
    if (difference !== 0) return difference;
  }
  return as.length - bs.length || compareText(a, b);
}

const chunksOf = (name: string): string[] => name.match(/\d+|\D+/g) ?? [];
const isNumber = (chunk: string): boolean => /^\d/.test(chunk);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareText(left, right);
}

const isGlob = (name: string): boolean => /[*?]/.test(name);

/** Whether a name fits a glob: `*` is any text, `?` one character. Linear, whatever the pattern. */
export function fitsGlob(name: string, glob: string): boolean {
  let [at, in_, star, mark] = [0, 0, -1, 0];
  while (at < name.length) {
    if (in_ < glob.length && glob[in_] === '*') {
      star = in_++;
      mark = at;
    } else if (in_ < glob.length && (glob[in_] === '?' || glob[in_] === name[at])) {
      in_++;
      at++;
    } else if (star >= 0) {
      in_ = star + 1;
      at = ++mark;
    } else return false;
  }
  while (glob[in_] === '*') in_++;
  return in_ === glob.length;
}

/**
 * Chooses a step's hosts (§6 Hosts): `names` and `from` select together, neither selects all; the rest narrows.
 * `from` may hold ids. Servers in maintenance are left out and told.
 */
export function chooseHosts(selection: RenderedSelection, servers: readonly ServerFacts[]): ChosenHosts {
  const sorted = [...servers].sort((a, b) => compareNames(a.name, b.name));
  const known = new Map<string, ServerFacts>();
  for (const server of sorted) known.set(server.id, server);
  for (const server of sorted) known.set(server.name, server);
  const byName = new Map(sorted.map((server) => [server.name, server]));
  const unknown: string[] = [];
  const picked = new Set<ServerFacts>();
  for (const name of selection.names ?? []) {
    if (isGlob(name)) {
      for (const server of sorted) if (fitsGlob(server.name, name)) picked.add(server);
      continue;
    }
    const server = byName.get(name);
    if (server) picked.add(server);
    else unknown.push(name);
  }
  for (const name of selection.from ?? []) {
    const server = known.get(name);
    if (server) picked.add(server);
    else unknown.push(name);
  }
  const isAll = selection.names === undefined && selection.from === undefined;
  const fitting = (isAll ? sorted : [...picked]).filter((server) => fits(server, selection));
  if (selection.order !== 'listed') fitting.sort((a, b) => compareNames(a.name, b.name));
  return {
    hosts: fitting.filter(({ inMaintenance }) => inMaintenance !== true),
    leftOut: fitting.filter(({ inMaintenance }) => inMaintenance === true).map(({ name }) => name),
    unknown,
  };
}

function fits({ name, tags }: ServerFacts, { tags: all, anyTags, notTags, notNames }: RenderedSelection): boolean {
  if (all && !all.every((tag) => tags.includes(tag))) return false;
  if (anyTags && !anyTags.some((tag) => tags.includes(tag))) return false;
  if (notTags?.some((tag) => tags.includes(tag))) return false;
  return !notNames?.some((glob) => fitsGlob(name, glob));
}
