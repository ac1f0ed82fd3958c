// Searches everything that a supervised product keeps: each row of its database, what Temporal was told (opened), and every
// byte of its files.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { Client } from 'pg';
import { z } from 'zod';
import { openDatabase } from '#db/kit/database.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import { loadConfig } from '#system/config.ts';
import { readJson } from '#system/embedded/files.ts';
import { readMasterKeys } from '#system/vault/master-key.ts';
import { createVault } from '#system/vault/vault.ts';
import { sealingConverter } from '#temporal/client.ts';
import type { Supervised } from './supervised.ts';

/** A text as it is, as JSON and addresses write it, as base64 at each of the three alignments, and as hex. */
export function formsOf(text: string): string[] {
  const aligned = [0, 1, 2].map((shift) =>
    Buffer.from(`${'\0'.repeat(shift)}${text}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4)
      .replace(/.{0,3}=*$/, ''),
  );
  return [
    ...new Set([
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      ...aligned,
      Buffer.from(text).toString('hex'),
    ]),
  ];
}

/** What was found, as `place: form`, and how much was looked at. */
export interface Found {
  readonly open: string[];
  readonly places: number;
  readonly bytes: number;
}
const foundIn = (text: string, forms: readonly string[]): string[] => forms.filter((form) => text.includes(form));

/** Every row of every table. */
export async function searchTables(product: Supervised, forms: readonly string[]): Promise<Found> {
  const client = new Client({ connectionString: product.urls().superuser.replace(/\/postgres$/, '/windlass') });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const open: string[] = [];
    let bytes = 0;
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      for (const { row } of rows) {
        bytes += row.length;
        const text = [row.replaceAll('""', '"')];
        // bytea is shown as hex: what it holds is looked at as it is.
        for (const [, hex = ''] of row.matchAll(/\\\\?x((?:[0-9a-f]{2}){8,})/g))
          text.push(Buffer.from(hex, 'hex').toString('latin1'));
        open.push(...text.flatMap((one) => foundIn(one, forms)).map((form) => `${name}: ${form}`));
      }
    }
    return { open, places: tables.length, bytes };
  } finally {
    await client.end();
  }
}

/** Every byte of the home and of PostgreSQL's data with its write-ahead log: Temporal's file, logs, keys. */
export async function searchFiles(product: Supervised, forms: readonly string[]): Promise<Found> {
  const client = new Client({ connectionString: product.urls().superuser });
  await client.connect();
  const { rows } = await client
    .query<{ folder: string }>(`select current_setting('data_directory') as folder`)
    .finally(() => client.end());
  const open: string[] = [];
  let [places, bytes] = [0, 0];
  const search = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (!stat) continue;
      if (stat.isDirectory()) search(file);
      else if (stat.isFile() && stat.size > 0) {
        places++;
        bytes += stat.size;
        open.push(...foundIn(readFileSync(file).toString('latin1'), forms).map((form) => `${file}: ${form}`));
      }
    }
  };
  search(product.home);
  search(rows[0]?.folder ?? '');
  return { open, places, bytes };
}

const TemporalNote = z.object({ ports: z.object({ grpc: z.number() }) });
interface Payload {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}

/** The history of every workflow, its payloads opened by the product's own keys. */
export async function searchHistories(product: Supervised, forms: readonly string[]): Promise<Found> {
  const config = loadConfig({ WINDLASS_HOME: product.home });
  const system = openDatabase(product.urls().system, { max: 2 });
  const { ports } = TemporalNote.parse(readJson(join(product.home, 'run', 'temporal.json')));
  const connection = await Connection.connect({ address: `127.0.0.1:${ports.grpc}` });
  try {
    const masterKeys = readMasterKeys(config, { say: () => {} });
    const { codec } = sealingConverter(await createVault({ masterKeys, keys: databaseKeyStore(system) }));
    const client = new TemporalClient({ connection, namespace: config.temporalNamespace });
    const open: string[] = [];
    let [places, bytes, sealed] = [0, 0, 0];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      places++;
      const texts: string[] = [];
      const payloads: Payload[] = [];
      const collect = (value: unknown): void => {
        if (typeof value === 'string') texts.push(value);
        if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
        if ('metadata' in value && 'data' in value) payloads.push(value as Payload);
        else for (const inner of Object.values(value)) collect(inner);
      };
      collect(events);
      for (const payload of payloads) {
        // Search attributes are not sealed: those are looked at as they are.
        const opened = await codec.decode([payload]).then(
          ([one]) => (one && one !== payload ? (sealed++, one) : payload),
          () => payload,
        );
        texts.push(Buffer.from(opened.data ?? []).toString('utf8'));
      }
      for (const text of texts) {
        bytes += text.length;
        open.push(...foundIn(text, forms).map((form) => `${workflowId}: ${form}`));
      }
    }
    if (sealed === 0) throw new Error('No payload of any history could be opened.');
    return { open, places, bytes };
  } finally {
    await Promise.all([connection.close(), system.destroy()]);
  }
}
