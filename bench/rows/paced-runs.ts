import { z } from 'zod';
import { hearEndings } from '../kit/endings.ts';
import { median } from '../kit/figures.ts';
import { watchProvider } from '../kit/provider.ts';
import type { Row } from '../kit/row.ts';
import { connectSfmc, startSfmc } from '../kit/sfmc.ts';

const Started = z.object({ runId: z.string() });
const perSecond = 10;
/** Of each connection: enough that looks at them always wait. */
const runsOfEach = 25;
/** Above the ids of the simulator's own business units. */
const firstUnit = 7_100_000;
const columns = [{ name: 'SubscriberKey', type: 'text', length: 254 }];
const sql = 'SELECT SubscriberKey FROM _Subscribers';

export const pacedRuns: Row = {
  name: 'paced-runs',
  notes: [
    'Paced runs: 500 queries started at once on 20 connections to Marketing Cloud, each to a business unit of its own that allows 10 calls in a second of the clock (REST and SOAP together) and answers more with 429. A query takes 25 to 35 s at the service, so that looks at it always wait. Used is how many calls were answered of those that were allowed, from 3 s after the last start to the first end; then the same 500 twice again, so that refusals after the first minute can be seen; the share is the middle one of the three.',
  ],
  async measure(tools) {
    const connections = Math.round(20 * tools.scale);
    const runs = connections * runsOfEach;
    const waves = tools.scale < 1 ? 1 : 3;
    const product = await tools.product();
    const simulator = await startSfmc(tools, { queueMs: [15_000, 20_000], runMs: [10_000, 15_000] });
    const { world } = simulator;
    const units = Array.from({ length: connections }, (_, index) => firstUnit + index);
    for (const [index, mid] of units.entries()) {
      world.units.push({ mid, name: `Unit ${mid}`, parent: world.units[0]?.mid ?? 0 });
      for (const user of world.users) user.units.push(mid);
      const root = [...world.folders.values()].find(({ key }) => key === 'dataextension_default');
      if (root) world.folders.set(1_000 + index, { ...root, id: 1_000 + index, mid });
    }
    await product.owner.patch('/settings', { concurrency: 1_000 });
    const stamp = Date.now();
    const places = units.map((mid) => ({ name: `Paced ${stamp} ${mid}`, accountId: mid }));
    const ids = await connectSfmc(product, simulator, places, { slots: 100, callsPerSecond: perSecond });
    world.knobs.callsPerSecond = perSecond;
    const endings = await hearEndings(product.api);
    const { answers, stop } = watchProvider(Number(new URL(simulator.origin).port));
    try {
      const begun = Date.now();
      const used: number[] = [];
      for (let wave = 0; wave < waves; wave++) {
        const started = await Promise.all(
          Array.from({ length: runs }, async (_, n) =>
            Started.parse(
              await product.api.post('/query-runs', { connectionId: ids[n % connections], sql, options: { columns } }),
            ),
          ),
        );
        const from = Date.now() + 3_000;
        const ends = started.map(({ runId }) => endings.of(runId));
        await Promise.race(ends);
        const to = Date.now();
        const within = answers.filter(({ span, status }) => status !== 429 && span[1] >= from && span[1] < to).length;
        used.push(within / (((to - from) / 1_000) * connections * perSecond));
        const failed = (await Promise.all(ends)).filter(({ status }) => status !== 'succeeded').length;
        tools.say(
          `${runs} runs: ${within} calls in ${((to - from) / 1_000).toFixed(1)} s, all ended after ${((Date.now() - begun) / 1_000).toFixed(0)} s, ${failed} not well`,
        );
        if (failed > 0) throw new Error(`${failed} of ${runs} runs did not succeed.`);
      }
      const refused = answers.filter(({ status }) => status === 429).map(({ span }) => span[0] - begun);
      const late = refused.filter((at) => at > 60_000).length;
      const share = median(used);
      return [
        {
          what: `${runs} runs at once over ${connections} connections, ${perSecond} calls/s each: of the limit used`,
          ours: `${(share * 100).toFixed(1)} %`,
          peer: 'the limit',
          target: '≥ 95 %',
          isMet: share >= 0.95,
        },
        {
          what: 'the same: calls refused with 429 after the first minute',
          ours: `${late} of ${answers.length} calls (${refused.length} in all)`,
          peer: 'the limit',
          target: '0',
          isMet: late === 0,
        },
      ];
    } finally {
      stop();
      endings.close();
    }
  },
};
