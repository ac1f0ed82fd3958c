import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { AttributeDef } from '#contracts/assets/asset-types.ts';
import type { AssetPatch } from '#contracts/assets/assets.ts';
import type { FileLine, WantedAsset } from '#contracts/assets/read-file.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { AssetRow } from './list-assets.ts';
import { relationsFrom, setRelations, type WantedRelation } from './set-relations.ts';
import type { FieldChange } from './tables.ts';
import {
  type AssetFields, checkFields, differences, fieldsOf, insertAssets, isSame, type KnownHere, knownHere, newFields, patched, updateAssets,
} from './write-assets.ts'; // prettier-ignore

/** What lines name by words, with the ids behind them. */
interface Named {
  here: KnownHere;
  types: ReadonlyMap<string, { id: string; attributes: AttributeDef[] }>;
  people: ReadonlyMap<string, string>;
  servers: ReadonlyMap<string, string>;
  assets: ReadonlyMap<string, AssetRow>;
  relations: ReadonlyMap<string, WantedRelation[]>;
}
type MatchBy = 'key' | 'name';
const handle = (wanted: WantedAsset, matchBy: MatchBy): string | undefined => wanted[matchBy];

async function namesBehind(
  tx: TenantTx,
  lines: readonly WantedAsset[],
  matchBy: MatchBy,
  lock: boolean,
): Promise<Named> {
  const wanted = [...new Set(lines.flatMap((line) => handle(line, matchBy) ?? []))];
  const servers = [...new Set(lines.flatMap(({ server }) => server ?? []))];
  let assets = tx
    .selectFrom('assets')
    .selectAll()
    .where(matchBy, 'in', wanted.length > 0 ? wanted : [''])
    .orderBy('id');
  if (lock) assets = assets.forUpdate();
  const [here, types, people, hosts, rows] = await Promise.all([
    knownHere(tx),
    tx.selectFrom('assetTypes').select(['id', 'key', 'attributes']).execute(),
    tx.selectFrom('members as m').innerJoin('users as u', 'u.id', 'm.userId').select(['u.id', 'u.email']).execute(),
    servers.length === 0 ? [] : tx.selectFrom('servers').select(['id', 'name']).where('name', 'in', servers).execute(),
    assets.execute(),
  ]);
  return {
    here,
    types: new Map(types.map((type) => [type.key, type])),
    people: new Map(people.map(({ id, email }) => [email.toLowerCase(), id])),
    servers: new Map(hosts.map(({ id, name }) => [name, id])),
    assets: new Map(rows.map((row) => [row[matchBy], row])),
    relations: await relationsFrom(
      tx,
      rows.map(({ id }) => id),
    ),
  };
}

type LineError = FileLine['errors'][number];
interface Outcome {
  act: 'create' | 'update' | 'unchanged' | 'refuse';
  row: AssetRow | undefined;
  fields: AssetFields | undefined;
  changes: FieldChange[];
  errors: LineError[];
}

/** What a line would do to the assets as they are now. */
function judge(wanted: WantedAsset, errors: readonly LineError[], matchBy: MatchBy, named: Named): Outcome {
  const found: LineError[] = [...errors];
  const refuse = (field: string | null, message: string): void => void found.push({ field, message });
  const row = named.assets.get(handle(wanted, matchBy) ?? '');
  const type = wanted.type === undefined ? undefined : named.types.get(wanted.type);
  if (wanted.type !== undefined && !type) refuse('type', `There is no asset type with the key ${wanted.type}.`);
  const server = typeof wanted.server === 'string' ? named.servers.get(wanted.server) : wanted.server;
  if (wanted.server && !server) refuse('server', `There is no server called ${wanted.server}.`);
  const owner = ownerOf(wanted.owner, named);
  if (owner === 'unknown') refuse('owner', `${wanted.owner ?? ''} is no member. A team is written as team:<name>.`);
  if (!row) {
    if (wanted.key === undefined) refuse('key', 'A new asset needs a key.');
    if (wanted.name === undefined) refuse('name', 'A new asset needs a name.');
    if (wanted.type === undefined) refuse('type', 'A new asset needs a type.');
  }
  const refused = (): Outcome => ({ act: 'refuse', row, fields: undefined, changes: [], errors: found });
  if (found.length > 0 || owner === 'unknown') return refused();

  const patch: AssetPatch = {
    ...(wanted.key !== undefined && { key: wanted.key }),
    ...(wanted.name !== undefined && { name: wanted.name }),
    ...(type && { typeId: type.id }),
    ...(wanted.description !== undefined && { description: wanted.description }),
    ...(wanted.tags && { tags: wanted.tags }),
    ...(wanted.criticality && { criticality: wanted.criticality }),
    ...(wanted.state && { state: wanted.state }),
    ...(server !== undefined && { serverId: server }),
    ...(owner !== undefined && { owner }),
    attributes: wanted.attributes,
  };
  const before = row && fieldsOf(row);
  const after = patched(before ?? blank(type?.id ?? ''), patch, 'import');
  try {
    checkFields(named.here, before ?? null, after);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.details && error.code === 'asset.attributes_refused')
      for (const [name, message] of Object.entries(error.details)) refuse(`attr.${name}`, String(message));
    else refuse(null, error.message);
    return refused();
  }
  if (!row || !before) return { act: 'create', row, fields: after, changes: differences(blank(''), after), errors: [] };
  const changes = differences(before, after);
  const related = named.relations.get(row.id) ?? [];
  const relations = wanted.relations && sorted(wanted.relations);
  if (relations && !isSame(related, relations)) changes.push({ field: 'relations', before: related, after: relations });
  return { act: changes.length > 0 ? 'update' : 'unchanged', row, fields: after, changes, errors: [] };
}

const sorted = (relations: readonly WantedRelation[]): WantedRelation[] =>
  relations
    .map(({ kind, to }) => ({ kind, to }))
    .sort((a, b) => (a.kind === b.kind ? (a.to < b.to ? -1 : 1) : a.kind < b.kind ? -1 : 1));
const blank = (typeId: string): AssetFields =>
  newFields(
    {
      key: '', name: '', typeId, description: '', attributes: {}, tags: [], owner: null, criticality: 'medium', state: 'active', serverId: null,
    }, // prettier-ignore
    'import',
  );
function ownerOf(owner: string | null | undefined, { people }: Named): AssetPatch['owner'] | 'unknown' {
  if (owner === undefined || owner === null) return owner;
  if (owner.startsWith('team:')) return { team: owner.slice(5).trim() };
  const personId = people.get(owner.toLowerCase());
  return personId === undefined ? 'unknown' : { personId };
}

/**
 * Keeps lines with what each would do. Repeatable: a line that is kept already stays as it was judged.
 * @param known every key of the file, since a relation may lead to an asset of a later line
 */
export async function planLines(
  tx: TenantTx,
  importId: string,
  lines: readonly FileLine[],
  { matchBy, known }: { matchBy: MatchBy; known: ReadonlySet<string> },
): Promise<void> {
  const named = await namesBehind(
    tx,
    lines.map(({ wanted }) => wanted),
    matchBy,
    false,
  );
  const targets = [...new Set(lines.flatMap(({ wanted }) => wanted.relations?.map(({ to }) => to) ?? []))].filter(
    (key) => !known.has(key),
  );
  const there = new Set(
    targets.length === 0
      ? []
      : (await tx.selectFrom('assets').select('key').where('key', 'in', targets).execute()).map(({ key }) => key),
  );
  const rows = lines.map(({ line, wanted, errors }) => {
    const lost = (wanted.relations ?? []).filter(({ to }) => !known.has(to) && !there.has(to));
    const all = [
      ...errors,
      ...lost.map(({ to }) => ({ field: 'relations', message: `There is no asset with the key ${to}.` })),
    ];
    const { act, row, changes, errors: found } = judge(wanted, all, matchBy, named);
    return {
      importId,
      line,
      key: wanted.key ?? row?.key ?? '',
      name: wanted.name ?? row?.name ?? '',
      act,
      assetId: row?.id ?? null,
      assetVersion: row?.version ?? null,
      wanted: JSON.stringify(wanted),
      changes: JSON.stringify(changes),
      errors: JSON.stringify(found),
      state: 'planned' as const,
    };
  });
  await tx
    .insertInto('assetImportRows')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Does the next lines of an import that has been read, judged anew against the assets as they are now. Asset, history and the
 * line's own mark are one transaction, so a repeated call goes on with the next ones.
 */
export async function applyLines(
  tx: TenantTx,
  importId: string,
  { matchBy, runId, actor }: { matchBy: MatchBy; runId: string; actor: ActorRef },
  most = 500,
): Promise<{ done: number; refused: number }> {
  const rows = await tx
    .selectFrom('assetImportRows')
    .select(['line', 'wanted'])
    .where('importId', '=', importId)
    .where('state', '=', 'planned')
    .where('act', 'in', ['create', 'update'])
    .orderBy('line')
    .limit(most)
    .forUpdate()
    .execute();
  if (rows.length === 0) return { done: 0, refused: 0 };
  const named = await namesBehind(
    tx,
    rows.map(({ wanted }) => wanted),
    matchBy,
    true,
  );
  const made: { id: string; fields: AssetFields; line: number }[] = [];
  const changed: { id: string; fields: AssetFields; version: number; changes: FieldChange[]; line: number }[] = [];
  const same: number[] = [];
  const refused: { line: number; errors: LineError[] }[] = [];
  for (const { line, wanted } of rows) {
    const { act, row, fields, changes, errors } = judge(wanted, [], matchBy, named);
    if (act === 'refuse' || !fields) refused.push({ line, errors });
    else if (!row) made.push({ id: uuidv7(), fields, line });
    else if (changes.length === 0) same.push(line);
    else changed.push({ id: row.id, fields, version: row.version + 1, changes, line });
  }
  // What somebody else has taken since the preview is refused by name, before the database would refuse all.
  const keys = made.map(({ fields }) => fields.key);
  const taken = new Set(
    keys.length === 0 || matchBy === 'key'
      ? []
      : (await tx.selectFrom('assets').select('key').where('key', 'in', keys).execute()).map(({ key }) => key),
  );
  for (const { line, fields } of made)
    if (taken.has(fields.key))
      refused.push({ line, errors: [{ field: 'key', message: 'Another asset has this key.' }] });
  const fresh = made.filter(({ fields }) => !taken.has(fields.key));
  const writer = { actor, source: 'import' as const, runId, batchId: importId };
  await insertAssets(tx, fresh, writer, 'imported');
  await updateAssets(tx, changed, writer);
  await mark(tx, importId, [...fresh, ...changed], same);
  for (const { line, errors } of refused)
    await tx
      .updateTable('assetImportRows')
      .set({ state: 'refused', errors: JSON.stringify(errors) })
      .where('importId', '=', importId)
      .where('line', '=', line)
      .execute();
  return { done: rows.length, refused: refused.length };
}

async function mark(
  tx: TenantTx,
  importId: string,
  written: ReadonlyArray<{ line: number; id: string }>,
  same: readonly number[],
): Promise<void> {
  await sql`update asset_import_rows r set state = 'applied', asset_id = w.id
    from unnest(${written.map(({ line }) => line)}::int[], ${written.map(({ id }) => id)}::uuid[]) as w (line, id)
    where r.import_id = ${importId} and r.line = w.line`.execute(tx);
  if (same.length > 0)
    await tx
      .updateTable('assetImportRows')
      .set({ state: 'applied' })
      .where('importId', '=', importId)
      .where('line', 'in', same)
      .execute();
}

/**
 * Relates what was imported, once every asset is there. Repeatable: relations are made exactly what the file says.
 * @returns the last line that was done; null behind the end
 */
export async function relateLines(
  tx: TenantTx,
  importId: string,
  after: number,
  actor: ActorRef,
  most = 200,
): Promise<number | null> {
  const rows = await tx
    .selectFrom('assetImportRows')
    .select(['line', 'assetId', 'wanted'])
    .where('importId', '=', importId)
    .where('line', '>', after)
    .where('state', '=', 'applied')
    .where('assetId', 'is not', null)
    .orderBy('line')
    .limit(most)
    .execute();
  for (const { assetId, wanted } of rows)
    if (assetId !== null && wanted.relations) await setRelations(tx, assetId, wanted.relations, actor);
  return rows.length < most ? null : (rows.at(-1)?.line ?? null);
}

/** The lines' marks after an import was taken back: what is still as the import left it was kept. */
export async function markUndone(tx: TenantTx, importId: string, kept: readonly string[]): Promise<void> {
  if (kept.length > 0)
    await tx
      .updateTable('assetImportRows')
      .set({ state: 'kept' })
      .where('importId', '=', importId)
      .where('state', '=', 'applied')
      .where('assetId', 'in', kept)
      .execute();
}
export async function closeUndone(tx: TenantTx, importId: string): Promise<void> {
  await tx
    .updateTable('assetImportRows')
    .set({ state: 'undone' })
    .where('importId', '=', importId)
    .where('state', '=', 'applied')
    .execute();
}
