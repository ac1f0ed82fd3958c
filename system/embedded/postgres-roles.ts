// The one place outside `db/` with SQL: it makes the roles and the database that the db floor then lives in.
import { Client } from 'pg';

export const ROLES = ['windlass_owner', 'windlass_app', 'windlass_system'] as const;
export type RoleName = (typeof ROLES)[number];
export const DATABASE = 'windlass';

/** Transactions of the app and the system role end by force after this: one open write holds the event horizon. */
const rights: Record<RoleName, string> = {
  windlass_owner: 'login nosuperuser nocreatedb nocreaterole noreplication bypassrls',
  windlass_app: 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls',
  windlass_system: 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls',
};

/** One connection as the superuser, closed at the end. */
export async function asSuperuser<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {}); // a server that dies under us rejects the query in flight, which is enough
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Makes the three roles and gives them their passwords; may be repeated. */
export async function ensureRoles(client: Client, passwords: Readonly<Record<RoleName, string>>): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
    [...ROLES],
  ]);
  const known = new Set(rows.map((row) => row.rolname));
  for (const role of ROLES) {
    const password = client.escapeLiteral(passwords[role]);
    await client.query(
      `${known.has(role) ? 'alter' : 'create'} role ${role} with ${rights[role]} password ${password}`,
    );
    if (role !== 'windlass_owner') await client.query(`alter role ${role} set transaction_timeout = '5s'`);
  }
}

/** Makes an empty database owned by `windlass_owner`, where nobody else may connect or create unless allowed to. */
export async function ensureDatabase(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount) return;
  await client.query(
    `create database ${client.escapeIdentifier(name)} owner windlass_owner template template0 encoding 'UTF8'`,
  );
  await openDatabase(client, name);
}

/** Lets exactly our three roles connect. */
export async function openDatabase(client: Client, name: string): Promise<void> {
  const database = client.escapeIdentifier(name);
  await client.query(`revoke all on database ${database} from public`);
  await client.query(`grant connect on database ${database} to windlass_app, windlass_system`);
}
