import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Knobs } from '#simulators/sfmc/scenario.ts';
import { type SfmcSimulator, startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import type { Api } from './api.ts';
import type { Product } from './product.ts';
import type { RowTools } from './row.ts';

const Made = z.object({ id: z.string() });
const Read = z.object({ state: z.string() });
const Units = z.object({ data: z.array(z.object({ id: z.string(), isDefault: z.boolean() })) });
const Objects = z.object({ schema: z.object({ readAt: z.string().nullable() }) });

/** A simulator of Marketing Cloud that answers as soon as it can, and runs each query for so long. */
export async function startSfmc(tools: Pick<RowTools, 'onEnd'>, knobs: Partial<Knobs>): Promise<SfmcSimulator> {
  const none: [number, number] = [0, 0];
  const lags = { statusLagMs: none, extensionLagMs: none, runningLagMs: none };
  const simulator = await startSfmcSimulator({
    scenario: { knobs: { queueMs: [300, 300], runMs: [700, 700], ...lags, tokenLifeS: 3_600, ...knobs } },
  });
  tools.onEnd(() => simulator.stop());
  return simulator;
}

/** Connections to it whose application signs itself in, with units and schema read. @returns their ids */
export async function connectSfmc(
  { api, owner }: Product,
  simulator: SfmcSimulator,
  places: readonly { name: string; accountId?: number }[],
  more: object = {},
): Promise<string[]> {
  await owner.patch('/settings', { egressAllow: ['127.0.0.1'] });
  const { clientId, clientSecret } = simulator.packages.server;
  const ids = await Promise.all(
    places.map(async ({ name, ...unit }) => {
      const config = { authUrl: simulator.authUrl, grant: 'server', clientId, clientSecret, ...unit };
      return Made.parse(await owner.post('/connections', { kind: 'sfmc', name, config, ...more })).id;
    }),
  );
  for (const id of ids) await untilReady(api, id);
  return ids;
}

async function untilReady(api: Api, id: string): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(200)) {
    const { state } = Read.parse(await api.get(`/connections/${id}`));
    if (state !== 'connected') continue;
    const unit = Units.parse(await api.get(`/connections/${id}/units`)).data.find(({ isDefault }) => isDefault)?.id;
    if (unit === undefined) continue;
    const found = await api.get(`/connections/${id}/objects?unit=${unit}&limit=5`);
    if (Objects.parse(found).schema.readAt !== null) return;
  }
  throw new Error(`The connection ${id} was not ready within a minute.`);
}

/** Some hundred rows of three columns that the schema tells. */
export const membersQuery = 'SELECT SubscriberKey, City, Points FROM Members WHERE Points < 1000';
