import { hearEndings } from '../kit/endings.ts';
import { median, ms, times } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';
import { createPlaybook, timeRun } from '../kit/runs.ts';
import { startPlainTemporal } from '../peers/plain-temporal.ts';

const steps = 40;
/** Each step reads the one before, as real ones do. */
const cheapSteps = (count: number) => ({
  name: `${count} cheap steps`,
  steps: Array.from({ length: count }, (_, at) => ({
    id: `s${at}`,
    kind: 'set',
    values: { x: at === 0 ? 1 : `\${{ steps.s${at - 1}.output.x + 1 }}` },
  })),
});

export const stepsInARow: Row = {
  name: 'steps',
  notes: [
    'Steps in a row: the whole run from POST to `run.ended`, divided by its steps; every step writes its row and its event. The figures at 10, 20, 40 and 80 steps show whether there is a cliff. Peer: a workflow with 40 ordinary activities in a row, start → result, divided by 40.',
  ],
  async measure(tools) {
    const product = await tools.product();
    const plain = await startPlainTemporal(product.temporalAddress);
    const endings = await hearEndings(product.api);
    try {
      const lengths = [10, 20, steps, 80];
      const playbooks = new Map<number, string>();
      for (const length of lengths) playbooks.set(length, await createPlaybook(product.api, cheapSteps(length)));
      const ours = new Map<number, number[]>(lengths.map((length) => [length, []]));
      const theirs: number[] = [];
      for (let round = 0; round < rounds(tools, 12); round++) {
        for (const [length, id] of playbooks) {
          const took = await timeRun(product.api, endings, id);
          if (round > 1) ours.get(length)?.push(took / length);
        }
        const took = await plain.run('inARow', [steps]);
        if (round > 1) theirs.push(took / steps);
      }
      const perStep = (length: number): number => median(ours.get(length) ?? []);
      const ratio = perStep(steps) / median(theirs);
      return [
        {
          what: `playbook of ${steps} cheap steps in a row, time per step (at 10 / 20 / 40 / 80 steps)`,
          ours: `${ms(perStep(steps))} (${lengths.map((length) => ms(perStep(length))).join(' / ')})`,
          peer: `40 activities in a row ${ms(median(theirs))}`,
          ratio: times(ratio),
          target: '≤ 0.5×, no cliff',
          isMet: ratio <= 0.5 && perStep(80) <= perStep(20) * 1.5,
        },
      ];
    } finally {
      endings.close();
      await plain.close();
    }
  },
};
