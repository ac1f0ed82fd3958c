import type { FastifyInstance } from 'fastify';
import { askDatabase } from '#db/kit/database-away.ts';
import { horizonAgeSeconds } from '#db/system/event-tail.ts';
import { countActiveQueries } from '#db/system/remote-assets.ts';
import { countOpenRuns } from '#db/system/sweeps.ts';
import type { Metrics } from '#system/metrics.ts';
import { openStreams } from '../kit/sse.ts';
import type { ApiTools } from '../kit/tools.ts';

/** `/healthz`: the process lives. `/readyz`: it can serve. `/metrics`: Prometheus text. */
export const healthRoots =
  (tools: Pick<ApiTools, 'db' | 'system' | 'log'>, metrics: Metrics, isTemporalUp: () => Promise<boolean>) =>
  (app: FastifyInstance): void => {
    const hidden = { schema: { hide: true }, logLevel: 'silent' } as const;
    app.get('/healthz', hidden, async () => ({ status: 'ok' }));
    app.get('/readyz', hidden, async (_request, reply) => {
      const checks = {
        database: await works(() => askDatabase(tools.db)),
        temporal: await works(async () => (await isTemporalUp()) || Promise.reject(new Error('down'))),
      };
      const isReady = Object.values(checks).every(Boolean);
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
    });
    app.get('/metrics', hidden, async (_request, reply) => {
      metrics.streamsOpen.set({ transport: 'sse' }, openStreams());
      try {
        metrics.eventHorizon.set(await horizonAgeSeconds(tools.system));
        for (const [status, count] of Object.entries(await countOpenRuns(tools.system)))
          metrics.runsOpen.set({ status }, count);
        metrics.queryActive.set(await countActiveQueries(tools.system));
      } catch (error) {
        tools.log.warn({ err: error }, 'metrics of the database could not be read');
      }
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    });
  };

const works = async (check: () => Promise<unknown>): Promise<boolean> => {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
};
