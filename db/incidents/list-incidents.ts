import { type SelectQueryBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { IncidentQuery, ListedIncident } from '#contracts/incidents/incidents.ts';
import { incidentStates, stateFlags } from '#contracts/incidents/states.ts';
import { contains } from '../kit/like.ts';
import { idCursor } from '../servers/name-page.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { Database } from '../kit/tables.ts';
import { namesAsset } from './assets-of.ts';
import { listedColumns, type ListedRow, showListed } from './shown-columns.ts';

export type IncidentFilter = Omit<z.infer<typeof IncidentQuery>, 'limit' | 'cursor'>;
type Incidents<O> = SelectQueryBuilder<Database, 'incidents', O>;

const broken = (field: string, message: string): Refusal => new Refusal('contract.broken', {}, { [field]: message });

/** What a search asks of the texts of incidents; null where it asks for nothing. */
const patternOf = (search: string | undefined): string | null => {
  const words = search?.trim().toLowerCase();
  return words ? contains(words) : null;
};

/** Narrows a query of incidents. @param me for `owner=me` @throws Refusal `contract.broken` for words that are no state or severity */
export function narrowIncidents<O>(
  incidents: Incidents<O>,
  { state, severity, service, owner, search, clock, asset, from, to }: IncidentFilter,
  me: string | null,
): Incidents<O> {
  let query = incidents;
  if (state && state.length > 0) {
    const known = new Set<string>(incidentStates);
    const states = state.flatMap((word) =>
      word === 'active' ? incidentStates.filter((each) => stateFlags[each].active) : [word],
    );
    const unknown = states.find((word) => !known.has(word));
    if (unknown !== undefined) throw broken('state', `${unknown} is no state.`);
    query =
      state.length === 1 && state[0] === 'active'
        ? query.where('isActive', '=', true)
        : query.where(sql<boolean>`state = any(${states}::text[])`);
  }
  if (severity && severity.length > 0) {
    const known = new Set<string>(incidentSeverities);
    const unknown = severity.find((word) => !known.has(word));
    if (unknown !== undefined) throw broken('severity', `${unknown} is no severity.`);
    query = query.where(sql<boolean>`severity = any(${severity}::text[])`);
  }
  if (service !== undefined) query = query.where('service', '=', service);
  if (owner === 'none') query = query.where('ownerId', 'is', null);
  else if (owner === 'me') query = query.where('ownerId', '=', me);
  else if (owner !== undefined) query = query.where('ownerId', '=', owner);
  const pattern = patternOf(search);
  if (pattern !== null) query = query.where(sql<boolean>`search_text like ${pattern}`);
  if (clock === 'breached') query = query.where(sql<boolean>`breach_at <= now()`);
  if (clock === 'at_risk')
    query = query.where(sql<boolean>`risk_at <= now() and is_active and (breach_at is null or breach_at > now())`);
  if (asset !== undefined) query = query.where(namesAsset(asset));
  if (from !== undefined) query = query.where('openedAt', '>=', new Date(from));
  if (to !== undefined) query = query.where('openedAt', '<', new Date(to));
  return query;
}

/** Among so many newest a page is nearly always found, and to look at them costs less than an index of all. */
const newest = 1_000;

/** A page of incidents, newest first. */
export async function listIncidents(
  tx: TenantTx,
  { limit, cursor, ...filter }: z.infer<typeof IncidentQuery>,
  { me, now }: { me: string | null; now: number },
): Promise<{ data: ListedIncident[]; pagination: { limit: number; nextCursor: string | null } }> {
  const before = cursor === undefined ? null : idCursor(cursor);
  const older = <O>(incidents: Incidents<O>): Incidents<O> =>
    (before === null ? incidents : incidents.where('id', '<', before)).orderBy('id', 'desc');
  const page = (incidents: Incidents<object>, narrow: IncidentFilter): Promise<ListedRow[]> =>
    narrowIncidents(incidents.select(listedColumns), narrow, me)
      .limit(limit + 1)
      .execute();
  const pattern = patternOf(filter.search);
  let rows: ListedRow[];
  if (pattern === null) rows = await page(older(tx.selectFrom('incidents')), filter);
  else {
    const head = tx.selectFrom((eb) => older(eb.selectFrom('incidents')).selectAll().limit(newest).as('incidents'));
    // To its columns it is the table.
    rows = await page((head as Incidents<object>).orderBy('id', 'desc'), filter);
    if (rows.length <= limit) {
      // The index is asked by a function of the owner's: see migration 0035. As a list, for which the planner has a number.
      const { rows: found } = await sql<{ id: string }>`select windlass_find_incidents(${pattern}, ${before}::uuid) as id`.execute(tx); // prettier-ignore
      const ids = found.map(({ id }) => id);
      const those = older(tx.selectFrom('incidents')).where(sql<boolean>`id = any(${ids}::uuid[])`);
      rows = ids.length === 0 ? [] : await page(those, { ...filter, search: undefined });
    }
  }
  const data = await showListed(tx, rows.slice(0, limit), now);
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}
