import { sql } from 'kysely';
import type { RouteAnswer } from '#contracts/kit/route.ts';
import type { IncidentCounts, incidentRoutes } from '#contracts/incidents/incidents.ts';
import { type IncidentState, incidentStates } from '#contracts/incidents/states.ts';
import type { TenantTx } from '../kit/database.ts';
import { type IncidentFilter, narrowIncidents } from './list-incidents.ts';
import { readIncidentSettings } from './settings.ts';
import { type ListedRow, listedColumns, showListed } from './shown-columns.ts';

type Board = RouteAnswer<typeof incidentRoutes.getIncidentBoard>;

/** `merged` and `canceled` are no columns: nobody works there, and they are found in the list. */
const columns = incidentStates.filter((state) => state !== 'merged' && state !== 'canceled');
const mostInColumn = 40;
const closedDays = 7;
const ofLate = (state: IncidentState) =>
  // `is_active` says no more than the state does; it is what the index of closed ones goes by.
  state === 'closed'
    ? sql<boolean>`not is_active and state_since > now() - ${closedDays} * interval '1 day'`
    : sql<boolean>`true`;

/** Incidents by state, the newest of each, and how many there are. */
export async function readBoard(
  tx: TenantTx,
  filter: Pick<IncidentFilter, 'severity' | 'service' | 'owner' | 'search'>,
  { me, now }: { me: string | null; now: number },
): Promise<Board['columns']> {
  const inColumn = (state: IncidentState) =>
    narrowIncidents(tx.selectFrom('incidents'), filter, me).where('state', '=', state).where(ofLate(state));
  const [{ names }, ...found] = await Promise.all([
    readIncidentSettings(tx),
    ...columns.map((state) =>
      inColumn(state).select(listedColumns).orderBy('id', 'desc').limit(mostInColumn).execute(),
    ),
  ]);
  const rows: ListedRow[] = found.flat();
  const [shown, ...counts] = await Promise.all([
    showListed(tx, rows, now),
    ...columns.map(async (state, index) => {
      const there = found[index]?.length ?? 0;
      if (there < mostInColumn) return there;
      const { count } = await inColumn(state)
        .select(sql<number>`count(*)::int`.as('count'))
        .executeTakeFirstOrThrow();
      return count;
    }),
  ]);
  return columns.map((state, index) => ({
    state,
    name: names[state],
    count: counts[index] ?? 0,
    incidents: shown.filter((incident) => incident.state === state),
  }));
}

/** What is going on in the whole workspace now. */
export async function countIncidents(tx: TenantTx): Promise<IncidentCounts> {
  const { rows } = await sql<IncidentCounts>`
    select count(*)::int as active,
      count(*) filter (where risk_at <= now() and (breach_at is null or breach_at > now()))::int as "atRisk",
      count(*) filter (where breach_at <= now())::int as breached,
      count(*) filter (where is_paused)::int as paused,
      count(*) filter (where state = 'open')::int as unacknowledged
    from incidents where is_active`.execute(tx);
  return rows[0] ?? { active: 0, atRisk: 0, breached: 0, paused: 0, unacknowledged: 0 };
}

/** Medians of what was opened within 30 days: until somebody answered, and until it was resolved. */
export async function medianTimes(tx: TenantTx): Promise<Pick<Board['figures'], 'acknowledgeMs' | 'resolveMs'>> {
  const { rows } = await sql<Pick<Board['figures'], 'acknowledgeMs' | 'resolveMs'>>`
    select percentile_cont(0.5) within group (order by extract(epoch from acknowledged_at - opened_at) * 1000) as "acknowledgeMs",
      percentile_cont(0.5) within group (order by extract(epoch from resolved_at - opened_at) * 1000)
        filter (where state in ('resolved', 'closed')) as "resolveMs"
    from incidents where opened_at > now() - interval '30 days' and state not in ('merged', 'canceled')`.execute(tx);
  return rows[0] ?? { acknowledgeMs: null, resolveMs: null };
}
