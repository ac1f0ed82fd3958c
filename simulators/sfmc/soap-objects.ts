import { createTable } from './extensions.ts';
import { checkText } from './runs.ts';
import { type Element, child, children, textAt } from './soap-xml.ts';
import {
  type AccessToken,
  type Extension,
  type Field,
  type FieldType,
  type QueryDef,
  type World,
  drawn,
  fieldTypes,
  findExtension,
  newId,
} from './world.ts';

/** What the service says about one object of a create, update or delete. */
export interface Outcome {
  readonly isOk: boolean;
  readonly message: string;
  readonly code?: number;
  readonly newId?: number;
  readonly newObjectId?: string;
}
const refused = (code: number, message: string): Outcome => ({ isOk: false, code, message });
const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === 'true';

/** How long a deleted name stays reserved. */
const reservedMs = 60_000;

type Change = (world: World, access: AccessToken, object: Element) => Promise<Outcome> | Outcome;

const createFolder: Change = (world, { mid }, object) => {
  const name = textAt(object, 'Name') ?? '';
  const parentId = Number(textAt(object, 'ParentFolder', 'ID') ?? 0);
  const parent = world.folders.get(parentId);
  if (name === '') return refused(10_003, 'Name is required.');
  if (!parent || parent.mid !== mid) return refused(10_004, 'The parent folder does not exist.');
  const key = textAt(object, 'CustomerKey') || newId();
  const contentType = textAt(object, 'ContentType') ?? parent.contentType;
  const isTaken = [...world.folders.values()].some(
    (folder) =>
      folder.mid === mid &&
      (folder.key === key || (folder.parentId === parentId && folder.name.toLowerCase() === name.toLowerCase())),
  );
  if (isTaken) return refused(1, 'A folder with this name or CustomerKey already exists in this location.');
  const id = Math.max(...world.folders.keys()) + 1;
  world.folders.set(id, {
    id,
    mid,
    name,
    key,
    parentId,
    contentType,
    description: textAt(object, 'Description') ?? '',
    isActive: true,
    isEditable: isTrue(textAt(object, 'IsEditable')),
    allowChildren: isTrue(textAt(object, 'AllowChildren')),
    madeAt: world.now(),
  });
  return { isOk: true, message: 'Folder created successfully.', newId: id };
};

const deleteFolder: Change = (world, { mid }, object) => {
  const id = Number(textAt(object, 'ID') ?? 0);
  const key = textAt(object, 'CustomerKey');
  const folder = [...world.folders.values()].find(
    (candidate) => candidate.mid === mid && (candidate.id === id || candidate.key === key),
  );
  if (!folder) return refused(70_001, 'Unable to find folder for deletion.');
  const isUsed = [...world.extensions.values()].some(({ folderId }) => folderId === folder.id);
  if (isUsed || folder.madeAt === null) return refused(2, 'The folder is not empty.');
  world.folders.delete(folder.id);
  return { isOk: true, message: 'Folder deleted successfully.' };
};

function readField(element: Element, ordinal: number): Field | string {
  const name = textAt(element, 'Name') ?? '';
  const type = (textAt(element, 'FieldType') || 'Text') as FieldType;
  const length = textAt(element, 'MaxLength');
  if (name === '' || name.length > 50) return `The field name ${name} is invalid.`;
  if (!fieldTypes.includes(type)) return `Field type ${type} is invalid.`;
  if (type === 'Text' && length && (Number(length) < 1 || Number(length) > 4_000))
    return `The length of field ${name} must be between 1 and 4000.`;
  const isKey = isTrue(textAt(element, 'IsPrimaryKey'));
  if (isKey && !isTrue(textAt(element, 'IsRequired'))) return `Primary key field ${name} must be required.`;
  const set = { Text: length ? Number(length) : null, EmailAddress: 254, Phone: 50, Locale: 5 } as Partial<
    Record<FieldType, number | null>
  >;
  return {
    name,
    type,
    length: set[type] ?? null,
    precision: type === 'Decimal' ? Number(textAt(element, 'Precision') ?? (length || 18)) : 0,
    scale: type === 'Decimal' ? Number(textAt(element, 'Scale') ?? 2) : 0,
    isKey,
    isRequired: isTrue(textAt(element, 'IsRequired')),
    defaultValue: textAt(element, 'DefaultValue') ?? null,
    ordinal,
  };
}

let tables = 0;
const createExtension: Change = async (world, { mid }, object) => {
  const name = textAt(object, 'Name') ?? '';
  const key = textAt(object, 'CustomerKey') || newId();
  if (name === '' || name.length > 128) return refused(310_001, 'The data extension name is invalid.');
  if (key.length > 36) return refused(310_002, 'CustomerKey must not be longer than 36 characters.');
  if (findExtension(world, mid, { key }))
    return refused(
      1,
      `Updating an existing Data Extension definition when doing an add-only operation is not allowed. CustomerKey: ${key}`,
    );
  if (findExtension(world, mid, { name })) return refused(1, `Data Extension name ${name} is already in use.`);
  if ((world.reserved.get(`${mid}/${name.toLowerCase()}`) ?? 0) > world.now())
    return refused(1, `Data Extension name ${name} is already in use.`);
  const folderId = Number(textAt(object, 'CategoryID') ?? 0);
  const folder =
    world.folders.get(folderId) ??
    [...world.folders.values()].find((root) => root.mid === mid && root.key === 'dataextension_default');
  if (!folder || folder.mid !== mid) return refused(310_003, 'The CategoryID is invalid.');
  const fields = children(child(object, 'Fields'), 'Field').map((field, index) => readField(field, index + 1));
  const problem = fields.find((field) => typeof field === 'string');
  if (typeof problem === 'string') return refused(310_004, problem);
  if (fields.length === 0) return refused(310_005, 'At least one field is required.');
  const retention = Object.fromEntries(
    ['DataRetentionPeriodLength', 'DataRetentionPeriod', 'RowBasedRetention', 'DeleteAtEndOfRetentionPeriod'].flatMap(
      (part) => {
        const value = textAt(object, part);
        return value === undefined ? [] : [[part, value]];
      },
    ),
  );
  const extension: Extension = {
    id: newId(),
    mid,
    name,
    key,
    folderId: folder.id,
    description: textAt(object, 'Description') ?? '',
    fields: fields as Field[],
    isSendable: isTrue(textAt(object, 'IsSendable')),
    retention,
    table: `de_new_${++tables}`,
    rows: { kind: 'stored' },
    madeAt: world.now(),
    visibleAt: world.now() + drawn(world.knobs.extensionLagMs),
    rowsVisibleAt: 0,
  };
  world.extensions.set(extension.id, extension);
  await createTable(world, extension);
  return { isOk: true, message: 'Data Extension created.', newId: 0, newObjectId: extension.id };
};

const updateExtension: Change = (world, { mid }, object) => {
  const extension = findExtension(world, mid, { key: textAt(object, 'CustomerKey') ?? '' });
  if (!extension) return refused(310_007, 'The data extension does not exist.');
  extension.name = textAt(object, 'Name') ?? extension.name;
  extension.description = textAt(object, 'Description') ?? extension.description;
  return { isOk: true, message: 'Data Extension updated.', newObjectId: extension.id };
};

const deleteExtension: Change = async (world, { mid }, object) => {
  const key = textAt(object, 'CustomerKey');
  const id = textAt(object, 'ObjectID');
  const extension = findExtension(world, mid, id ? { id } : { key: key ?? '' });
  if (!extension)
    return refused(310_007, 'The data extension does not exist or you do not have permission to delete it.');
  world.extensions.delete(extension.id);
  world.reserved.set(`${mid}/${extension.name.toLowerCase()}`, world.now() + reservedMs);
  await world.store.ask({ op: 'exec', sql: `drop table if exists ${extension.table}` });
  return { isOk: true, message: 'Data Extension deleted.' };
};

const modes = { overwrite: 'overwrite', append: 'append', update: 'update' } as const;
const createQuery: Change = async (world, { mid }, object) => {
  const key = textAt(object, 'CustomerKey') || newId();
  const name = textAt(object, 'Name') ?? '';
  if (key.length > 36) return refused(2, 'CustomerKey must not be longer than 36 characters.');
  const isTaken = [...world.queries.values()].some(
    (query) => query.mid === mid && (query.key === key || query.name.toLowerCase() === name.toLowerCase()),
  );
  if (isTaken) return refused(1, 'The name or CustomerKey of the query is already in use.');
  return saveQuery(world, mid, {
    key,
    name,
    text: child(object, 'QueryText')?.text ?? '',
    description: textAt(object, 'Description') ?? '',
    targetKey: textAt(object, 'DataExtensionTarget', 'CustomerKey') ?? '',
    mode: modes[(textAt(object, 'TargetUpdateType') ?? 'Overwrite').toLowerCase() as keyof typeof modes] ?? 'overwrite',
    folderId: Number(textAt(object, 'CategoryID') ?? 0),
  });
};

/** Checks and saves a query as both SOAP and REST do. */
export async function saveQuery(
  world: World,
  mid: number,
  given: Pick<QueryDef, 'key' | 'name' | 'text' | 'description' | 'targetKey' | 'mode' | 'folderId'>,
): Promise<Outcome> {
  const target = findExtension(world, mid, { key: given.targetKey });
  if (!target) return refused(2, 'Error saving the Query field.<br />The target data extension does not exist.');
  if (given.mode === 'update' && !target.fields.some(({ isKey }) => isKey)) {
    return refused(
      2,
      'Error saving the Query field.<br />The target data extension must have a primary key for an update.',
    );
  }
  const problems = await checkText(world, mid, given.text, target);
  if (problems.length > 0) return refused(2, `Error saving the Query field.<br />${problems.join('<br />')}`);
  const now = world.now();
  const query: QueryDef = { ...given, id: newId(), mid, targetName: target.name, madeAt: now, changedAt: now };
  world.queries.set(query.id, query);
  return { isOk: true, message: 'QueryDefinition created', newId: 0, newObjectId: query.id };
}

const updateQuery: Change = async (world, { mid }, object) => {
  const query = findQuery(world, mid, object);
  if (!query) return refused(2, 'The QueryDefinition does not exist.');
  const text = child(object, 'QueryText')?.text;
  if (text !== undefined) {
    const problems = await checkText(world, mid, text, findExtension(world, mid, { key: query.targetKey }));
    if (problems.length > 0) return refused(2, `Error saving the Query field.<br />${problems.join('<br />')}`);
    query.text = text;
  }
  query.description = textAt(object, 'Description') ?? query.description;
  query.changedAt = world.now();
  return { isOk: true, message: 'QueryDefinition updated', newObjectId: query.id };
};

const findQuery = (world: World, mid: number, object: Element): QueryDef | undefined => {
  const id = textAt(object, 'ObjectID');
  const key = textAt(object, 'CustomerKey');
  return [...world.queries.values()].find((query) => query.mid === mid && (id ? query.id === id : query.key === key));
};

const deleteQuery: Change = (world, { mid }, object) => {
  const query = findQuery(world, mid, object);
  if (!query) return refused(2, 'Unable to find QueryDefinition for deletion. The object does not exist.');
  world.queries.delete(query.id);
  return { isOk: true, message: 'QueryDefinition deleted' };
};

/** What can be done to which objects. */
export const changes: Record<string, Record<string, Change>> = {
  Create: { DataFolder: createFolder, DataExtension: createExtension, QueryDefinition: createQuery },
  Update: { DataExtension: updateExtension, QueryDefinition: updateQuery },
  Delete: { DataFolder: deleteFolder, DataExtension: deleteExtension, QueryDefinition: deleteQuery },
};
export { findQuery };
