import { z } from 'zod';
import type {
  ColumnType,
  DescribePage,
  DescribeRequest,
  SchemaColumn,
  SchemaObject,
} from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { pageCursor } from '../engines/page-cursor.ts';
import type { SfmcCalls } from './calls.ts';
import { type Retrieve, type RetrievedPage, equals, isStaleRequest, retrieveAll, retrievePage } from './soap.ts';
import { systemViews } from './views.ts';
import { type XmlElement, textAt } from './xml.ts';
import { ownDescription } from './objects.ts';
import { isOwnKey } from './run-state.ts';

/** What is listed at most; who has more is told so. */
export const mostListed = { folders: 10_000, extensions: 50_000, columns: 4_000, units: 5_000 } as const;

const Cursor = z.object({
  part: z.enum(['folders', 'extensions']),
  /** Of the service; null: from the beginning. */
  requestId: z.string().nullable(),
  seen: z.number(),
});
type Cursor = z.infer<typeof Cursor>;
const { read, write } = pageCursor(Cursor, {
  message: 'This is no cursor of this list.',
  hint: 'Read the list from its beginning.',
});

/** Names need brackets unless they are plain words. */
export const bracketed = (name: string): string =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `[${name.replaceAll(']', ']]')}]`;

/** Business units, or what can be queried in this one, or the columns of one of these. */
export async function describe(
  calls: SfmcCalls,
  request: DescribeRequest,
  mid: number,
  signal?: AbortSignal,
): Promise<DescribePage> {
  if (request.what === 'units') return units(calls, signal);
  if (request.what === 'columns') return columnsOf(calls, request.of ?? '', signal);
  // The views come first and at once: they need no call.
  if (request.cursor === null) {
    return { objects: systemViews, cursor: write({ part: 'folders', requestId: null, seen: 0 }), cut: null };
  }
  return objects(calls, read(request.cursor), mid, signal);
}

async function units(calls: SfmcCalls, signal?: AbortSignal): Promise<DescribePage> {
  const what: Retrieve = {
    type: 'BusinessUnit',
    properties: ['ID', 'Name', 'AccountType', 'ParentID', 'IsActive'],
    allAccounts: true,
  };
  const { results, isCut } = await retrieveAll(calls, what, { most: mostListed.units, signal });
  return {
    objects: results.map((unit) => ({
      id: textAt(unit, 'ID') ?? '',
      kind: 'unit',
      name: textAt(unit, 'Name') ?? '',
      sqlName: null,
      parentId: [null, '', '0'].includes(textAt(unit, 'ParentID')) ? null : textAt(unit, 'ParentID'),
      description: null,
      columns: null,
      details: { accountType: textAt(unit, 'AccountType'), isActive: textAt(unit, 'IsActive') !== 'false' },
    })),
    cursor: null,
    cut: isCut ? `Only the first ${mostListed.units} business units are listed.` : null,
  };
}

const walks: Record<Cursor['part'], Retrieve> = {
  folders: {
    type: 'DataFolder',
    properties: ['ID', 'Name', 'ParentFolder.ID', 'CustomerKey', 'ContentType'],
    filter: {
      property: 'ContentType',
      operator: 'IN',
      values: ['dataextension', 'shared_dataextension', 'salesforcedataextension', 'synchronizeddataextension'],
    },
  },
  extensions: {
    type: 'DataExtension',
    properties: ['ObjectID', 'CustomerKey', 'Name', 'CategoryID', 'Description', 'IsSendable', 'Client.ID'],
  },
};

async function objects(calls: SfmcCalls, cursor: Cursor, mid: number, signal?: AbortSignal): Promise<DescribePage> {
  const page = await retrievePage(
    calls,
    cursor.requestId === null ? walks[cursor.part] : { requestId: cursor.requestId },
    signal,
  ).catch(
    // Its continuation has gone stale: what was listed comes again, under the same ids.
    (error: unknown): Promise<RetrievedPage> => {
      if (!isStaleRequest(error)) throw error;
      return retrievePage(calls, walks[cursor.part], signal);
    },
  );
  const isFolders = cursor.part === 'folders';
  const seen = cursor.seen + page.results.length;
  const most = mostListed[cursor.part];
  const isCut = page.requestId !== null && seen >= most;
  const goesOn = page.requestId !== null && !isCut;
  const next: Cursor | null = goesOn
    ? { ...cursor, requestId: page.requestId, seen }
    : isFolders
      ? { part: 'extensions', requestId: null, seen: 0 }
      : null;
  return {
    objects: page.results.flatMap((result) => (isFolders ? folder(result) : extension(result, mid))),
    cursor: next && write(next),
    cut: isCut ? `Only the first ${most} ${isFolders ? 'folders' : 'data extensions'} are listed.` : null,
  };
}

const folder = (result: XmlElement): SchemaObject => ({
  id: `folder:${textAt(result, 'ID') ?? ''}`,
  kind: 'folder',
  name: textAt(result, 'Name') ?? '',
  sqlName: null,
  parentId: [null, '', '0'].includes(textAt(result, 'ParentFolder', 'ID'))
    ? null
    : `folder:${textAt(result, 'ParentFolder', 'ID')}`,
  description: null,
  columns: null,
  details: { contentType: textAt(result, 'ContentType'), key: textAt(result, 'CustomerKey') },
});

/** What runs of ours made for a moment is left out. */
function extension(result: XmlElement, mid: number): SchemaObject[] {
  const name = textAt(result, 'Name') ?? '';
  const key = textAt(result, 'CustomerKey') ?? '';
  const description = textAt(result, 'Description') ?? '';
  if (isOwnKey(key) && description === ownDescription) return [];
  // One of another unit that is shown here is shared, and is named with its owner.
  const owner = Number(textAt(result, 'Client', 'ID') ?? mid);
  const isShared = owner !== mid;
  return [
    {
      id: `de:${key}`,
      kind: 'table',
      name,
      sqlName: isShared ? `Ent.${bracketed(name)}` : bracketed(name),
      parentId: `folder:${textAt(result, 'CategoryID') ?? ''}`,
      description: description === '' ? null : description,
      columns: null,
      details: { key, isShared, isSendable: textAt(result, 'IsSendable') === 'true' },
    },
  ];
}

const types: Record<string, ColumnType> = {
  Text: 'text',
  Number: 'integer',
  Date: 'timestamp',
  Boolean: 'boolean',
  EmailAddress: 'email',
  Phone: 'phone',
  Decimal: 'decimal',
  Locale: 'locale',
};

async function columnsOf(calls: SfmcCalls, id: string, signal?: AbortSignal): Promise<DescribePage> {
  const view = systemViews.find((candidate) => candidate.id === id);
  if (view) return { objects: [view], cursor: null, cut: null };
  const key = id.replace(/^de:/, '');
  const what: Retrieve = {
    type: 'DataExtensionField',
    properties: ['Name', 'FieldType', 'MaxLength', 'Scale', 'IsPrimaryKey', 'IsRequired', 'DefaultValue', 'Ordinal'],
    filter: equals('DataExtension.CustomerKey', key),
  };
  const { results, isCut } = await retrieveAll(calls, what, { most: mostListed.columns, signal });
  if (results.length === 0) {
    throw new QueryFailure({
      kind: 'provider',
      code: 'not_found',
      message: `There is no data extension with the key ${key}.`,
      hint: 'Refresh the schema.',
    });
  }
  const columns = results
    .map((result) => ({ ordinal: Number(textAt(result, 'Ordinal') ?? 0), column: readField(result) }))
    .toSorted((a, b) => a.ordinal - b.ordinal)
    .map(({ column }) => column);
  const object: SchemaObject = {
    id,
    kind: 'table',
    name: key,
    sqlName: null,
    parentId: null,
    description: null,
    columns,
    details: { key },
  };
  return {
    objects: [object],
    cursor: null,
    cut: isCut ? `Only the first ${mostListed.columns} columns are listed.` : null,
  };
}

function readField(result: XmlElement): SchemaColumn {
  const nativeType = textAt(result, 'FieldType') ?? '';
  const type = types[nativeType] ?? 'other';
  const length = Number(textAt(result, 'MaxLength') ?? 0);
  const scale = Number(textAt(result, 'Scale') ?? 0);
  return {
    name: textAt(result, 'Name') ?? '',
    type,
    nativeType,
    ...(length > 0 && type !== 'decimal' && { length }),
    ...(type === 'decimal' && { scale, ...(length > 0 && { precision: length }) }),
    isKey: textAt(result, 'IsPrimaryKey') === 'true',
    isRequired: textAt(result, 'IsRequired') === 'true',
    details: { defaultValue: textAt(result, 'DefaultValue') },
  };
}
