import { z } from 'zod';
import type { Api } from '../kit/api.ts';
import { hearEndings } from '../kit/endings.ts';
import { median, ms, spreadOf, spreadText } from '../kit/figures.ts';
import { type Span, covered, watchProvider } from '../kit/provider.ts';
import { type Row, rounds } from '../kit/row.ts';
import { connectSfmc, membersQuery, startSfmc } from '../kit/sfmc.ts';

const Started = z.object({ runId: z.string() });
const Objects = z.object({ data: z.array(z.object({ id: z.string(), name: z.string() })) });

/** The columns of the table that is asked, as the console reads them while one types. */
async function readColumns(api: Api, connectionId: string): Promise<void> {
  const { data } = Objects.parse(await api.get(`/connections/${connectionId}/objects?q=Members`));
  const id = data.find(({ name }) => name === 'Members')?.id ?? '';
  await api.get(`/connections/${connectionId}/columns?object=${encodeURIComponent(id)}`);
}

/** Between the moments of one run, milliseconds. */
interface Times {
  readonly own: number;
  /** From the request to the end of the start at the service. */
  readonly before: number;
  /** From the moment at which the service had finished to our word that the rows can be read. */
  readonly after: number;
  readonly all: number;
  readonly calls: number;
}

export const sfmcOwnTime: Row = {
  name: 'sfmc-own-time',
  notes: [
    'Own time in an SFMC run: from `POST /query-runs` over HTTP to `run.ended` on the event stream, which says that the rows can be read, less all time in which the service was at work for this run: each moment in which the simulator had a request of ours in its hands, and the time from the start of its query until its rows were there (one second). What is left is API, database, Temporal, worker, connections and the waits between our looks. One run at a time, without a limit on calls; the columns of the table have been read before, as the console does while one types.',
  ],
  async measure(tools) {
    const product = await tools.product();
    const simulator = await startSfmc(tools, {});
    const [connectionId] = await connectSfmc(product, simulator, [{ name: `Own time ${Date.now()}` }]);
    await readColumns(product.api, String(connectionId));
    const endings = await hearEndings(product.api);
    const { answers, stop } = watchProvider(Number(new URL(simulator.origin).port));
    const clock = (at: number): number => performance.timeOrigin + at;
    const run = async (): Promise<Times> => {
      const known = new Set(simulator.world.tasks.keys());
      const from = clock(performance.now());
      const { runId } = Started.parse(await product.api.post('/query-runs', { connectionId, sql: membersQuery }));
      const { at, status } = await endings.of(runId);
      const to = clock(at);
      if (status !== 'succeeded') throw new Error(`Run ${runId} ended as ${status}.`);
      const task = [...simulator.world.tasks.values()].find(({ id }) => !known.has(id));
      if (!task?.endedAt) throw new Error('The simulator has run no query.');
      const working: Span = [task.startedAt, task.endedAt];
      const asked = answers.map(({ span }) => span).filter(([begin, end]) => end > from && begin < to);
      const own = (span: Span): number => span[1] - span[0] - covered(span, [working, ...asked]);
      return {
        own: own([from, to]),
        before: own([from, working[0]]),
        after: own([working[1], to]),
        all: to - from,
        calls: asked.length,
      };
    };
    try {
      const all: Times[] = [];
      for (let warm = 0; warm < 3; warm++) await run();
      for (let round = 0; round < rounds(tools, 30, 8); round++) {
        all.push(await run());
        // The last run's cleanup is no part of the next.
        await new Promise((resolve) => setTimeout(resolve, 300 + 200 * Math.random()));
      }
      const of = (name: keyof Times): number => median(all.map((each) => each[name]));
      tools.say(
        `of ${ms(of('all'))} in all: ${ms(of('before'))} before the service began, ${ms(of('after'))} after it ended, ${of('calls')} calls`,
      );
      const own = spreadOf(all.map((each) => each.own));
      return [
        {
          what: 'our own time in an SFMC run, POST → rows can be read, p50 / p95 / p99',
          ours: spreadText(own),
          peer: '–',
          target: 'p50 < 300 ms',
          isMet: own.p50 < 300,
        },
      ];
    } finally {
      stop();
      endings.close();
    }
  },
};
