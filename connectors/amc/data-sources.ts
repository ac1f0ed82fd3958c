import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AmcTable } from '#contracts/queries/amc/catalog.ts';
import { sensitivities } from '#contracts/queries/amc/sensitivity.ts';
import { type AdsClient, allPages, part, queryOf } from './ads-client.ts';
import { accountHeaders, type AmcInstance } from './accounts.ts';

const text = z.string().nullish();
const Column = z.object({
  name: z.string().min(1).max(256),
  columnType: text,
  description: text,
  dataType: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]).nullish(),
  // Words that come later than this code are taken for "not told".
  sensitivity: z.enum(sensitivities).nullish().catch(null),
});
const DataSource = z.object({
  dataSourceId: z.string().min(1).max(256),
  description: text,
  owner: text,
  isPremium: z.boolean().nullish(),
  tags: z.array(z.object({ type: text, title: text, subtext: text, description: text })).nullish(),
  columns: z.array(Column).max(2_000).nullish(),
});
type DataSource = z.infer<typeof DataSource>;

const tableOf = (source: DataSource): AmcTable => ({
  name: source.dataSourceId,
  description: source.description ?? '',
  owner: source.owner ?? '',
  isPremium: source.isPremium ?? false,
  tags: (source.tags ?? []).map(({ type, title, subtext, description }) => ({
    type: type ?? '',
    title: title ?? '',
    description: description ?? subtext ?? '',
  })),
  columns: (source.columns ?? []).map((column) => ({
    name: column.name,
    dataType: column.dataType ?? null,
    kind: column.columnType === 'METRIC' ? 'METRIC' : 'DIMENSION',
    sensitivity: column.sensitivity ?? null,
    description: column.description ?? '',
  })),
});

const pathOf = ({ instanceId }: AmcInstance): string => `/amc/reporting/${part(instanceId)}/dataSources`;
export interface SourcePage {
  readonly tables: readonly AmcTable[];
  readonly nextToken: string | null;
}
/** One page of an instance's tables. */
export async function readDataSources(
  client: AdsClient,
  instance: AmcInstance,
  nextToken: string | undefined,
  signal?: AbortSignal,
): Promise<SourcePage> {
  const answer = await client.send({
    method: 'GET',
    path: `${pathOf(instance)}${queryOf({ nextToken })}`,
    headers: accountHeaders(instance.account),
    answer: z.object({ dataSources: z.array(DataSource), nextToken: text }),
    signal,
    // Five hundred columns a table, each with a description.
    mostBytes: 64 * 1_048_576,
  });
  return { tables: answer.dataSources.map(tableOf), nextToken: answer.nextToken ?? null };
}
export async function readDataSource(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<AmcTable> {
  return tableOf(
    await client.send({
      method: 'GET',
      path: `${pathOf(instance)}/${part(id)}`,
      headers: accountHeaders(instance.account),
      answer: DataSource,
      signal,
    }),
  );
}

export interface Schema {
  readonly tables: readonly AmcTable[];
  /** Changes exactly when something in it does: the service gives no ETag (AMC §4.1). */
  readonly etag: string;
}
export async function readSchema(client: AdsClient, instance: AmcInstance, signal?: AbortSignal): Promise<Schema> {
  const tables = await allPages(async (token) => {
    const page = await readDataSources(client, instance, token, signal);
    return { items: page.tables, nextToken: page.nextToken };
  });
  return { tables, etag: schemaTag(tables) };
}

/** A hash of what tables and columns are, whatever the order in which they came. */
export function schemaTag(tables: readonly AmcTable[]): string {
  const sorted = tables
    .map((table) => ({ ...table, columns: table.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const plain = JSON.stringify(sorted, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(plain).digest('base64url').slice(0, 22);
}
