import type { Json } from '#contracts/kit/schemas.ts';
import type { RunDetail, RunStep } from '#contracts/runs/runs.ts';

/** How a secret stands in a run's record. */
export const secretMark = '[secret]';

/** The steps that a new run can begin at, in their order. */
export const forkSteps = (run: Pick<RunDetail, 'steps'>): RunStep[] =>
  run.steps
    .filter(({ section, parent }) => section === 'steps' && parent === null)
    .toSorted((a, b) => a.position - b.position);

/** The inputs that differ from those of the run before: only they are sent, so that secrets are carried and defaults hold. */
export function forkInputs(
  inputs: ReadonlyArray<{ name: string }>,
  before: Readonly<Record<string, Json>>,
  values: Readonly<Record<string, Json>>,
): Record<string, Json> {
  return Object.fromEntries(
    inputs.flatMap(({ name }) => {
      const now = values[name] ?? null;
      const was = before[name] === secretMark ? null : (before[name] ?? null);
      return JSON.stringify(now) === JSON.stringify(was) ? [] : [[name, now]];
    }),
  );
}
