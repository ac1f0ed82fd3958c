import { Connection } from '@temporalio/client';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { ConnectionLifecycle, type ConnectionLifecycleInput } from '#contracts/connections/lifecycle.ts';
import { sealSecrets } from '#db/connections/connection-secrets.ts';
import { sealTokens } from '#db/connections/token-sets.ts';
import { openDatabase } from '#db/kit/database.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import type { AmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { loadConfig } from '#system/config.ts';
import { Secret } from '#system/secret.ts';
import { readMasterKeys } from '#system/vault/master-key.ts';
import { createVault } from '#system/vault/vault.ts';
import { WorkflowClient, sealingConverter } from '#temporal/client.ts';
import type { Product } from './product.ts';
import { together } from './runs.ts';
import { databaseAsSuperuser } from './seed-runs.ts';

/** How long a lifecycle that has found all well for a day waits before it looks again. */
const restedLookMs = 6 * 3_600_000;
const chunk = 500;

/**
 * Writes so many connections to Amazon Marketing Cloud that are signed in, with their secrets and tokens, and starts the
 * lifecycle of each where it stands after a day without trouble: continued, at its longest look. No renewal is due yet.
 */
export async function seedConnections(product: Product, simulator: AmcSimulator, count: number): Promise<void> {
  const { workspaceId, home, urls, temporalAddress } = product;
  const system = openDatabase(urls.system, { max: 2 });
  const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
  await client.connect();
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const config = loadConfig({ WINDLASS_HOME: home });
    const vault = await createVault({
      masterKeys: readMasterKeys(config, { say: () => {} }),
      keys: databaseKeyStore(system),
    });
    const startedAt = new Date().toISOString();
    const made: ConnectionLifecycleInput[] = Array.from({ length: count }, () => ({
      workspaceId,
      connectionId: uuidv7(),
      runId: uuidv7(),
      continued: { startedAt, seq: 1, told: 'connected', lookMs: restedLookMs / 2, failures: 0 },
    }));
    const tokens = {
      accessToken: new Secret('Atza|bench'),
      refreshToken: new Secret(simulator.refreshToken),
      expiresAtMs: 0,
      refreshAtMs: 0,
      scopes: [],
      restUrl: '',
      soapUrl: '',
    };
    const kept = {
      kind: 'amc',
      clientId: simulator.clientId,
      region: 'na',
      endpoints: simulator.regions.na,
    };
    for (let from = 0; from < count; from += chunk) {
      const rows = await Promise.all(
        made.slice(from, from + chunk).map(async ({ connectionId, runId }, index) => {
          const place = { workspaceId, connectionId, unit: '' };
          const [token, secrets] = await Promise.all([
            sealTokens(vault, place, tokens),
            sealSecrets(vault, workspaceId, connectionId, { clientSecret: simulator.clientSecret }),
          ]);
          return { id: connectionId, run: runId, name: `Account ${from + index}`, token, secret: secrets.clientSecret };
        }),
      );
      await client.query(insert, [workspaceId, JSON.stringify(rows), JSON.stringify(kept)]);
    }
    await client.query('vacuum analyze');
    const { type, kind, taskQueue } = ConnectionLifecycle;
    const workflows = new WorkflowClient(connection, config.temporalNamespace, sealingConverter(vault));
    const line = made.values();
    await together(count, 40, async () => {
      const input = line.next().value;
      if (!input) return;
      await workflows.start({
        workspaceId,
        workflowType: type,
        taskQueue,
        workflowId: input.runId,
        kind,
        subject: `connection:${input.connectionId}`,
        actorId: null,
        priority: 2,
        input,
        isEager: false,
      });
    });
    while (((await workflows.describeQueue(taskQueue)).backlog ?? 0) > 0)
      await new Promise((resolve) => setTimeout(resolve, 500));
  } finally {
    await connection.close();
    await client.end();
    await system.destroy();
  }
}

const insert = `
  with given as (select * from jsonb_to_recordset($2::jsonb) as g(id uuid, run uuid, name text, token text, secret text)),
  connection as (insert into connections (workspace_id, id, name, name_key, kind, config, slots, state, run_id, units_read_at, created_by)
    select $1::uuid, id, name, name, 'amc', $3::jsonb, 10, 'connected', run, now(), '{"kind":"system","id":null,"name":"bench"}' from given),
  run as (insert into runs (workspace_id, id, kind, shape, title, status, waiting_for, trigger, actor, subject_kind, subject_id,
      workflow_type, task_queue, admitted_at, journal_seq, started_at)
    select $1::uuid, run, 'connection', 'entity', name, 'waiting', 'connection:connected', 'api', '{"kind":"system","id":null,"name":"bench"}',
      'connection', id::text, 'connectionLifecycle', 'main', now(), 1, now() - interval '1 day' from given),
  secret as (insert into connection_secrets (workspace_id, connection_id, name, sealed) select $1::uuid, id, 'clientSecret', secret from given)
  insert into connection_tokens (workspace_id, connection_id, unit, generation, sealed, expires_at, refresh_at, attempts)
    select $1::uuid, id, '', 1, token, now() + interval '1 hour', now() + interval '50 minutes', 1 from given`;
