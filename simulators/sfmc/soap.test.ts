import { afterAll, beforeAll, expect, test } from 'vitest';
import { quick, wire } from './fixtures/wire.ts';
import { type SfmcSimulator, startSfmcSimulator } from './sfmc-simulator.ts';

let simulator: SfmcSimulator;
let on: ReturnType<typeof wire>;
let token: string;
beforeAll(async () => {
  simulator = await startSfmcSimulator({ scenario: { knobs: { ...quick, soapPageSize: 4 } } });
  on = wire(simulator);
  token = await on.token({ account_id: 7_000_001 });
});
afterAll(() => simulator.stop());

const ns = 'xmlns="http://exacttarget.com/wsdl/partnerAPI"';
const retrieve = (inner: string) =>
  on.soap(
    'Retrieve',
    `<RetrieveRequestMsg ${ns}><RetrieveRequest>${inner}</RetrieveRequest></RetrieveRequestMsg>`,
    token,
  );
const simple = (property: string, value: string, operator = 'equals', name = 'Filter') =>
  `<${name} xsi:type="SimpleFilterPart"><Property>${property}</Property><SimpleOperator>${operator}</SimpleOperator><Value>${value}</Value></${name}>`;
const names = (text: string) => [...text.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name]) => name);
const status = (text: string) => /<OverallStatus>([^<]*)</.exec(text)?.[1];

const extension = (
  key: string,
  fields = '<Field xsi:type="DataExtensionField"><Name>city</Name><FieldType>Text</FieldType><MaxLength>80</MaxLength></Field>',
) =>
  `<CreateRequest ${ns}><Objects xsi:type="DataExtension"><CustomerKey>${key}</CustomerKey><Name>${key}</Name><CategoryID>110</CategoryID><IsSendable>false</IsSendable>
  <DataRetentionPeriodLength>1</DataRetentionPeriodLength><DataRetentionPeriod>Days</DataRetentionPeriod><RowBasedRetention>false</RowBasedRetention>
  <DeleteAtEndOfRetentionPeriod>false</DeleteAtEndOfRetentionPeriod><Fields>${fields}</Fields></Objects></CreateRequest>`;
const query = (key: string, sql: string) =>
  `<CreateRequest ${ns}><Objects xsi:type="QueryDefinition"><CustomerKey>${key}</CustomerKey><Name>${key}</Name><QueryText>${sql}</QueryText><TargetType>DE</TargetType>
  <DataExtensionTarget><CustomerKey>${key}</CustomerKey><Name>${key}</Name></DataExtensionTarget><TargetUpdateType>Overwrite</TargetUpdateType></Objects></CreateRequest>`;

test('the example of the specification runs to rows: create, create, perform, status, rowset', async () => {
  const made = await on.soap('Create', extension('QC_run1'), token);
  expect(made.text).toContain('<StatusMessage>Data Extension created.</StatusMessage>');
  const saved = await on.soap('Create', query('QC_run1', 'SELECT city FROM [Members] WHERE points &lt; 100'), token);
  const id = /<NewObjectID>([^<]+)</.exec(saved.text)?.[1] ?? '';
  const perform = await on.soap(
    'Perform',
    `<PerformRequestMsg ${ns}><Action>Start</Action><Definitions><Definition xsi:type="QueryDefinition"><ObjectID>${id}</ObjectID></Definition></Definitions></PerformRequestMsg>`,
    token,
  );
  expect(perform.text).toContain('QueryDefinition perform called successfully');
  const task = /<Task>.*?<ID>(\d+)<\/ID>/.exec(perform.text)?.[1] ?? '';
  await expect
    .poll(
      async () =>
        (
          await retrieve(
            `<ObjectType>AsyncActivityStatus</ObjectType><Properties>Status</Properties>${simple('TaskID', task)}`,
          )
        ).text,
    )
    .toContain('<Name>Status</Name><Value>Complete</Value>');
  const rows = await on.rest('GET', '/data/v1/customobjectdata/key/QC_run1/rowset?$page=1&$pageSize=5', token);
  expect(rows.body).toMatchObject({
    count: expect.any(Number),
    items: [{ keys: {}, values: { city: expect.any(String) } }, {}, {}, {}, {}],
  });
  expect(await on.admin('performs')).toEqual({ QC_run1: 1 });
  expect(await on.admin('assets')).toMatchObject({
    dataExtensions: [{ key: 'QC_run1' }],
    queries: [{ key: 'QC_run1' }],
  });
});

test('a key in use is code 1, a deleted name stays reserved for a while', async () => {
  await on.soap('Create', extension('twice'), token);
  expect((await on.soap('Create', extension('twice'), token)).text).toContain('<ErrorCode>1</ErrorCode>');
  const gone = await on.soap(
    'Delete',
    `<DeleteRequest ${ns}><Objects xsi:type="DataExtension"><CustomerKey>twice</CustomerKey></Objects></DeleteRequest>`,
    token,
  );
  expect(gone.text).toContain('Data Extension deleted.');
  expect((await on.soap('Create', extension('twice'), token)).text).toContain('<StatusCode>Error</StatusCode>');
  await on.admin('clock', { advanceMs: 61_000 });
  expect((await on.soap('Create', extension('twice'), token)).text).toContain('<StatusCode>OK</StatusCode>');
});

test('pages end with more data available until there is none; a request id works once and for ten minutes', async () => {
  const first = await retrieve('<ObjectType>DataExtension</ObjectType><Properties>Name</Properties>');
  expect([status(first.text), names(first.text).length]).toEqual(['MoreDataAvailable', 4]);
  const id = /<RequestID>([^<]+)</.exec(first.text)?.[1] ?? '';
  const second = await retrieve(`<ContinueRequest>${id}</ContinueRequest>`);
  expect(names(second.text)).toHaveLength(4);
  const missing = 'Error: The RequestID sent through ContinueRequest does not exist.';
  expect(status((await retrieve(`<ContinueRequest>${id}</ContinueRequest>`)).text)).toBe(missing);
  const next = /<RequestID>([^<]+)</.exec(second.text)?.[1] ?? '';
  await on.admin('clock', { advanceMs: 600_001 });
  expect(status((await retrieve(`<ContinueRequest>${next}</ContinueRequest>`)).text)).toBe(missing);
  token = await on.token({ account_id: 7_000_001 });
});

test('filters, also in each other; an operand without a type is refused as the service does', async () => {
  const both = (left: string, right: string) =>
    `<Filter xsi:type="ComplexFilterPart">${left}<LogicalOperator>AND</LogicalOperator>${right}</Filter>`;
  const asked = '<ObjectType>DataFolder</ObjectType><Properties>Name</Properties>';
  expect(names((await retrieve(asked + simple('CustomerKey', 'dataextension_default'))).text)).toEqual([
    'Data Extensions',
  ]);
  const found = await retrieve(
    asked +
      both(
        simple('ContentType', 'dataextension', 'equals', 'LeftOperand'),
        simple('Name', 'Loyalty', 'equals', 'RightOperand'),
      ),
  );
  expect(names(found.text)).toEqual(['Loyalty']);
  const bare = await retrieve(
    asked + both('<LeftOperand><Property>Name</Property></LeftOperand>', simple('Name', 'x', 'equals', 'RightOperand')),
  );
  expect(status(bare.text)).toBe('Error: Unknown filter of type FilterPart encountered');
});

test('a wrong property is told with status 200, nil is said to be nil', async () => {
  const wrong = await retrieve('<ObjectType>DataExtension</ObjectType><Properties>Nope</Properties>');
  expect([wrong.status, status(wrong.text)]).toEqual([
    200,
    'Error: The Request Property(s) Nope do not match with the fields of DataExtension retrieve',
  ]);
  const field = await retrieve(
    `<ObjectType>DataExtensionField</ObjectType><Properties>Name</Properties><Properties>DefaultValue</Properties>${simple('DataExtension.CustomerKey', 'stores')}`,
  );
  expect(field.text).toContain('<DefaultValue xsi:nil="true" />');
});

test('a bad token, an old token, bad XML and no action are the service’s faults', async () => {
  const asked = `<RetrieveRequestMsg ${ns}><RetrieveRequest><ObjectType>DataFolder</ObjectType></RetrieveRequest></RetrieveRequestMsg>`;
  expect((await on.soap('Retrieve', asked, 'nonsense')).text).toMatch(
    /:Security<\/faultcode><faultstring>Login Failed/,
  );
  const old = await on.token();
  await on.admin('tokens/expire', {});
  expect((await on.soap('Retrieve', asked, old)).text).toContain('Token Expired');
  token = await on.token({ account_id: 7_000_001 });
  expect(await on.soap('Retrieve', '<a><b></a>', token)).toMatchObject({
    status: 500,
    text: expect.stringContaining('soap:Client'),
  });
  expect(await on.soap('', asked, token)).toMatchObject({
    status: 500,
    text: expect.stringContaining('valid soap action'),
  });
});

test('faults by header hit the one request that carries them', async () => {
  const asked = `<RetrieveRequestMsg ${ns}><RetrieveRequest><ObjectType>DataFolder</ObjectType><Properties>Name</Properties></RetrieveRequest></RetrieveRequestMsg>`;
  const faulty = (fault: string) => on.soap('Retrieve', asked, token, { 'x-sim-fault': fault });
  expect(await faulty('soap_throttled')).toMatchObject({ status: 500, text: expect.stringContaining('soap:Server') });
  expect(await faulty('unavailable; retryAfter=5')).toMatchObject({
    status: 503,
    type: expect.stringContaining('html'),
  });
  expect((await faulty('truncated')).text).not.toContain('</soap:Envelope>');
  await expect(faulty('reset_after')).rejects.toThrow('fetch failed');
  expect(['OK', 'MoreDataAvailable']).toContain(status((await on.soap('Retrieve', asked, token)).text));
});

test('a folder is made below its parent and is not editable unless it is said', async () => {
  const made = await on.soap(
    'Create',
    `<CreateRequest ${ns}><Objects xsi:type="DataFolder"><CustomerKey>f1</CustomerKey><Name>F1</Name><ContentType>dataextension</ContentType><ParentFolder><ID>110</ID></ParentFolder></Objects></CreateRequest>`,
    token,
  );
  expect(made.text).toContain('Folder created successfully.');
  const found = await retrieve(
    `<ObjectType>DataFolder</ObjectType><Properties>IsEditable</Properties><Properties>ParentFolder.ID</Properties>${simple('CustomerKey', 'f1')}`,
  );
  expect(found.text).toContain('<IsEditable>false</IsEditable><ParentFolder><ID>110</ID></ParentFolder>');
});

test('a package without the scope is refused, and a unit sees only what is its own', async () => {
  const weak = await on.token({ account_id: 7_000_001, scope: 'automations_read' });
  expect((await on.soap('Create', extension('weak'), weak)).text).toContain('API Permission Failed');
  const travel = await on.token({ account_id: 7_000_002 });
  const asked = `<RetrieveRequestMsg ${ns}><RetrieveRequest><ObjectType>DataExtension</ObjectType><Properties>Name</Properties></RetrieveRequest></RetrieveRequestMsg>`;
  expect(names((await on.soap('Retrieve', asked, travel)).text).toSorted()).toEqual([
    'Bookings',
    'Products',
    'Travellers',
  ]);
});
