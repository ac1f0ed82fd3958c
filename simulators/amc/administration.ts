import { z } from 'zod';
import {
  accountOf,
  type Exchange,
  instanceOf,
  json,
  page,
  refuseAdmin,
  type Route,
  route,
  signedIn,
} from './exchange.ts';
import type { Instance, World } from './world.ts';

const shown = (instance: Instance) => ({
  instanceId: instance.instanceId,
  instanceName: instance.instanceName,
  instanceType: instance.instanceType,
  customerCanonicalName: instance.instanceName.toLowerCase().replaceAll(' ', '-'),
  creationStatus: 'COMPLETED',
  creationDatetime: instance.creationDatetime,
  s3BucketName: `amc-${instance.instanceId}-sim`,
  awsAccountId: '000000000000',
  entities: [instance.accountId],
  dataUploadAwsAccountId: '000000000000',
  apiEndpoint: `https://${instance.instanceId}.invalid`,
  optionalDatasets: [{ label: 'Flexible Shopping Insights', activationTime: instance.creationDatetime }],
  advertiserTypes: ['DISPLAY', 'SPONSORED_ADS'],
});
const instanceName = z.string().regex(/^[A-Za-z0-9 ]{3,50}$/);

function createInstance(exchange: Exchange) {
  signedIn(exchange);
  const account = accountOf(exchange, refuseAdmin);
  const asked = read(
    exchange,
    z.object({ instanceName, advertiserName: z.string().optional(), idempotencyToken: z.string().optional() }),
  );
  const { world } = exchange;
  const instance: Instance = {
    instanceId: `amcsim${String(world.instances.length + 1).padStart(4, '0')}`,
    instanceName: asked.instanceName,
    instanceType: 'STANDARD',
    accountId: account.accountId,
    creationDatetime: world.stamp(),
  };
  world.instances.push(instance);
  return json({ instance: shown(instance) });
}
function read<T>(exchange: Exchange, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(JSON.parse(exchange.body.toString('utf8') || 'null'));
  if (!parsed.success) throw refuseAdmin(400, `Invalid request: ${parsed.error.issues[0]?.message ?? ''}`);
  return parsed.data;
}

const Updates = z.object({
  updates: z
    .array(
      z.object({
        advertiserId: z.union([z.string(), z.number()]).transform(String),
        operation: z.enum(['ADD', 'REMOVE']),
      }),
    )
    .min(1)
    .max(10),
});
interface Update {
  readonly updateId: string;
  readonly instanceId: string;
  readonly advertiserId: string;
  readonly operation: string;
  readonly createdMs: number;
}

/** Which advertisers an instance holds is changed by updates, which take their time: PENDING, UPDATING, COMPLETED. */
export function advertiserUpdateRoutes(world: World): readonly Route[] {
  const all: Update[] = [];
  const shown = ({ createdMs, updateId, advertiserId, operation }: Update) => {
    const steps = Math.floor((world.now() - createdMs) / Math.max(1, world.knobs.reportStepMs));
    return { updateId, advertiserId, operation, status: ['PENDING', 'UPDATING'][steps] ?? 'COMPLETED' };
  };
  const path = '/amc/instances/{id}/advertisers/updates';
  return [
    route('POST', path, (exchange) => {
      const { instanceId } = instanceOf(exchange, refuseAdmin);
      const made = read(exchange, Updates).updates.map((one): Update => ({
        ...one,
        updateId: world.id(),
        instanceId,
        createdMs: world.now(),
      }));
      all.push(...made);
      return json({ updates: made.map(shown) });
    }),
    route('GET', path, (exchange) => {
      const { instanceId } = instanceOf(exchange, refuseAdmin);
      const { items, nextToken } = page(
        exchange,
        all.filter((one) => one.instanceId === instanceId),
      );
      return json({ updates: items.map(shown), ...(nextToken && { nextToken }) });
    }),
  ];
}

/** Profiles, AMC accounts and instances (AMC §2.4, §3). */
export const administrationRoutes: readonly Route[] = [
  route('GET', '/v2/profiles', (exchange) => {
    signedIn(exchange);
    const types = exchange.query.get('profileTypeFilter')?.split(',');
    return json(
      exchange.world.profiles[exchange.region].filter(({ accountInfo }) => !types || types.includes(accountInfo.type)),
    );
  }),
  route('GET', '/amc/accounts', (exchange) => {
    signedIn(exchange);
    const { items, nextToken } = page(exchange, exchange.world.accounts);
    const amcAccounts = items.map(({ accountId, accountName, marketplaceId }) => ({
      accountId,
      accountName,
      marketplaceId,
    }));
    return json({ amcAccounts, ...(nextToken && { nextToken }) });
  }),
  route('GET', '/amc/instances', (exchange) => {
    signedIn(exchange);
    const account = accountOf(exchange, refuseAdmin);
    const own = exchange.world.instances.filter(({ accountId }) => accountId === account.accountId);
    const { items, nextToken } = page(exchange, own);
    return json({ instances: items.map(shown), ...(nextToken && { nextToken }) });
  }),
  route('POST', '/amc/instances', createInstance),
  route('GET', '/amc/instances/{id}', (exchange) => json({ instance: shown(instanceOf(exchange, refuseAdmin)) })),
  route('PUT', '/amc/instances/{id}', (exchange) => {
    const instance = instanceOf(exchange, refuseAdmin);
    instance.instanceName = read(exchange, z.object({ instanceName })).instanceName;
    return json({ instance: shown(instance) });
  }),
  route('DELETE', '/amc/instances/{id}', (exchange) => {
    const instance = instanceOf(exchange, refuseAdmin);
    exchange.world.instances.splice(exchange.world.instances.indexOf(instance), 1);
    return { status: 204 };
  }),
  route('GET', '/amc/instances/{id}/advertisers', (exchange) => {
    instanceOf(exchange, refuseAdmin);
    const names = ['Aurora Home', 'Borealis Sport', 'Cirrus Kids'];
    const { items, nextToken } = page(
      exchange,
      names.map((advertiserName, at) => ({ advertiserId: String(580_000 + at), advertiserName, type: 'DISPLAY' })),
    );
    return json({ advertisers: items, totalCount: names.length, ...(nextToken && { nextToken }) });
  }),
];
