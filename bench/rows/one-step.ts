import { hearEndings } from '../kit/endings.ts';
import { median, spreadOf, spreadText, times } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';
import { createPlaybook, timeRun, together } from '../kit/runs.ts';
import { startPlainTemporal } from '../peers/plain-temporal.ts';

const oneSet = (name: string) => ({ name, steps: [{ id: 'a', kind: 'set', values: { x: 1 } }] });

export const oneStep: Row = {
  name: 'one-step',
  notes: [
    'One-step run: from `POST /playbooks/:id/runs` over HTTP with an API key (sign-in, permission, row security, audit, event) to `run.ended` on the event stream of another connection. Peer: `workflow.start` to `result()` of one ordinary activity, SDK defaults, a worker of its own, no database, no API.',
    'Peer and product share the embedded Temporal server and so its flags, which speed the peer up as well (transfer queue read 100 times a second instead of 20, WAL with `synchronous=NORMAL`, one partition).',
  ],
  async measure(tools) {
    const product = await tools.product();
    const plain = await startPlainTemporal(product.temporalAddress);
    const endings = await hearEndings(product.api);
    try {
      const playbook = await createPlaybook(product.api, oneSet('One step'));
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let warm = 0; warm < 20; warm++) {
        await timeRun(product.api, endings, playbook);
        await plain.run('oneStep');
      }
      for (let round = 0; round < rounds(tools, 10); round++) {
        for (let run = 0; run < 20; run++) ours.push(await timeRun(product.api, endings, playbook));
        for (let run = 0; run < 20; run++) theirs.push(await plain.run('oneStep'));
      }
      const ratio = median(ours) / median(theirs);
      const single = {
        what: 'one-step run, HTTP POST → finished, one at a time, p50 / p95 / p99',
        ours: spreadText(spreadOf(ours)),
        peer: `plain Temporal SDK ${spreadText(spreadOf(theirs))}`,
        ratio: times(ratio),
        target: '≤ 1.0×',
        isMet: ratio <= 1,
      };

      const count = tools.scale < 1 ? 100 : 250;
      const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
      for (let round = 0; round < rounds(tools, 4); round++) {
        const a = await together(count, 50, () => timeRun(product.api, endings, playbook));
        const b = await together(count, 50, () => plain.run('oneStep'));
        if (round === 0) continue; // warm-up
        rates.ours.push((count * 1000) / a);
        rates.theirs.push((count * 1000) / b);
      }
      const [us, them] = [median(rates.ours), median(rates.theirs)];
      return [
        single,
        {
          what: 'the same at 50 at once, runs/s',
          ours: `${us.toFixed(1)}/s`,
          peer: `plain Temporal SDK ${them.toFixed(1)}/s`,
          ratio: times(us / them),
          target: '≥ 1.0×, aim 2×',
          isMet: us / them >= 1,
        },
      ];
    } finally {
      endings.close();
      await plain.close();
    }
  },
};
