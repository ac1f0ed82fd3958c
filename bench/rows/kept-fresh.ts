import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import pg from 'pg';
import { z } from 'zod';
import { insertConnection } from '#db/connections/connections.ts';
import { keepSecrets, sealSecrets } from '#db/connections/connection-secrets.ts';
import { moveConnection } from '#db/connections/connection-states.ts';
import { insertLifecycle, sealLifecycle } from '#db/connections/lifecycle-run.ts';
import { keepTokens, sealTokens } from '#db/connections/token-sets.ts';
import { rereadUnits } from '#db/connections/units.ts';
import { openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import { startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { loadConfig } from '#system/config.ts';
import { readJson } from '#system/embedded/files.ts';
import { freePort } from '#system/embedded/processes.ts';
import { Secret } from '#system/secret.ts';
import { readMasterKeys } from '#system/vault/master-key.ts';
import { createVault } from '#system/vault/vault.ts';
import { cpuSecondsOf } from '../kit/cpu.ts';
import { memoryOf } from '../kit/memory.ts';
import { newHome, openProduct, removeHome, startInstallation } from '../kit/product.ts';
import type { Row } from '../kit/row.ts';
import { databaseAsSuperuser } from '../kit/seed-runs.ts';

const Note = z.object({ mark: z.object({ pid: z.number() }) });
const doer = { actor: { kind: 'system' as const, id: null, name: 'bench' } };
const tickMs = 10 * 60_000;

export const keptFresh: Row = {
  name: 'kept-fresh',
  notes: [
    'Kept fresh: connections to Amazon Marketing Cloud, each renewed on a tick of ten minutes against the simulator’s token endpoint on loopback, in an installation of its own. They are written ready-made with a lifecycle each, renewals spread over ten minutes; measured is the whole tick that follows the start of the last lifecycle. CPU is that of all processes of the product with PostgreSQL and Temporal, less what they used in a minute before with no connection; memory likewise.',
  ],
  async measure(tools) {
    const count = Math.round(10_000 * tools.scale);
    const home = newHome();
    tools.onEnd(async () => removeHome(home));
    const installation = await startInstallation(home, await freePort());
    tools.onEnd(() => installation.stop());
    const product = await openProduct(installation);
    await product.owner.patch('/settings', { egressAllow: ['127.0.0.1'] });
    const simulator = await startAmcSimulator();
    tools.onEnd(() => simulator.stop());
    const names = ['app', 'work', 'temporal', 'postgres'];
    const roots = names.map((name) => ({
      name,
      pid: Note.parse(readJson(join(home, 'run', `${name}.json`))).mark.pid,
    }));
    const cpu = () => cpuSecondsOf(roots.map(({ pid }) => pid));
    const memory = () => [...memoryOf(roots).values()].reduce((sum, part) => sum + part, 0);

    await sleep(20_000);
    const idleFrom = cpu();
    await sleep(60_000);
    const idlePerSecond = (cpu() - idleFrom) / 60;
    const idleMemory = memory();

    const db = openDatabase(product.urls.app, { max: 8 });
    const system = openDatabase(product.urls.system, { max: 2 });
    const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
    await client.connect();
    try {
      const config = loadConfig({ WINDLASS_HOME: home });
      const vault = await createVault({
        masterKeys: readMasterKeys(config, { say: () => {} }),
        keys: databaseKeyStore(system),
      });
      const { workspaceId } = product;
      const seed = async (n: number): Promise<void> => {
        const [connectionId, runId] = [uuidv7(), uuidv7()];
        const place = { workspaceId, connectionId, unit: '' };
        const tokens = {
          accessToken: new Secret('Atza|bench'),
          refreshToken: new Secret(simulator.refreshToken),
          expiresAtMs: Date.now() + 3_600_000,
          refreshAtMs: Date.now() + 60_000 + Math.floor((tickMs * n) / count),
          scopes: [],
          restUrl: '',
          soapUrl: '',
        };
        const lifecycle = { workspaceId, connectionId, runId };
        const [sealed, secrets, sealedInput] = await Promise.all([
          sealTokens(vault, place, tokens),
          sealSecrets(vault, workspaceId, connectionId, { clientSecret: simulator.clientSecret }),
          sealLifecycle(vault, lifecycle),
        ]);
        await inTenant(db, workspaceId, async (tx) => {
          await insertConnection(tx, doer, {
            id: connectionId,
            name: `Account ${n}`,
            description: '',
            config: { kind: 'amc', clientId: simulator.clientId, region: 'na', endpoints: simulator.regions.na },
            slots: 10,
            callsPerSecond: null,
            sealed: {},
            runId,
          });
          await keepSecrets(tx, connectionId, secrets);
          await keepTokens(tx, place, sealed, tokens, { cause: 'sign_in', tookMs: 0 });
          await moveConnection(tx, connectionId, { state: 'connected', failure: null });
          await rereadUnits(tx, connectionId);
          await insertLifecycle(tx, { ...lifecycle, title: `Account ${n}`, actor: doer.actor, sealedInput });
        });
      };
      const numbers = Array.from({ length: count }, (_, n) => n).values();
      const work = async (): Promise<void> => {
        for (const n of numbers) await seed(n);
      };
      await Promise.all(Array.from({ length: 6 }, work));
      // Units are no part of it: they count as read.
      await client.query('update connections set units_read_at = now()');
      tools.say(`${count} connections are written`);
      const one = async (text: string): Promise<number> => Number((await client.query(text)).rows[0]?.n ?? 0);
      while ((await one(`select count(*) as n from runs where kind = 'connection' and status = 'waiting'`)) < count)
        await sleep(1_000);
      tools.say('all lifecycles are at rest');
      const renewed = () => one('select sum(attempts) as n from connection_tokens');
      const [from, before] = [cpu(), await renewed()];
      const windowMs = tickMs * Math.max(0.2, tools.scale);
      await sleep(windowMs);
      const perSecond = (cpu() - from) / (windowMs / 1_000) - idlePerSecond;
      const renewals = (await renewed()) - before;
      const expired = await one('select count(*) as n from connection_tokens where expires_at < now()');
      const grown = memory() - idleMemory;
      const percent = (perSecond / 2) * 100;
      return [
        {
          what: `${count} connections kept fresh: CPU of two cores`,
          ours: `${percent.toFixed(1)} % (${(renewals / (windowMs / 1_000)).toFixed(1)} renewals/s, ${expired} expired)`,
          peer: '–',
          target: '< 5 %, none expires',
          isMet: percent < 5 && expired === 0,
        },
        {
          what: `${count} connections kept fresh: memory over idle`,
          ours: `${grown.toFixed(0)} MB`,
          peer: '–',
          target: '< 300 MB',
          isMet: grown < 300,
        },
      ];
    } finally {
      await client.end();
      await db.destroy();
      await system.destroy();
    }
  },
};
