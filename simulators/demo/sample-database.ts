import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '#system/embedded/postgres.ts';
import type { Keep } from './keep.ts';

export interface SampleDatabase {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  stop(): Promise<void>;
}

const database = 'sample';
const user = 'sample_reader';

/**
 * A PostgreSQL of its own with sample data, for the demo to connect to. It is not the installation's: that one's port is
 * closed to connections, and stays so. The role that signs in may only read.
 */
export async function startSampleDatabase({ folder, kept, save }: Keep): Promise<SampleDatabase> {
  const server = await startPostgres({ home: join(folder, 'sample-database') });
  const password = (kept.samplePassword ??= randomBytes(18).toString('base64url'));
  save();
  try {
    await withClient(server.urls.superuser, async (client) => {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
      if (rowCount === 0) await client.query(`create database ${database}`);
      const { rowCount: roles } = await client.query('select from pg_roles where rolname = $1', [user]);
      await client.query(`${roles === 0 ? 'create' : 'alter'} role ${user} login password '${password}'`);
    });
    const inside = new URL(server.urls.superuser);
    inside.pathname = `/${database}`;
    await withClient(inside.href, fill);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { host: '127.0.0.1', port: server.port, database, user, password, stop: () => server.stop() };
}

/** Makes the tables the first time, whole or not at all. The same data in each demo: nothing is drawn by chance. */
async function fill(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ made: boolean }>(`select to_regclass('shop.page_views') is not null as made`);
  if (rows[0]?.made) return;
  await client.query('begin');
  await client.query("set local synchronous_commit = off; set local maintenance_work_mem = '128MB'");
  await client.query(tables);
  await client.query('commit');
  await client.query('vacuum analyze');
}

const tables = `
create schema shop;
create table shop.customers (
  id integer primary key, name text not null, email text not null, country char(2) not null, since date not null,
  is_member boolean not null);
comment on table shop.customers is 'People who have bought at least once. Made up.';
insert into shop.customers
  select n, (array['Ana','Ben','Chidi','Dana','Emre','Freya','Goran','Hana','Ivo','Jana'])[1 + n % 10] || ' ' ||
    (array['Alder','Birch','Cedar','Damson','Elm','Fir','Gorse','Hazel'])[1 + n / 10 % 8],
    'customer-' || n || '@alder-finch.example', (array['DE','FR','IT','PL','SE','PT'])[1 + n * 7 % 6],
    date '2021-01-01' + n % 1700, n % 3 = 0
  from generate_series(1, 5000) n;
create table shop.products (
  id integer primary key, name text not null, category text not null, price numeric(10, 2) not null);
insert into shop.products
  select n, (array['Lamp','Chair','Rug','Shelf','Mug','Clock'])[1 + n % 6] || ' ' || n,
    (array['Light','Seating','Textile','Storage','Kitchen','Decor'])[1 + n % 6], (990 + n * 137 % 24000) / 100.0
  from generate_series(1, 240) n;
create table shop.orders (
  id integer not null, customer_id integer not null, ordered_at timestamptz not null,
  status text not null, total numeric(12, 2) not null, note text);
comment on column shop.orders.note is 'Empty where nobody wrote one; null for orders by telephone.';
insert into shop.orders
  select n, 1 + n * 31 % 5000, timestamptz '2024-01-01 00:00Z' + n * interval '7 minutes',
    (array['paid','shipped','shipped','shipped','returned','open'])[1 + n * 11 % 6], (500 + n * 7919 % 40000) / 100.0,
    case when n % 17 = 0 then null when n % 5 = 0 then 'Leave it with the neighbour' else '' end
  from generate_series(1, 120000) n;
create table shop.order_lines (
  order_id integer not null, line smallint not null, product_id integer not null, pieces smallint not null);
insert into shop.order_lines
  select o, l, 1 + (o * 13 + l * 29) % 240, 1 + (o + l) % 4 from generate_series(1, 120000) o, generate_series(1, 2) l;
create table shop.page_views (
  id bigint not null, viewed_at timestamptz not null, customer_id integer, path text not null, device text not null,
  milliseconds integer not null);
comment on table shop.page_views is 'A million rows, to scroll and to export.';
insert into shop.page_views
  select n, timestamptz '2026-01-01 00:00Z' + n * interval '25 seconds', case when n % 4 = 0 then null else 1 + n % 5000 end,
    '/' || (array['','lamps','chairs','rugs','sale','cart'])[1 + n % 6], (array['phone','desktop','tablet'])[1 + n % 3],
    20 + (n * 7907 % 1900)::integer
  from generate_series(1::bigint, 1000000) n;
-- Keys come last: checked row by row they would take most of the time.
alter table shop.orders add primary key (id), add foreign key (customer_id) references shop.customers;
alter table shop.order_lines add primary key (order_id, line), add foreign key (order_id) references shop.orders,
  add foreign key (product_id) references shop.products;
alter table shop.page_views add primary key (id);
create index on shop.orders (customer_id);
create index on shop.orders (ordered_at);
revoke create on schema public from public;
grant usage on schema shop to ${user};
grant select on all tables in schema shop to ${user};
`;

async function withClient(connectionString: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
