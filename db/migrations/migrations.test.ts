// Each migration on data: what was there before it is there after it, unchanged and still kept apart by workspace.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { migrate } from '../kit/migrate.ts';
import { migrations } from './index.ts';

const w = '01890000-0000-7000-8000-000000000001';
const id = '01890000-0000-7000-8000-000000000002';
const actor = `'{"kind":"system","id":null,"name":"Test"}'`;
/** A row for what each migration made, as its version wrote them. A new migration adds its own. */
const rows: Record<string, string[]> = {
  '0001-core': [
    `insert into runs (workspace_id, id, kind, shape, title, status, trigger, actor, workflow_type, task_queue)
      values ('${w}', '${id}', 'playbook', 'job', 'Old', 'succeeded', 'api', ${actor}, 'runPlaybook', 'main')`,
    `insert into run_steps (workspace_id, run_id, address, id, kind, status, position) values ('${w}', '${id}', 'a', 'a', 'set', 'succeeded', 0)`,
    `insert into run_hosts (workspace_id, run_id, address, host, status) values ('${w}', '${id}', 'a', 'web-1', 'succeeded')`,
    `insert into run_locks (workspace_id, name, run_id, address, slots) values ('${w}', 'l', '${id}', 'a', 1)`,
    `insert into events (workspace_id, type, data) values ('${w}', 'run.queued', '{"a":1}')`,
    `insert into run_logs (workspace_id, run_id, address, host, stream, attempt, from_byte, text) values ('${w}', '${id}', 'a', 'web-1', 'stdout', 1, 0, 'hello')`,
    `insert into idempotency_keys (workspace_id, route, key, body_hash, reserved_id) values ('${w}', 'r', 'k', 'h', '${id}')`,
    `insert into vault_keys (id, scope, purpose, wrapped) values ('k', 'instance', 'p', 'w')`,
    `insert into system_notes (name, value) values ('n', '{}')`,
  ],
  '0002-identity': [
    `insert into workspaces (id, slug, name) values ('${w}', 'old', 'Old')`,
    `insert into users (id, email, name, password_hash) values ('${id}', 'mara@example.org', 'Mara', 'hash')`,
    `insert into members (workspace_id, user_id, role) values ('${w}', '${id}', 'owner')`,
    `insert into invitations (workspace_id, id, email, role, token_hash, invited_by, expires_at) values ('${w}', '${id}', 'a@b', 'viewer', 't', ${actor}, now())`,
    `insert into api_keys (workspace_id, id, name, prefix, key_hash, permissions, owner_id, created_by) values ('${w}', '${id}', 'k', 'wl_', 'h', '{runs:read}', '${id}', ${actor})`,
    `insert into sessions (id, user_id, kind, expires_at) values ('${id}', '${id}', 'browser', now())`,
    `insert into audit_entries (workspace_id, id, actor, action) values ('${w}', '${id}', ${actor}, 'member.joined')`,
    `insert into settings (workspace_id, retention_days, egress_allow) values ('${w}', 77, '{10.0.0.0/8}')`,
    `insert into workspace_secrets (workspace_id, id, name, sealed, updated_by) values ('${w}', '${id}', 's', 'sealed', ${actor})`,
    `insert into variables (workspace_id, name, value, updated_by) values ('${w}', 'v', '1', ${actor})`,
  ],
  '0003-servers': [
    `insert into credentials (workspace_id, id, name, name_key, kind, username) values ('${w}', '${id}', 'c', 'c', 'password', 'ops')`,
    `insert into servers (workspace_id, id, name, name_key, host, port, credential_id) values ('${w}', '${id}', 'web-1', 'web-1', '192.0.2.1', 22, '${id}')`,
    `insert into server_checks (workspace_id, server_id, id, reachable, health) values ('${w}', '${id}', '${id}', true, 'healthy')`,
  ],
  '0004-triggers': [
    `insert into channels (workspace_id, id, name, kind) values ('${w}', '${id}', '#ops', 'email')`,
    `insert into deliveries (workspace_id, id, key, channel, kind, target, subject, status) values ('${w}', '${id}', 'k', '#ops', 'email', 'a@b', 's', 'delivered')`,
    `insert into schedules (workspace_id, id, name, target_kind, target_id, sealed_inputs, cron, time_zone, overlap, catch_up_ms, created_by)
      values ('${w}', '${id}', 'nightly', 'playbook', '${id}', 'sealed', '{0 3 * * *}', 'Europe/Berlin', 'skip', 0, ${actor})`,
    `insert into run_triggers (workspace_id, id, name, statuses, target_id, created_by) values ('${w}', '${id}', 't', '{succeeded}', '${id}', ${actor})`,
  ],
  '0005-playbooks': [
    `insert into playbooks (workspace_id, id, name, version, step_count, input_count, updated_by) values ('${w}', '${id}', 'p', 1, 1, 0, ${actor})`,
    `insert into playbook_versions (workspace_id, playbook_id, version, definition, yaml, hash, author) values ('${w}', '${id}', 1, '{"name":"p"}', 'name: p', 'h', ${actor})`,
    `insert into run_secrets (workspace_id, run_id, name, sealed) values ('${w}', '${id}', 'pw', 'sealed')`,
  ],
  '0006-artifacts-resets-retention': [
    `insert into artifacts (workspace_id, id, name, bytes, sha256, created_by, stored_at) values ('${w}', '${id}', 'app.bin', 1, 'h', ${actor}, now())`,
    `insert into artifact_parts (workspace_id, artifact_id, part, content) values ('${w}', '${id}', 0, '\\x00')`,
    `insert into password_links (id, user_id, token_hash, expires_at) values ('${id}', '${id}', 'h', now())`,
    `insert into secret_reads (workspace_id, run_id, secret_id) values ('${w}', '${id}', '${id}')`,
  ],
  '0010-notices-and-drains': [
    `insert into notice_marks (workspace_id, person_id, seen_at) values ('${w}', '${id}', now())`,
    `insert into queue_drains (workspace_id, queue, drained_by) values ('${w}', 'main', ${actor})`,
    `insert into instance_drains (queue, drained_by) values ('main', ${actor})`,
  ],
  '0013-connections': [
    `insert into connections (workspace_id, id, name, name_key, kind, config, slots, created_by) values ('${w}', '${id}', 'c', 'c', 'sfmc', '{}', 5, ${actor})`,
    `insert into connection_secrets (workspace_id, connection_id, name, sealed) values ('${w}', '${id}', 'clientSecret', 'sealed')`,
    `insert into connection_tokens (workspace_id, connection_id, unit, generation, sealed, expires_at) values ('${w}', '${id}', '', 1, 'sealed', now())`,
    `insert into connection_refreshes (workspace_id, connection_id, unit, place, id, at, outcome, cause, took_ms) values ('${w}', '${id}', '', 0, '${id}', now(), 'renewed', 'ahead', 5)`,
    `insert into connection_units (workspace_id, connection_id, unit, name, name_key, is_usable) values ('${w}', '${id}', '7000001', 'Main', 'main', true)`,
    `insert into connection_sign_ins (workspace_id, connection_id, state_hash, unit, person_id, session_id, sealed_verifier, redirect_uri, expires_at)
      values ('${w}', '${id}', 'h', '', '${id}', 's', 'sealed', 'http://127.0.0.1/', now())`,
    `insert into connection_launches (workspace_id, connection_id, jti_hash, ticket_hash, unit, sealed, land_until, keep_until)
      values ('${w}', '${id}', 'j', 't', '', 'sealed', now(), now())`,
    `insert into connection_budgets (workspace_id, connection_id, unit) values ('${w}', '${id}', '')`,
    `insert into schema_objects (workspace_id, connection_id, unit, object_id, kind, name, name_key, read_no, search) values ('${w}', '${id}', '7000001', 'o', 'table', 'Orders', 'orders', 1, 'orders')`,
    `insert into schema_reads (workspace_id, connection_id, unit, read_no) values ('${w}', '${id}', '7000001', 1)`,
  ],
  '0014-queries': [
    `insert into query_runs (workspace_id, run_id, connection_id, connection_name, engine, unit, title, sql_text) values ('${w}', '${id}', '${id}', 'c', 'sfmc', '7000001', 'Q', 'SELECT 1')`,
    `insert into remote_assets (workspace_id, run_id, kind, name, connection_id, engine, unit, ref, due_at) values ('${w}', '${id}', 'query', 'QC_1', '${id}', 'sfmc', '7000001', '{}', now())`,
    `insert into queries (workspace_id, id, name, sharing, owner, owner_id, engine, version) values ('${w}', '${id}', 'Q', 'workspace', ${actor}, '${id}', 'sfmc', 1)`,
    `insert into query_versions (workspace_id, query_id, version, body, saved_by, saved_by_id) values ('${w}', '${id}', 1, '{}', ${actor}, '${id}')`,
    `insert into query_favourites (workspace_id, query_id, person_id) values ('${w}', '${id}', '${id}')`,
    `insert into query_tabs (workspace_id, person_id, id, revision, sql_text, state, position) values ('${w}', '${id}', '${id}', 1, 'SELECT 1', '{}', 0)`,
    `insert into query_tab_texts (workspace_id, person_id, tab_id, revision, sql_text) values ('${w}', '${id}', '${id}', 1, 'SELECT 1')`,
  ],
  '0029-retention': [`insert into alert_trims (workspace_id, run_id, before) values ('${w}', '${id}', now())`],
  '0028-alert-keys': [`insert into alert_keys (workspace_id, source_id, key_hash) values ('${w}', '${id}', 'k')`],
  '0034-incident-views': [
    `insert into incident_views (workspace_id, id, name, query, owner, owner_id) values ('${w}', '${id}', 'Late', 'clock=breached', ${actor}, '${id}')`,
  ],
  '0027-sla-and-rules': [
    `insert into sla_calendars (workspace_id, id, name, calendar, created_by) values ('${w}', '${id}', 'Office', '{}', ${actor})`,
    `insert into sla_policies (workspace_id, id, name, policy, calendar_id, created_by) values ('${w}', '${id}', 'Gold', '{}', '${id}', ${actor})`,
    `insert into incident_rules (workspace_id, id, name, happenings, playbook_id, inputs, mode, limits, enabled, created_by) values ('${w}', '${id}', 'r', '{opened}', '${id}', '{}', 'suggest', '{}', true, ${actor})`,
    `insert into incident_starts (workspace_id, id, incident_id, playbook_id, status, actor) values ('${w}', '${id}', '${id}', '${id}', 'started', ${actor})`,
    `insert into incident_clock_ends (workspace_id, incident_id, kind, severity, target_ms, used_ms, opened_at, ended_at, is_kept) values ('${w}', '${id}', 'respond', 'sev1', 1, 1, now(), now(), true)`,
    `insert into status_pages (workspace_id, slug, title) values ('${w}', 'old', 'Old')`,
    `insert into status_updates (workspace_id, id, incident_id, title, phase, impact, services, text, published_by) values ('${w}', '${id}', '${id}', 't', 'resolved', 'none', '{}', 't', ${actor})`,
  ],
};
const tableOf = (statement: string): string => /insert into (\w+)/.exec(statement)?.[1] ?? '';

let database: TestDatabase;
let owner: pg.Client;
const opened: TestDatabase[] = [];
beforeAll(async () => {
  database = await empty();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await Promise.all(opened.map((each) => each.close()));
});
async function empty(): Promise<TestDatabase> {
  const made = await testDatabase({ isEmpty: true });
  opened.push(made);
  return made;
}

test('each migration leaves what was written before it as it was, column by column', async () => {
  const before = new Map<string, Record<string, unknown>[]>();
  for (const name of Object.keys(migrations)) {
    await migrate(database.ownerUrl, name);
    for (const [table, expected] of before) {
      const { rows: found } = await owner.query(`select * from ${table}`);
      // What a migration adds is beside what was there, which is the same to the byte.
      const known = found.map((row) =>
        Object.fromEntries(Object.keys(expected[0] ?? {}).map((column) => [column, row[column]])),
      );
      expect(known, `${table} after ${name}`).toEqual(expected);
    }
    for (const statement of rows[name] ?? []) {
      await owner.query(statement);
      const table = tableOf(statement);
      before.set(table, (await owner.query(`select * from ${table}`)).rows);
    }
  }
  expect(before.size).toBeGreaterThan(25);
});

test('a workspace that had settings before has the new ones at their defaults', async () => {
  const { rows: settings } = await owner.query(
    'select retention_days, egress_allow, server_check_minutes, audit_retention_days from settings',
  );
  expect(settings).toEqual([
    { retention_days: 77, egress_allow: ['10.0.0.0/8'], server_check_minutes: 5, audit_retention_days: 365 },
  ]);
});

test('the app’s role sees the old rows in their workspace, and none in another', async () => {
  const app = new pg.Client({ connectionString: database.appUrl });
  await app.connect();
  const seen = async (workspace: string): Promise<number[]> => {
    await app.query(`select set_config('app.tenant_id', $1, false)`, [workspace]);
    const counts: number[] = [];
    for (const table of ['runs', 'run_steps', 'events', 'settings', 'servers', 'schedules', 'playbooks', 'artifacts'])
      counts.push((await app.query(`select * from ${table}`)).rowCount ?? 0);
    return counts;
  };
  expect(await seen(w)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  expect(await seen(id)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  await app.end();
});

test('several processes that migrate at once apply each migration once', async () => {
  const { ownerUrl } = await empty();
  const applied = await Promise.all([1, 2, 3].map(() => migrate(ownerUrl)));
  expect(applied.flat().toSorted()).toEqual(Object.keys(migrations));
  expect(await migrate(ownerUrl)).toEqual([]);
});

test('data of a newer version are refused by name, and nothing is changed', async () => {
  const { ownerUrl } = await empty();
  await migrate(ownerUrl, '0001-core');
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '')`);
  await expect(migrate(ownerUrl)).rejects.toThrow(
    'The database was migrated by a newer version (9999-from-the-future). Start that version, or restore a backup made before it.',
  );
  expect((await client.query(`select to_regclass('users') as users`)).rows).toEqual([{ users: null }]);
  await client.end();
});

test('every migration is in the order of its name, without a number twice', () => {
  const names = Object.keys(migrations);
  expect(names).toEqual(names.toSorted());
  expect(new Set(names.map((name) => name.slice(0, 4))).size).toBe(names.length);
});
