import { type SelectQueryBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { IncidentQuery, ListedIncident } from '#contracts/incidents/incidents.ts';
import { incidentStates, stateFlags } from '#contracts/incidents/states.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { Database } from '../kit/tables.ts';
import { namesAsset } from './assets-of.ts';
import { listedColumns, type ListedRow, showListed } from './shown-columns.ts';

export type IncidentFilter = Omit<z.infer<typeof IncidentQuery>, 'limit' | 'cursor'>;
type Incidents<O> = SelectQueryBuilder<Database, 'incidents', O>;

const isId = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
const broken = (field: string, message: string): Refusal => new Refusal('contract.broken', {}, { [field]: message });

/** Escapes what `like` would read as a pattern. */
const literally = (text: string): string => text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);

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
  const words = search?.trim().toLowerCase();
  if (words) query = query.where(sql<boolean>`search_text like ${`%${literally(words)}%`}`);
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
  if (cursor !== undefined && !isId(cursor)) throw broken('cursor', 'This is no cursor of this list.');
  const page = async (narrowed: Incidents<ListedRow>): Promise<ListedRow[]> => {
    const before = cursor === undefined ? narrowed : narrowed.where('id', '<', cursor);
    return before
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
  };
  const words = filter.search?.trim().toLowerCase();
  const all = (narrow: IncidentFilter) => narrowIncidents(tx.selectFrom('incidents').select(listedColumns), narrow, me);
  let rows: ListedRow[];
  if (words) {
    const head = tx.selectFrom((eb) => {
      const newer = eb.selectFrom('incidents').selectAll().orderBy('id', 'desc').limit(newest);
      return (cursor === undefined ? newer : newer.where('id', '<', cursor)).as('incidents');
    });
    // To its columns it is the table.
    rows = await page(narrowIncidents((head as Incidents<object>).select(listedColumns), filter, me));
    if (rows.length <= limit) {
      // The index is asked by a function of the owner's: see migration 0035. As a list, for which the planner has a number.
      const { rows: found } = await sql<{ id: string }>`select windlass_find_incidents(${`%${literally(words)}%`}, ${cursor ?? null}::uuid) as id`.execute(tx); // prettier-ignore
      const ids = found.map(({ id }) => id);
      rows = ids.length === 0 ? [] : await page(all({ ...filter, search: undefined }).where(sql<boolean>`id = any(${ids}::uuid[])`)); // prettier-ignore
    }
  } else rows = await page(all(filter));
  const data = await showListed(tx, rows.slice(0, limit), now);
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}
