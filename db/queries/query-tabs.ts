import { sql } from 'kysely';
import type { KeepQueryTab, QueryTab } from '#contracts/queries/saved-queries.ts';
import type { TenantTx } from '../kit/database.ts';
import { mergeTexts } from './merge-text.ts';

/** Texts of so many revisions are kept: a browser that comes back after more is merged with what stands, line by line. */
const mostTexts = 40;

type State = Omit<QueryTab, 'id' | 'sql' | 'position' | 'updatedAt' | 'revision'>;
const blank: State = {
  title: 'Query',
  parameters: {},
  parameterDefs: [],
  connectionId: null,
  unit: null,
  timeWindow: null,
  queryId: null,
  queryVersion: null,
  forkedFrom: null,
  runId: null,
  cursor: null,
};

interface TabRow {
  id: string;
  revision: number;
  sqlText: string;
  state: Record<string, unknown>;
  position: number;
  updatedAt: Date;
}
const columns = ['id', 'revision', 'sqlText', 'state', 'position', 'updatedAt'] as const;
const toTab = ({ id, revision, sqlText, state, position, updatedAt }: TabRow): QueryTab => ({
  ...blank,
  ...(state as Partial<State>),
  id,
  sql: sqlText,
  position,
  revision,
  updatedAt: updatedAt.toISOString(),
});

/** A person's open tabs, in their order. */
export async function listQueryTabs(tx: TenantTx, personId: string): Promise<QueryTab[]> {
  const rows = await tx
    .selectFrom('queryTabs')
    .select([...columns])
    .where('personId', '=', personId)
    .orderBy('position')
    .orderBy('id')
    .execute();
  return rows.map(toTab);
}

/**
 * Keeps a tab. A text that another browser has kept since `base` is merged with this one, from the text both were typed
 * upon; of all else the last word counts.
 */
export async function keepQueryTab(
  tx: TenantTx,
  personId: string,
  id: string,
  { base, sql: text, position, ...given }: KeepQueryTab,
): Promise<QueryTab & { hasConflict: boolean }> {
  const fresh = await tx
    .insertInto('queryTabs')
    .values({
      id,
      personId,
      revision: 1,
      sqlText: text ?? '',
      state: JSON.stringify({ ...blank, ...defined(given) }),
      position:
        position ?? sql<number>`coalesce((select max(position) + 1 from query_tabs where person_id = ${personId}), 0)`,
    } as never)
    .onConflict((conflict) => conflict.doNothing())
    .returning([...columns])
    .executeTakeFirst();
  if (fresh) {
    await keepText(tx, personId, id, 1, fresh.sqlText);
    return { ...toTab(fresh), hasConflict: false };
  }
  const stands = await tx
    .selectFrom('queryTabs')
    .select([...columns])
    .where('personId', '=', personId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const merged =
    text === undefined
      ? { text: stands.sqlText, hasConflict: false }
      : stands.revision === base
        ? { text, hasConflict: false }
        : mergeTexts(await textAt(tx, personId, id, base), stands.sqlText, text);
  const revision = stands.revision + 1;
  const kept = await tx
    .updateTable('queryTabs')
    .set({
      revision,
      sqlText: merged.text,
      state: JSON.stringify({ ...stands.state, ...defined(given) }),
      ...(position !== undefined && { position }),
      updatedAt: sql<Date>`now()`,
    })
    .where('personId', '=', personId)
    .where('id', '=', id)
    .returning([...columns])
    .executeTakeFirstOrThrow();
  await keepText(tx, personId, id, revision, merged.text);
  return { ...toTab(kept), hasConflict: merged.hasConflict };
}

const defined = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** The text of a revision; where it is no longer kept, nothing: then every line that differs stands from both. */
async function textAt(tx: TenantTx, personId: string, tabId: string, revision: number): Promise<string> {
  const row = await tx
    .selectFrom('queryTabTexts')
    .select('sqlText')
    .where('personId', '=', personId)
    .where('tabId', '=', tabId)
    .where('revision', '=', revision)
    .executeTakeFirst();
  return row?.sqlText ?? '';
}

async function keepText(
  tx: TenantTx,
  personId: string,
  tabId: string,
  revision: number,
  sqlText: string,
): Promise<void> {
  await Promise.all([
    tx.insertInto('queryTabTexts').values({ personId, tabId, revision, sqlText }).execute(),
    tx
      .deleteFrom('queryTabTexts')
      .where('personId', '=', personId)
      .where('tabId', '=', tabId)
      .where('revision', '<=', revision - mostTexts)
      .execute(),
  ]);
}

/**
 * @returns the run whose rows are at the service for this tab alone: the person’s own, shown by no other tab; undefined
 *   where there was no such tab
 */
export async function closeQueryTab(
  tx: TenantTx,
  personId: string,
  id: string,
): Promise<{ runId: string | null } | undefined> {
  const gone = await tx
    .deleteFrom('queryTabs')
    .where('personId', '=', personId)
    .where('id', '=', id)
    .returning('state')
    .executeTakeFirst();
  if (!gone) return undefined;
  const { runId } = gone.state;
  if (typeof runId !== 'string') return { runId: null };
  const own = await tx
    .selectFrom('runs')
    .select('id')
    .where('id', '=', runId)
    .where('actorId', '=', personId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('queryTabs')
            .select('id')
            .where(sql`state ->> 'runId'`, '=', runId),
        ),
      ),
    )
    .executeTakeFirst();
  return { runId: own ? runId : null };
}
