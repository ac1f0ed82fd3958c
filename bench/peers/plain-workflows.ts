import { proxyActivities } from '@temporalio/workflow';

const { take } = proxyActivities<{ take: (value: number) => Promise<number> }>({ startToCloseTimeout: '1 minute' });

/** The smallest workflow that does anything: one ordinary activity. */
export const oneStep = (): Promise<number> => take(1);

/** So many ordinary activities in a row. */
export async function inARow(steps: number): Promise<number> {
  let value = 0;
  for (let step = 0; step < steps; step++) value = await take(value);
  return value;
}
