import type { QueryColumn, SchemaColumn } from '#contracts/queries/engine.ts';
import type { SfmcCalls } from './calls.ts';
import { resultFailure } from './failures.ts';
import { type ObjectOutcome, type Retrieve, changeObject, equals, expectOk, isTaken, retrieveAll } from './soap.ts';
import { type XmlElement, elementAt, listOf, textAt, xmlTag } from './xml.ts';

/** Marks what is ours at the service, so that lists can leave it out and sweeps find it. */
export const ownDescription = 'Temporary, made by Windlass to run a query';

const one = async (calls: SfmcCalls, what: Retrieve, signal?: AbortSignal): Promise<XmlElement | undefined> =>
  (await retrieveAll(calls, what, { most: 10, signal })).results[0];

/** The folder of a name or key among those that hold data extensions; creates ours below their root. @returns its `CategoryID` */
export async function ensureFolder(
  calls: SfmcCalls,
  { name, key }: { name: string; key: string },
  signal?: AbortSignal,
): Promise<number> {
  const find = async (customerKey: string): Promise<number | null> => {
    const found = await one(
      calls,
      {
        type: 'DataFolder',
        properties: ['ID', 'Name', 'CustomerKey', 'ContentType'],
        filter: equals('CustomerKey', customerKey),
      },
      signal,
    );
    return found ? Number(textAt(found, 'ID')) : null;
  };
  const known = await find(key);
  if (known !== null) return known;
  const root = await find('dataextension_default');
  if (root === null) throw resultFailure(null, 'The business unit has no folder for data extensions.');
  const outcome = await changeObject(
    calls,
    'Create',
    {
      type: 'DataFolder',
      xml:
        xmlTag('CustomerKey', key) +
        xmlTag('Name', name) +
        xmlTag('Description', ownDescription) +
        xmlTag('ContentType', 'dataextension') +
        `<ParentFolder>${xmlTag('ID', root)}</ParentFolder>` +
        xmlTag('IsActive', true) +
        xmlTag('IsEditable', true) +
        xmlTag('AllowChildren', true),
    },
    signal,
  );
  if (outcome.isOk && outcome.newId !== null) return outcome.newId;
  // Made by an earlier attempt whose answer was lost, or by somebody else at the same moment.
  const made = await find(key);
  if (made === null) throw resultFailure(outcome.code, outcome.words);
  return made;
}

const fieldType: Record<QueryColumn['type'], string> = {
  text: 'Text',
  integer: 'Number',
  decimal: 'Decimal',
  boolean: 'Boolean',
  date: 'Date',
  time: 'Text',
  timestamp: 'Date',
  email: 'EmailAddress',
  phone: 'Phone',
  locale: 'Locale',
  uuid: 'Text',
  json: 'Text',
  binary: 'Text',
  other: 'Text',
};

function writeField(column: SchemaColumn): string {
  const type = fieldType[column.type];
  const size =
    type === 'Text'
      ? xmlTag('MaxLength', Math.min(column.length ?? 4_000, 4_000))
      : type === 'Decimal'
        ? // Clients differ in which of the two they read: both say the same.
          xmlTag('MaxLength', column.precision ?? 18) +
          xmlTag('Precision', column.precision ?? 18) +
          xmlTag('Scale', column.scale ?? 2)
        : type === 'EmailAddress'
          ? xmlTag('MaxLength', 254)
          : type === 'Phone'
            ? xmlTag('MaxLength', 50)
            : type === 'Locale'
              ? xmlTag('MaxLength', 5)
              : '';
  return `<Field xsi:type="DataExtensionField">${xmlTag('Name', column.name)}${xmlTag('FieldType', type)}${size}${xmlTag('IsPrimaryKey', column.isKey ?? false)}${xmlTag('IsRequired', column.isRequired ?? false)}</Field>`;
}

export interface Made {
  readonly id: string;
  /** It was there already. */
  readonly isAdopted: boolean;
}

async function madeOrMet(outcome: ObjectOutcome, find: () => Promise<string | null>): Promise<Made> {
  if (outcome.isOk && outcome.newObjectId !== null) return { id: outcome.newObjectId, isAdopted: false };
  if (!outcome.isOk && !isTaken(outcome)) expectOk(outcome);
  const id = await find();
  if (id === null) throw resultFailure(outcome.code, outcome.words);
  return { id, isAdopted: !outcome.isOk };
}

/** What marks an object as ours: a key that is its name as well. */
const ownTags = (key: string): string =>
  xmlTag('CustomerKey', key) + xmlTag('Name', key) + xmlTag('Description', ownDescription);

/**
 * The data extension for a result, with the keys that its columns tell: rows and itself gone after a day. One that an
 * earlier attempt made is adopted.
 */
export async function createResultExtension(
  calls: SfmcCalls,
  { key, folderId, columns }: { key: string; folderId: number; columns: readonly SchemaColumn[] },
  signal?: AbortSignal,
): Promise<Made> {
  const xml =
    ownTags(key) +
    xmlTag('CategoryID', folderId) +
    xmlTag('IsSendable', false) +
    xmlTag('DataRetentionPeriodLength', 1) +
    xmlTag('DataRetentionPeriod', 'Days') +
    xmlTag('RowBasedRetention', false) +
    xmlTag('DeleteAtEndOfRetentionPeriod', false) +
    `<Fields>${columns.map(writeField).join('')}</Fields>`;
  const outcome = await changeObject(calls, 'Create', { type: 'DataExtension', xml }, signal);
  return madeOrMet(outcome, () => findId(calls, 'DataExtension', key, signal));
}

const updateTypes = { overwrite: 'Overwrite', append: 'Append', update: 'Update' } as const;

/** The query that fills a data extension. One that an earlier attempt made is adopted. */
export async function createQuery(
  calls: SfmcCalls,
  {
    key,
    sql,
    target,
    mode = 'overwrite',
  }: {
    key: string;
    sql: string;
    target: { key: string; name: string };
    mode?: 'overwrite' | 'append' | 'update';
  },
  signal?: AbortSignal,
): Promise<Made> {
  const xml =
    ownTags(key) +
    xmlTag('QueryText', sql) +
    xmlTag('TargetType', 'DE') +
    `<DataExtensionTarget>${xmlTag('CustomerKey', target.key)}${xmlTag('Name', target.name)}</DataExtensionTarget>` +
    xmlTag('TargetUpdateType', updateTypes[mode]);
  const outcome = await changeObject(calls, 'Create', { type: 'QueryDefinition', xml }, signal);
  return madeOrMet(outcome, () => findId(calls, 'QueryDefinition', key, signal));
}

/** The `ObjectID` behind a key, null where there is none. */
export async function findId(
  calls: SfmcCalls,
  type: 'DataExtension' | 'QueryDefinition',
  key: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const found = await one(
    calls,
    { type, properties: ['ObjectID', 'CustomerKey', 'Name'], filter: equals('CustomerKey', key) },
    signal,
  );
  return textAt(found, 'ObjectID');
}

/**
 * Deletes; what is not there is deleted. Whether it is there is asked, since the words of a refusal differ.
 * @throws QueryFailure where it stays
 */
export async function deleteByKey(
  calls: SfmcCalls,
  type: 'DataExtension' | 'QueryDefinition',
  key: string,
  signal?: AbortSignal,
): Promise<void> {
  // A query is deleted by its id alone.
  const id = type === 'QueryDefinition' ? await findId(calls, type, key, signal) : null;
  if (type === 'QueryDefinition' && id === null) return;
  const xml = id === null ? xmlTag('CustomerKey', key) : xmlTag('ObjectID', id);
  const outcome = await changeObject(calls, 'Delete', { type, xml }, signal);
  if (!outcome.isOk && (await findId(calls, type, key, signal)) !== null) expectOk(outcome);
}

export async function deleteFolder(calls: SfmcCalls, key: string, signal?: AbortSignal): Promise<void> {
  const find = () =>
    one(calls, { type: 'DataFolder', properties: ['ID', 'CustomerKey'], filter: equals('CustomerKey', key) }, signal);
  const found = await find();
  if (!found) return;
  const outcome = await changeObject(
    calls,
    'Delete',
    { type: 'DataFolder', xml: xmlTag('ID', textAt(found, 'ID') ?? '') },
    signal,
  );
  if (!outcome.isOk && (await find())) expectOk(outcome);
}

/** What AsyncActivityStatus says of a run. */
export interface TaskStatus {
  readonly taskId: string | null;
  readonly state: 'queued' | 'running' | 'complete' | 'error';
  readonly words: string;
  readonly isCompletedDateSet: boolean;
}

/** Null while the service knows nothing yet, as in the first seconds. By the task's id, or by the query it is of. */
export async function readTask(
  calls: SfmcCalls,
  by: { taskId: string } | { queryId: string },
  signal?: AbortSignal,
): Promise<TaskStatus | null> {
  const filter = 'taskId' in by ? equals('TaskID', by.taskId) : equals('ParentInteractionObjectID', by.queryId);
  const found = await one(
    calls,
    {
      type: 'AsyncActivityStatus',
      properties: ['Status', 'ErrorMsg', 'StatusMessage', 'CompletedDate', 'TaskID'],
      filter,
    },
    signal,
  );
  if (!found) return null;
  const facts = new Map(
    listOf(elementAt(found, 'Properties')?.['Property']).map((property) => [
      textAt(property, 'Name') ?? '',
      textAt(property, 'Value') ?? '',
    ]),
  );
  const status = (facts.get('Status') ?? '').toLowerCase();
  const error = facts.get('ErrorMsg') ?? '';
  const state =
    error !== '' || status.includes('error')
      ? 'error'
      : status.includes('complete')
        ? 'complete'
        : status.includes('queued')
          ? 'queued'
          : 'running';
  return {
    taskId: facts.get('TaskID') || null,
    state,
    words: error || (facts.get('StatusMessage') ?? ''),
    isCompletedDateSet: (facts.get('CompletedDate') ?? '') !== '',
  };
}
