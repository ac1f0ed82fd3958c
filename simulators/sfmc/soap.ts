import type { IncomingMessage } from 'node:http';
import type { Reply } from './http.ts';
import { startQuery } from './runs.ts';
import { type Outcome, changes, findQuery } from './soap-objects.ts';
import { retrieve } from './soap-retrieve.ts';
import { type Element, child, children, envelope, fault, readXml, securityFault, tag, textAt } from './soap-xml.ts';
import { findAccess } from './tokens.ts';
import { type AccessToken, type World, newId } from './world.ts';

const ns = 'xmlns="http://exacttarget.com/wsdl/partnerAPI"';
const actions = ['Create', 'Retrieve', 'Update', 'Delete', 'Perform', 'Schedule', 'Describe', 'Execute', 'Configure'];

/** What one request is about, for faults and counts: `Create DataExtension`. */
export function soapPlace(action: string, body: Element | undefined): string {
  const request = child(body, 'RetrieveRequest');
  const type =
    textAt(request, 'ObjectType') ??
    (request ? 'Continue' : undefined) ??
    child(body, 'Objects')?.type ??
    child(child(body, 'Definitions'), 'Definition')?.type ??
    '';
  return `${action} ${type}`.trim();
}

export interface SoapRequest {
  readonly action: string;
  readonly body: Element;
  readonly token: string;
}

/** Reads an envelope; a reply where it cannot be read. */
export function readSoap(request: IncomingMessage, text: string): SoapRequest | Reply {
  const action = String(request.headers['soapaction'] ?? '').replaceAll('"', '');
  if (!actions.includes(action))
    return fault(
      'Client',
      `Unable to handle request without a valid action parameter. Please supply a valid soap action.`,
    );
  try {
    const root = readXml(text);
    const body = child(root, 'Body')?.children[0];
    if (root.name !== 'Envelope' || !body) return fault('Client', 'The message is not a valid SOAP envelope.');
    return { action, body, token: textAt(child(root, 'Header'), 'fueloauth') ?? '' };
  } catch {
    return fault('Client', 'Server was unable to read request. The XML is not well formed.');
  }
}

const neededScope: Record<string, Record<string, string>> = {
  DataFolder: { Create: 'data_extensions_write', Delete: 'data_extensions_write' },
  DataExtension: {
    Retrieve: 'data_extensions_read',
    Create: 'data_extensions_write',
    Update: 'data_extensions_write',
    Delete: 'data_extensions_write',
  },
  DataExtensionField: { Retrieve: 'data_extensions_read' },
  QueryDefinition: {
    Retrieve: 'automations_read',
    Create: 'automations_write',
    Update: 'automations_write',
    Delete: 'automations_write',
    Perform: 'automations_execute',
  },
  AsyncActivityStatus: { Retrieve: 'automations_read' },
  BusinessUnit: { Retrieve: 'accounts_read' },
  AccountUser: { Retrieve: 'users_read' },
};

/** Answers one SOAP call. */
export async function soapReply(world: World, { action, body, token }: SoapRequest): Promise<Reply> {
  const access = findAccess(world, token);
  if (!access) return securityFault(world.access.has(token) ? 'Token Expired' : 'Login Failed');
  const [, type = ''] = soapPlace(action, body).split(' ');
  const scope = neededScope[type.replace(/\[.*/, '')]?.[action];
  if (scope !== undefined && !access.scopes.includes(scope)) return denied(action, scope);
  switch (action) {
    case 'Retrieve':
      return retrieve(world, access, body);
    case 'Create':
    case 'Update':
    case 'Delete':
      return change(world, access, action, body);
    case 'Perform':
      return perform(world, access, body);
    case 'Describe':
      return describe(body);
    default:
      return fault('Client', `${action} is not supported.`);
  }
}

const denied = (action: string, scope: string): Reply =>
  action === 'Retrieve'
    ? envelope(
        `${action}Response`,
        `<RetrieveResponseMsg ${ns}><OverallStatus>Error: API Permission Failed. Insufficient privileges: ${scope}</OverallStatus><RequestID>${newId()}</RequestID></RetrieveResponseMsg>`,
      )
    : envelope(
        `${action}Response`,
        `<${action}Response ${ns}>${result('Results', { isOk: false, code: 5, message: `API Permission Failed. Insufficient privileges: ${scope}` }, 0)}<RequestID>${newId()}</RequestID><OverallStatus>Error</OverallStatus></${action}Response>`,
      );

const result = (name: string, outcome: Outcome, index: number): string =>
  `<${name}>${tag('StatusCode', outcome.isOk ? 'OK' : 'Error')}${tag('StatusMessage', outcome.message)}${tag('OrdinalID', index)}${tag('ErrorCode', outcome.code)}${tag('NewID', outcome.newId ?? 0)}${tag('NewObjectID', outcome.newObjectId)}</${name}>`;

const overall = (outcomes: readonly Outcome[]): string =>
  outcomes.every(({ isOk }) => isOk) ? 'OK' : outcomes.length > 1 ? 'Has Errors' : 'Error';

async function change(world: World, access: AccessToken, action: string, body: Element): Promise<Reply> {
  const outcomes: Outcome[] = [];
  for (const object of children(body, 'Objects')) {
    const work = changes[action]?.[object.type];
    outcomes.push(
      work
        ? await work(world, access, object)
        : { isOk: false, code: 8, message: `${action} is not supported for ${object.type}.` },
    );
  }
  if (outcomes.length === 0) outcomes.push({ isOk: false, code: 6, message: 'No objects were given.' });
  const list = outcomes.map((outcome, index) => result('Results', outcome, index)).join('');
  return envelope(
    `${action}Response`,
    `<${action}Response ${ns}>${list}<RequestID>${newId()}</RequestID><OverallStatus>${overall(outcomes)}</OverallStatus></${action}Response>`,
  );
}

function perform(world: World, access: AccessToken, body: Element): Reply {
  const isStart = textAt(body, 'Action')?.toLowerCase() === 'start';
  const parts = children(child(body, 'Definitions'), 'Definition').map((definition, index) => {
    const query = findQuery(world, access.mid, definition);
    if (!query || !isStart || definition.type !== 'QueryDefinition') {
      return {
        isOk: false,
        xml: result(
          'Result',
          { isOk: false, code: 2, message: 'The QueryDefinition does not exist or cannot be performed.' },
          index,
        ),
      };
    }
    const task = startQuery(world, query);
    return {
      isOk: true,
      xml: `<Result>${tag('StatusCode', 'OK')}${tag('StatusMessage', 'QueryDefinition perform called successfully')}<Object xsi:type="QueryDefinition">${tag('ObjectID', query.id)}</Object><Task>${tag('StatusCode', 'OK')}${tag('StatusMessage', 'OK')}${tag('ID', task.id)}${tag('InteractionObjectID', newId())}</Task></Result>`,
    };
  });
  const status = parts.length > 0 && parts.every(({ isOk }) => isOk) ? 'OK' : 'Error';
  return envelope(
    'PerformResponse',
    `<PerformResponseMsg ${ns}><Results>${parts.map(({ xml }) => xml).join('')}</Results><OverallStatus>${status}</OverallStatus><OverallStatusMessage /><RequestID>${newId()}</RequestID></PerformResponseMsg>`,
  );
}

const described: Record<string, string[]> = {
  DataExtension: ['ObjectID', 'CustomerKey', 'Name', 'CategoryID', 'Description', 'IsSendable'],
  DataExtensionField: [
    'Name',
    'FieldType',
    'MaxLength',
    'Scale',
    'IsPrimaryKey',
    'IsRequired',
    'DefaultValue',
    'Ordinal',
  ],
  QueryDefinition: ['ObjectID', 'CustomerKey', 'Name', 'QueryText', 'TargetType', 'TargetUpdateType', 'CategoryID'],
  DataFolder: ['ID', 'Name', 'CustomerKey', 'ContentType', 'IsActive', 'IsEditable', 'AllowChildren'],
};

function describe(body: Element): Reply {
  const requests = child(body, 'DescribeRequests');
  const types = children(requests, 'ObjectDefinitionRequest').map((request) => textAt(request, 'ObjectType') ?? '');
  const definitions = types.map(
    (type) =>
      `<ObjectDefinition>${tag('ObjectType', type)}${(described[type] ?? [])
        .map(
          (name) =>
            `<Properties>${tag('Name', name)}${tag('DataType', 'String')}${tag('IsRetrievable', true)}</Properties>`,
        )
        .join('')}</ObjectDefinition>`,
  );
  return envelope(
    'DescribeResponse',
    `<DefinitionResponseMsg ${ns}>${definitions.join('')}<RequestID>${newId()}</RequestID></DefinitionResponseMsg>`,
  );
}
