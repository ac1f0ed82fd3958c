import { sql } from 'kysely';
import { StartFailure } from '#system/start-failure.ts';
import { type MasterKeys, checkMasterKey } from '#system/vault/master-key.ts';
import type { Db } from '../kit/database.ts';

/**
 * Refuses to start with a role that row-level security does not bind: a superuser, one that bypasses it, or an owner of
 * tables.
 * @throws StartFailure with one line that says what to do
 */
export async function checkAppRole(db: Db): Promise<void> {
  const { rows } = await sql<{ name: string; isSuper: boolean; bypasses: boolean; owns: boolean }>`
    select r.rolname as name, r.rolsuper as "isSuper", r.rolbypassrls as bypasses,
      exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relowner = r.oid) as owns
    from pg_roles r where r.rolname = current_user`.execute(db);
  const role = rows[0];
  if (!role) throw new StartFailure('The database does not know the role of DATABASE_APP_URL.');
  const wrong = role.isSuper
    ? 'is a superuser'
    : role.bypasses
      ? 'bypasses row-level security'
      : role.owns
        ? 'owns tables'
        : undefined;
  if (wrong)
    throw new StartFailure(
      `The role ${role.name} of DATABASE_APP_URL ${wrong}, so the database would not keep workspaces apart: use windlass_app.`,
      { exitCode: 78 },
    );
}

/** Holds the master key against what the database was used with, and notes it the first time. */
export async function checkKeys(system: Db, keys: MasterKeys): Promise<void> {
  const { keyCheck } = await system.selectFrom('instance').select('keyCheck').executeTakeFirstOrThrow();
  const next = checkMasterKey(keys, keyCheck);
  if (next !== undefined)
    await system.updateTable('instance').set({ keyCheck: next }).where('one', '=', true).execute();
}
