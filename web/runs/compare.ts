import type { RunDetail, RunStep } from '#contracts/runs/runs.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { StatusName } from '../ui/status.ts';

/** One value of the two runs, by its path. */
export interface ComparedValue {
  path: string;
  a: string | null;
  b: string | null;
}

const isObject = (value: unknown): value is Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function flatten(value: Json | undefined | null, path: string, into: Map<string, string>): void {
  if (value === undefined || value === null) return;
  if (isObject(value) && Object.keys(value).length > 0)
    for (const [name, inner] of Object.entries(value)) flatten(inner, path ? `${path}.${name}` : name, into);
  else into.set(path, textOf(value));
}

/** Two documents value by value: every path that either of them has, those that differ first. */
export function compareValues(a: Json | undefined | null, b: Json | undefined | null): ComparedValue[] {
  const [left, right] = [new Map<string, string>(), new Map<string, string>()];
  flatten(a, '', left);
  flatten(b, '', right);
  const rows = [...new Set([...left.keys(), ...right.keys()])].map((path) => ({
    path,
    a: left.get(path) ?? null,
    b: right.get(path) ?? null,
  }));
  return [...rows.filter((row) => row.a !== row.b), ...rows.filter((row) => row.a === row.b)];
}

export interface ComparedSide {
  status: StatusName;
  ms: number | null;
  attempts: number;
}
/** One step of the two runs; a side is null where that run has no such step. */
export interface ComparedStep {
  address: string;
  name: string;
  a: ComparedSide | null;
  b: ComparedSide | null;
  /** How much longer it took in `b`; null where either did not end. */
  differenceMs: number | null;
}

const sideOf = (step: RunStep | undefined): ComparedSide | null =>
  step
    ? {
        status: step.status,
        ms:
          step.startedAt !== null && step.endedAt !== null
            ? Date.parse(step.endedAt) - Date.parse(step.startedAt)
            : null,
        attempts: Math.max(1, step.attempts.length),
      }
    : null;

/** The steps of two runs side by side, in the order of the first; what only the second has stands where it came. */
export function compareSteps(a: Pick<RunDetail, 'steps'>, b: Pick<RunDetail, 'steps'>): ComparedStep[] {
  const [left, right] = [byAddress(a.steps), byAddress(b.steps)];
  const addresses = [...left.keys()];
  let at = 0;
  for (const address of right.keys()) {
    const known = addresses.indexOf(address);
    if (known >= 0) at = known + 1;
    else addresses.splice(at++, 0, address);
  }
  return addresses.map((address) => {
    const [one, other] = [left.get(address), right.get(address)];
    const [sideA, sideB] = [sideOf(one), sideOf(other)];
    const step = other ?? one;
    return {
      address,
      name: step?.name ?? address,
      a: sideA,
      b: sideB,
      differenceMs:
        sideA?.ms !== null && sideA?.ms !== undefined && sideB?.ms !== null && sideB?.ms !== undefined
          ? sideB.ms - sideA.ms
          : null,
    };
  });
}

const byAddress = (steps: readonly RunStep[]): Map<string, RunStep> =>
  new Map(steps.toSorted((x, y) => x.position - y.position).map((step) => [step.address, step]));
