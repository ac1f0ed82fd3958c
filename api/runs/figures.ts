import { runFigureRoutes } from '#contracts/runs/figures.ts';
import { spanMs } from '#contracts/runs/spans.ts';
import { readOverview } from '#db/runs/overview.ts';
import { countChildren, countRuns, runHistogram, runTrends } from '#db/runs/run-trends.ts';
import { problem } from '../kit/problem.ts';
import { type Handlers, room } from '../kit/room.ts';

const dayMs = 86_400_000;
const mostCounted = 10_000;

/** The span that is asked for; the last day where nothing is said. */
function spanOf(query: { from?: string | undefined; to?: string | undefined; buckets: number }) {
  const to = query.to ? new Date(query.to) : new Date();
  const from = query.from ? new Date(query.from) : new Date(to.getTime() - dayMs);
  if (from >= to)
    throw problem('contract.broken', {}, [
      { path: '/query/from', code: 'order', message: '`from` must lie before `to`.' },
    ]);
  return { from, to, buckets: query.buckets };
}

export const runFigureRoom = room(runFigureRoutes, (tools): Handlers<typeof runFigureRoutes> => ({
  runHistogram: ({ actor, query: { by, buckets: _buckets, ...filter }, query }) =>
    tools.inTenant(actor, (tx) => runHistogram(tx, spanOf(query), filter, by)),
  countMatchingRuns: async ({ actor, query }) => {
    const total = await tools.inTenant(actor, (tx) => countRuns(tx, query, mostCounted));
    return { total: Math.min(total, mostCounted), isCapped: total > mostCounted };
  },
  countRunChildren: async ({ actor, query }) => ({
    counts: Object.fromEntries(await tools.inTenant(actor, (tx) => countChildren(tx, query.of))),
  }),
  runTrends: ({ actor, query }) => tools.inTenant(actor, (tx) => runTrends(tx, spanOf(query), query.actor)),
  overview: async ({ actor, query }) => ({
    span: query.span,
    ...(await tools.inTenant(actor, (tx) => readOverview(tx, spanMs[query.span], query.actor))),
  }),
}));
