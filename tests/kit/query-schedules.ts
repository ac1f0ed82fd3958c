import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import type { Schedule, ScheduleFiring } from '#contracts/schedules/schedules.ts';
import { temporalSchedules } from '#temporal/schedules.ts';
import type { QueryWorld } from './query-world.ts';
import { until } from './test-app.ts';

type After = { deliveries?: object[]; alerts?: object[] };
export interface QuerySchedules {
  /** The body of a schedule of a new saved query. */
  bodyOf(
    sql: string,
    after: After,
    engine?: 'postgres' | 'amc' | 'sfmc',
  ): Promise<{ name: string; target: { kind: string; id: string; after: After }; cron: string }>;
  make(...of: Parameters<QuerySchedules['bodyOf']>): Promise<Schedule>;
  /** Lets one of its past times happen, and waits until whatever came of it is over. */
  fire(scheduleId: string, day?: string): Promise<ScheduleFiring>;
  /** Makes a schedule, lets a time of it happen, and gives its run once it has ended and all have been told. */
  run(...of: Parameters<QuerySchedules['bodyOf']>): Promise<QueryRunDetail>;
}

/** Schedules of queries, and their times, for tests. */
export function querySchedules(world: QueryWorld): QuerySchedules {
  let made = 0;
  const options = { amc: { timeWindow: { type: 'ALL', timeZone: 'UTC' } } };
  const of: QuerySchedules = {
    bodyOf: async (sql, after, engine = 'postgres') => {
      made += 1;
      const query = await world.app.ok('POST', '/queries', {
        name: `Orders ${made}`,
        body: {
          engine,
          sql,
          connectionId: world.connections[engine],
          ...(engine === 'amc' && { options: options.amc }),
          ...(engine === 'sfmc' && { unit: '7000001' }),
        },
      });
      return { name: `At seven ${made}`, target: { kind: 'query', id: query.id, after }, cron: '0 7 * * *' };
    },
    make: async (...given) => world.app.ok('POST', '/schedules', await of.bodyOf(...given)),
    fire: async (scheduleId, day = '2026-03-02') => {
      // As the clock does it: nobody is there to be asked whether they may.
      await temporalSchedules(world.app.parts.workflows.client).backfill(
        scheduleId,
        new Date(`${day}T06:59:00.000Z`),
        new Date(`${day}T07:01:00.000Z`),
      );
      // Alerts are told after the run has ended and before its time of the schedule has.
      await until(async () => {
        const rows = await world.sql(
          'select 1 from schedule_firings where schedule_id = $1 and nominal_at = $2 and ended_at is not null',
          [scheduleId, `${day}T07:00:00Z`],
        );
        return rows[0];
      });
      const { data } = await world.app.ok('GET', `/schedules/${scheduleId}/firings`);
      const firing = data.find(({ nominalAt }: ScheduleFiring) => nominalAt.startsWith(day));
      if (!firing) throw new Error(`The time of ${day} is not there.`);
      return firing;
    },
    run: async (...given) => {
      const { runId } = await of.fire((await of.make(...given)).id);
      return world.app.ok('GET', `/query-runs/${runId}`);
    },
  };
  return of;
}
