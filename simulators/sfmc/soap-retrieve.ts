import type { Reply } from './http.ts';
import { storeRows } from './extensions.ts';
import { visibleState } from './runs.ts';
import { type Element, child, children, envelope, tag, textAt } from './soap-xml.ts';
import { FilterError, type Shown, readFilter } from './soap-filter.ts';
import { type AccessToken, type Extension, type World, enterpriseOf, findExtension, isShared, newId } from './world.ts';

const iso = (at: number): string => new Date(at).toISOString().slice(0, 23);

/** The objects of a type that a unit sees, with all their properties; undefined for a type that is not simulated. */
function objectsOf(world: World, mid: number, type: string, allAccounts: boolean): Shown[] | undefined {
  const enterprise = enterpriseOf(world);
  switch (type) {
    case 'DataFolder':
      return [...world.folders.values()]
        .filter(
          (folder) =>
            folder.mid === mid || (folder.mid === enterprise && folder.contentType === 'shared_dataextension'),
        )
        .map((folder) => ({
          ID: folder.id,
          Name: folder.name,
          'ParentFolder.ID': folder.parentId,
          CustomerKey: folder.key,
          ContentType: folder.contentType,
          IsActive: folder.isActive,
          IsEditable: folder.isEditable,
          AllowChildren: folder.allowChildren,
          Description: folder.description,
          CreatedDate: iso(folder.madeAt ?? 0),
          ModifiedDate: iso(folder.madeAt ?? 0),
          'Client.ID': folder.mid,
        }));
    case 'DataExtension':
      return visibleExtensions(world, mid).map((extension) => ({
        ObjectID: extension.id,
        CustomerKey: extension.key,
        Name: extension.name,
        CategoryID: extension.folderId,
        Description: extension.description,
        IsSendable: extension.isSendable,
        CreatedDate: iso(extension.madeAt ?? 0),
        ModifiedDate: iso(extension.madeAt ?? 0),
        'Client.ID': extension.mid,
        DataRetentionPeriodLength: extension.retention['DataRetentionPeriodLength'] ?? null,
        DataRetentionPeriod: extension.retention['DataRetentionPeriod'] ?? null,
        RowBasedRetention: extension.retention['RowBasedRetention'] ?? 'false',
        DeleteAtEndOfRetentionPeriod: extension.retention['DeleteAtEndOfRetentionPeriod'] ?? 'false',
      }));
    case 'DataExtensionField':
      return visibleExtensions(world, mid).flatMap((extension) =>
        extension.fields.map((field) => ({
          ObjectID: `${extension.id}-${field.ordinal}`,
          CustomerKey: `[${extension.key}].[${field.name}]`,
          Name: field.name,
          FieldType: field.type,
          MaxLength: field.length,
          Precision: field.precision,
          Scale: field.scale,
          IsPrimaryKey: field.isKey,
          IsRequired: field.isRequired,
          DefaultValue: field.defaultValue,
          Ordinal: field.ordinal,
          'DataExtension.CustomerKey': extension.key,
          'DataExtension.Name': extension.name,
        })),
      );
    case 'QueryDefinition':
      return [...world.queries.values()]
        .filter((query) => query.mid === mid)
        .map((query) => ({
          ObjectID: query.id,
          CustomerKey: query.key,
          Name: query.name,
          Description: query.description,
          CategoryID: query.folderId,
          QueryText: query.text,
          TargetType: 'DE',
          TargetUpdateType: query.mode[0]?.toUpperCase() + query.mode.slice(1),
          'DataExtensionTarget.Name': query.targetName,
          'DataExtensionTarget.CustomerKey': query.targetKey,
          Status: 'Active',
          CreatedDate: iso(query.madeAt),
          ModifiedDate: iso(query.changedAt),
        }));
    case 'BusinessUnit':
      return world.units
        .filter((unit) => unit.mid === mid || (allAccounts && mid === enterprise))
        .map((unit) => ({
          ID: unit.mid,
          Name: unit.name,
          AccountType: unit.parent === 0 ? 'ENTERPRISE_2' : 'BUSINESS_UNIT',
          ParentID: unit.parent,
          'ParentAccount.ID': unit.parent,
          IsActive: true,
          'Client.ID': unit.mid,
        }));
    case 'AccountUser':
      return world.users
        .filter((user) => user.units.includes(mid))
        .map((user) => ({ ID: user.id, UserID: user.username, Name: user.name, Email: user.email, ActiveFlag: true }));
    default:
      return undefined;
  }
}

export const visibleExtensions = (world: World, mid: number): Extension[] =>
  [...world.extensions.values()].filter(
    (extension) => extension.mid === mid || (extension.mid === enterpriseOf(world) && isShared(world, extension)),
  );

const anyProperties: Record<string, string[]> = {
  DataFolder: [
    'ID',
    'Name',
    'ParentFolder.ID',
    'CustomerKey',
    'ContentType',
    'IsActive',
    'IsEditable',
    'AllowChildren',
    'Description',
    'CreatedDate',
    'ModifiedDate',
    'Client.ID',
  ],
  QueryDefinition: [
    'ObjectID',
    'CustomerKey',
    'Name',
    'Description',
    'CategoryID',
    'QueryText',
    'TargetType',
    'TargetUpdateType',
    'DataExtensionTarget.Name',
    'DataExtensionTarget.CustomerKey',
    'Status',
    'CreatedDate',
    'ModifiedDate',
  ],
};

/** Properties with dots become elements in elements. */
function writeShown(shown: Shown, properties: readonly string[]): string {
  const plain = properties.filter((property) => !property.includes('.'));
  const nested = new Map<string, string[]>();
  for (const property of properties.filter((candidate) => candidate.includes('.'))) {
    const [outer = '', inner = ''] = property.split('.', 2);
    nested.set(outer, [...(nested.get(outer) ?? []), inner]);
  }
  return (
    plain.map((property) => tag(property, shown[property] ?? null)).join('') +
    [...nested]
      .map(
        ([outer, inner]) =>
          `<${outer}>${inner.map((name) => tag(name, shown[`${outer}.${name}`] ?? null)).join('')}</${outer}>`,
      )
      .join('')
  );
}

interface Continuation {
  rest: string[];
  expiresAt: number;
  mid: number;
}
const continuations = new WeakMap<World, Map<string, Continuation>>();
const open = (world: World): Map<string, Continuation> => {
  const known = continuations.get(world) ?? new Map<string, Continuation>();
  continuations.set(world, known);
  return known;
};

const answer = (status: string, requestId: string, results: readonly string[]): Reply =>
  envelope(
    'RetrieveResponse',
    `<RetrieveResponseMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><OverallStatus>${status.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</OverallStatus><RequestID>${requestId}</RequestID>${results.join('')}</RetrieveResponseMsg>`,
  );

/** One page, and a request id that gives the rest for as long as the knob says. */
function paged(world: World, mid: number, results: string[]): Reply {
  const id = newId();
  const size = world.knobs.soapPageSize;
  if (results.length <= size) return answer('OK', id, results);
  open(world).set(id, { rest: results.slice(size), mid, expiresAt: world.now() + world.knobs.continueLifeMs });
  return answer('MoreDataAvailable', id, results.slice(0, size));
}

/** Retrieve: of objects, of runs, of rows. */
export async function retrieve(world: World, access: AccessToken, body: Element): Promise<Reply> {
  const request = child(body, 'RetrieveRequest');
  const going = textAt(request, 'ContinueRequest');
  if (going !== undefined) {
    const found = open(world).get(going);
    open(world).delete(going);
    if (!found || found.expiresAt < world.now() || found.mid !== access.mid) {
      return answer('Error: The RequestID sent through ContinueRequest does not exist.', newId(), []);
    }
    return paged(world, access.mid, found.rest);
  }
  const type = textAt(request, 'ObjectType') ?? '';
  const properties = children(request, 'Properties').map(({ text }) => text.trim());
  const client = Number(textAt(request, 'ClientIDs', 'ClientID') ?? access.mid);
  const mid =
    world.units.some((unit) => unit.mid === client) && (access.mid === enterpriseOf(world) || client === access.mid)
      ? client
      : access.mid;
  try {
    const matches = readFilter(child(request, 'Filter'));
    if (type === 'AsyncActivityStatus') return paged(world, mid, statusResults(world, mid, matches));
    const rowsOf = /^DataExtensionObject\[(.+)\]$/.exec(type)?.[1];
    if (rowsOf !== undefined) return await rowResults(world, mid, rowsOf, properties, matches);
    const objects = objectsOf(world, mid, type, textAt(request, 'QueryAllAccounts') === 'true');
    if (!objects) return answer(`Error: Unknown object type ${type}.`, newId(), []);
    const known = Object.keys(objects[0] ?? {});
    const wrong = properties.filter(
      (property) => known.length > 0 && !known.includes(property) && !(anyProperties[type] ?? []).includes(property),
    );
    if (wrong.length > 0)
      return answer(
        `Error: The Request Property(s) ${wrong.join(', ')} do not match with the fields of ${type} retrieve`,
        newId(),
        [],
      );
    const results = objects
      .filter(matches)
      .map((shown) =>
        `<Results xsi:type="${type}"><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" />${writeShown(shown, properties)}</Results>`.replace(
          properties.includes('ObjectID') ? '<ObjectID xsi:nil="true" />' : '\0',
          '',
        ),
      );
    return paged(world, mid, results);
  } catch (error) {
    if (error instanceof FilterError) return answer(`Error: ${error.message}`, newId(), []);
    throw error;
  }
}

/** AsyncActivityStatus, which lags: at first it knows nothing. */
function statusResults(world: World, mid: number, matches: (shown: Shown) => boolean): string[] {
  return [...world.tasks.values()].flatMap((task) => {
    const state = visibleState(world, task);
    const shown: Shown = {
      TaskID: task.id,
      ParentInteractionObjectID: task.queryId,
      StartTime: iso(task.startedAt),
      ClientID: task.mid,
    };
    if (state === null || task.mid !== mid || !matches(shown)) return [];
    const isOver = state === 'Complete' || state === 'Error';
    const facts: Record<string, string | number> = {
      Status: state,
      ErrorMsg: isOver ? (task.error ?? '') : '',
      StatusMessage: '',
      ScheduledTime: iso(task.startedAt),
      StartDate: task.beganAt === null ? '' : iso(task.beganAt),
      CompletedDate: isOver && task.endedAt !== null ? iso(task.endedAt) : '',
      ProcessedCount: isOver ? task.rows : 0,
      TotalCount: isOver ? task.rows : 0,
      ErrorCount: task.error === null ? 0 : 1,
      CustomerKey: task.queryKey,
      TaskID: task.id,
      ParentInteractionObjectID: task.queryId,
    };
    const list = Object.entries(facts).map(
      ([name, value]) => `<Property>${tag('Name', name)}${tag('Value', value)}</Property>`,
    );
    return [
      `<Results xsi:type="ObjectExtension"><Type>AsyncActivityStatus</Type><Properties>${list.join('')}</Properties></Results>`,
    ];
  });
}

async function rowResults(
  world: World,
  mid: number,
  key: string,
  properties: readonly string[],
  matches: (shown: Shown) => boolean,
): Promise<Reply> {
  const extension =
    findExtension(world, mid, { key }) ?? visibleExtensions(world, mid).find((candidate) => candidate.key === key);
  if (!extension) return answer(`Error: Data extension ${key} does not exist.`, newId(), []);
  const names = properties.filter((property) => extension.fields.some(({ name }) => name === property));
  if (names.length === 0) return answer('OK', newId(), []);
  await storeRows(world, extension);
  const list = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
  const rows = await world.store.ask<Shown[]>({ op: 'all', sql: `select ${list} from ${extension.table}`, values: [] });
  const results = rows
    .filter(matches)
    .map(
      (row) =>
        `<Results xsi:type="DataExtensionObject"><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" /><Type>DataExtensionObject</Type><Properties>${names
          .map(
            (name) =>
              `<Property>${tag('Name', name)}${tag('Value', row[name] === null ? '' : (row[name] ?? ''))}</Property>`,
          )
          .join('')}</Properties></Results>`,
    );
  return paged(world, mid, results);
}
