import type pg from 'pg';

/** How many of a hundred thousand are not closed: what a large team has open, and what it resolved this week. */
const openShare = 0.004;

/**
 * Incidents of one workspace, five minutes apart, the newest a minute old: nearly all closed, the newest in each state in
 * turn, each with two clocks as a look leaves them.
 */
export async function insertIncidents(client: pg.Client, workspaceId: string, count: number): Promise<void> {
  const open = Math.max(20, Math.round(count * openShare));
  await client.query(
    `insert into incidents (workspace_id, id, number, key, title, severity, state, service, clocks, shown_clocks, risk_at, breach_at, is_begun,
       created_by, opened_at, acknowledged_at, resolved_at, state_since, updated_at)
     select $1::uuid, (left(t, 8) || '-' || substr(t, 9, 4) || '-7' || left(r, 3) || '-8' || substr(r, 4, 3) || '-' || substr(r, 7, 12))::uuid,
       1000000 + n, 'INC-' || (1000000 + n), 'Checkout of shop ' || n || ' answers slowly', 'sev' || (1 + n % 4),
       case when n > $3::int then 'closed' else (array['open', 'acknowledged', 'investigating', 'pending', 'mitigated', 'resolved'])[1 + n % 6] end,
       'shop-' || (n % 40), '{"respond":[],"resolve":[]}',
       jsonb_build_array(
         jsonb_build_object('kind', 'respond', 'mode', 'met', 'targetMs', 900000, 'usedMs', 240000, 'warnAt', ms + 675000, 'dueAt', null, 'breachedAt', null, 'metAt', ms + 240000, 'at', ms, 'until', null),
         jsonb_build_object('kind', 'resolve', 'mode', case when n > $3::int then 'met' else 'counting' end, 'targetMs', 14400000, 'usedMs', 240000, 'warnAt', ms + 10800000, 'dueAt', ms + 14400000, 'breachedAt', null, 'metAt', null, 'at', ms, 'until', null)),
       at + interval '3 h', at + interval '4 h', true, '{"kind":"system","id":null,"name":"bench"}', at, at + interval '4 min',
       case when n > $3::int then at + interval '2 h' end, at + interval '2 h', at + interval '2 h'
     from (select n, at, (extract(epoch from at) * 1000)::bigint as ms, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as t, md5(random()::text) as r
       from (select n, now() - n * interval '5 min' as at from generate_series(1, $2::int) n) times) made`,
    [workspaceId, count, open],
  );
  await client.query('vacuum analyze incidents');
}
