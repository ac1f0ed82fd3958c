import { rowNumbers } from './seed-rows.ts';
import type { ValueType } from './sql/calls.ts';
import type { Catalog, CatalogTable } from './sql/translate.ts';
import { name } from './sql/values.ts';
import {
  type Extension,
  type Field,
  type FieldType,
  type World,
  enterpriseOf,
  findExtension,
  isShared,
} from './world.ts';

const valueTypes: Record<FieldType, ValueType> = {
  Text: 'text',
  Number: 'integer',
  Date: 'date',
  Boolean: 'boolean',
  EmailAddress: 'text',
  Phone: 'text',
  Decimal: 'decimal',
  Locale: 'text',
};

function declaration(field: Field): string {
  const column = name(field.name);
  const required = field.isRequired || field.isKey ? ' not null' : '';
  const check = (rule: string, sql: string) => ` constraint ${name(`${rule}:${field.name}`)} check (${sql})`;
  switch (field.type) {
    case 'Number':
      return `${column} integer${required}${check('number', `typeof(${column}) in ('integer', 'null')`)}${check('range', `${column} between -2147483648 and 2147483647`)}`;
    case 'Boolean':
      return `${column} integer${required}`;
    case 'Decimal':
      return `${column} real${required}${check('decimal', `typeof(${column}) in ('real', 'integer', 'null')`)}`;
    case 'Date':
      return `${column} text${required}`;
    default:
      return `${column} text collate nocase${required}${field.length === null ? '' : check('length', `length(${column}) <= ${field.length}`)}`;
  }
}

/** Makes the table of a data extension. */
export async function createTable(world: World, extension: Extension): Promise<void> {
  const keys = extension.fields.filter(({ isKey }) => isKey).map((field) => name(field.name));
  const key = keys.length > 0 ? `, unique (${keys.join(', ')})` : '';
  await world.store.ask({
    op: 'exec',
    sql: `create table ${extension.table} (${extension.fields.map(declaration).join(', ')}${key})`,
  });
}

/** Stores the rows of a seeded data extension on first use. */
export async function storeRows(world: World, extension: Extension): Promise<void> {
  const { rows } = extension;
  if (rows.kind === 'stored') return;
  extension.rows = { kind: 'stored' };
  await createTable(world, extension);
  const values = extension.fields.map((field) => rows.sql[field.name] ?? 'null').join(', ');
  await world.store.ask({
    op: 'exec',
    sql: `insert into ${extension.table} select ${values} from ${rowNumbers('1', String(rows.count))}`,
  });
}

/** What stands after FROM to read a data extension, or a range of its rows. */
export function readSource(extension: Extension, from = 1, to?: number): string {
  if (extension.rows.kind === 'stored') return extension.table;
  const { sql, count } = extension.rows;
  const list = extension.fields.map((field) => `${sql[field.name] ?? 'null'} as ${name(field.name)}`).join(', ');
  return `(select ${list} from ${rowNumbers(String(from), String(Math.min(to ?? count, count)))})`;
}

const extensionTable = (extension: Extension): CatalogTable => ({
  sql: readSource(extension),
  columns: extension.fields.map((field) => ({ name: field.name, type: valueTypes[field.type] })),
});

/** Which tables a text may mean is only known when it is read; those it found are kept for `prepare`. */
export interface UnitCatalog extends Catalog {
  /** Stores what the found tables need before the query runs. */
  prepare(): Promise<void>;
}

/** What a business unit can name: its data extensions, the system's views, and with `Ent.` what the enterprise shares. */
export function unitCatalog(world: World, mid: number): UnitCatalog {
  const pending = new Set<Extension>();
  const views = new Set<string>();
  const table = (extension: Extension): CatalogTable => {
    if (extension.rows.kind === 'pending') pending.add(extension);
    return extension.rows.kind === 'pending'
      ? { ...extensionTable(extension), sql: extension.table }
      : extensionTable(extension);
  };
  return {
    find(path) {
      const wanted = path.at(-1) ?? '';
      const isEnterprise = path.length === 2 && path[0]?.toLowerCase() === 'ent';
      if (path.length > 2 || (path.length === 2 && !isEnterprise)) return undefined;
      const owner = isEnterprise ? enterpriseOf(world) : mid;
      const view = world.views.find((candidate) => candidate.name.toLowerCase() === wanted.toLowerCase());
      if (view) {
        views.add(view.name);
        // The enterprise sees all units' rows; a unit its own.
        const mine = view.unitColumn !== undefined && owner !== enterpriseOf(world);
        return {
          columns: view.columns,
          sql: mine ? `(select * from ${view.table} where ${view.unitColumn} = ${owner})` : view.table,
        };
      }
      const extension = findExtension(world, owner, { name: wanted });
      if (!extension || (isEnterprise && mid !== owner && !isShared(world, extension))) return undefined;
      return table(extension);
    },
    async prepare() {
      for (const extension of pending) await storeRows(world, extension);
      for (const view of world.views.filter(({ name }) => views.has(name))) await makeView(world, view.name);
    },
  };
}

const made = new WeakMap<World, Map<string, Promise<unknown>>>();
async function makeView(world: World, wanted: string): Promise<void> {
  const known = made.get(world) ?? new Map<string, Promise<unknown>>();
  made.set(world, known);
  const view = world.views.find(({ name }) => name === wanted);
  if (!view) return;
  const making = known.get(wanted) ?? world.store.ask({ op: 'exec', sql: view.script });
  known.set(wanted, making);
  await making;
}
