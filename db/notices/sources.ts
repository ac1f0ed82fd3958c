import { type RawBuilder, sql } from 'kysely';
import type { Notice, NoticeKind } from '#contracts/notices/notices.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { TenantTx } from '../kit/database.ts';

/** A notice as its source gives it. */
export interface Found extends Omit<Notice, 'at' | 'isNew'> {
  at: Date;
  /** Its time to the microsecond, as text that sorts like the time. */
  place: string;
}

/** Which part of a source: newer than a moment, or older than a notice. */
export interface Span {
  after?: Date;
  before?: { place: string; id: string } | undefined;
  limit: number;
}

/** The part of a source, by its time column and the text that becomes the notice's id. */
const within = ({ after, before }: Span, at: RawBuilder<unknown>, id: RawBuilder<unknown>): RawBuilder<unknown> => {
  // Marks are of whole milliseconds, rows are finer: what is of the mark's own millisecond was seen.
  if (after) return sql`and ${at} >= ${after}::timestamptz + interval '1 millisecond'`;
  // The time bounds the index; the id settles what happened in the same microsecond.
  return before
    ? sql`and ${at} <= ${before.place}::timestamptz and (${at} < ${before.place}::timestamptz or ${id} < ${before.id})`
    : sql``;
};
const placeOf = (at: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const plain = { detail: null, by: [], runId: null, serverId: null, tookMs: null, expiresAt: null };

/** Runs that the person started and that ended badly, or well after more than a minute: those of the index alone. */
export async function findRuns(tx: TenantTx, personId: string, span: Span): Promise<Found[]> {
  const [at, id] = [sql`ended_at`, sql`'run:' || id::text`];
  const { rows } = await sql<{
    runId: string;
    title: string;
    status: 'failed' | 'timed_out' | 'succeeded';
    error: RunError | null;
    startedAt: Date | null;
    at: Date;
    place: string;
  }>`
    select id as "runId", title, status, error, started_at as "startedAt", ended_at as at, ${placeOf(at)} as place
    from runs
    where actor_id = ${personId} and ended_at is not null and shape = 'job' and parent_run_id is null
      and actor ->> 'kind' = 'user'
      and (status in ('failed', 'timed_out') or (status = 'succeeded' and ended_at - started_at > interval '1 minute'))
      ${within(span, at, id)}
    order by ended_at desc, id desc limit ${span.limit}`.execute(tx);
  return rows.map(({ runId, title, status, error, startedAt, ...when }) => ({
    ...plain,
    ...when,
    id: `run:${runId}`,
    kind: `run.${status}` as const,
    title,
    detail: error && [error.step, error.host, error.message].filter(Boolean).join(' · '),
    runId,
    tookMs: startedAt && when.at.getTime() - startedAt.getTime(),
  }));
}

/** Questions of the person's runs that others decided, or nobody in time. */
export async function findDecided(tx: TenantTx, personId: string, span: Span): Promise<Found[]> {
  const [at, id] = [sql`a.decided_at`, sql`'decision:' || a.id::text`];
  const { rows } = await sql<{
    approvalId: string;
    runId: string;
    subject: string;
    runTitle: string;
    state: 'approved' | 'rejected' | 'expired';
    by: string[];
    at: Date;
    place: string;
  }>`
    select a.id as "approvalId", a.run_id as "runId", a.subject, r.title as "runTitle", a.state, a.decided_at as at,
      ${placeOf(at)} as place,
      coalesce((select jsonb_agg(d.actor ->> 'name' order by d.at) from approval_decisions d
        where d.approval_id = a.id and (d.decision = 'approve') = (a.state = 'approved') and not a.expired), '[]') as by
    from approvals a join runs r on r.id = a.run_id
    where a.starter_id = ${personId} and a.decided_at is not null and a.state in ('approved', 'rejected', 'expired')
      and (a.expired or exists (select from approval_decisions d where d.approval_id = a.id and d.person_id <> ${personId}))
      ${within(span, at, id)}
    order by a.decided_at desc, a.id desc limit ${span.limit}`.execute(tx);
  return rows.map(({ approvalId, runId, subject, runTitle, state, by, ...when }) => ({
    ...plain,
    ...when,
    id: `decision:${approvalId}`,
    kind: `approval.${state}` as const,
    title: runTitle,
    detail: subject,
    by,
    runId,
  }));
}

const eventKinds: Readonly<Record<string, NoticeKind>> = {
  'server.became_unhealthy': 'server.unhealthy',
  'system.restarted': 'system.restarted',
  'queue.drained': 'queue.drained',
  'queue.resumed': 'queue.resumed',
  'connection.signed_out': 'connection.signed_out',
};

/** What was told to the whole workspace, but for what the person did. */
export async function findEvents(
  tx: TenantTx,
  personId: string,
  types: readonly string[],
  span: Span,
  /** Each partial index holds events of its own: a walk is along one of them. */
  index: 'house' | 'connections' = 'house',
): Promise<Found[]> {
  if (types.length === 0) return [];
  const held =
    index === 'house'
      ? sql`type in ('server.became_unhealthy', 'system.restarted', 'queue.drained', 'queue.resumed')`
      : sql`type = 'connection.signed_out'`;
  const [at, id] = [sql`at`, sql`'event:' || seq::text`];
  const { rows } = await sql<{
    seq: string;
    type: string;
    subject: string | null;
    actor: { name: string; kind: string } | null;
    data: Record<string, unknown>;
    at: Date;
    place: string;
  }>`
    select seq::text as seq, type, subject, actor, data, at, ${placeOf(at)} as place
    from events
    where ${held}
      and type = any(${[...types]}) and (actor ->> 'id') is distinct from ${personId}
      ${within(span, at, id)}
    order by at desc, seq desc limit ${span.limit}`.execute(tx);
  return rows.flatMap(({ seq, type, subject, actor, data, ...when }) => {
    const kind = eventKinds[type];
    if (kind === undefined) return [];
    const thing = subject?.replace(/^[a-z_]+:/, '') ?? '';
    const detail = data['message'] ?? data['reason'];
    return [
      {
        ...plain,
        ...when,
        id: `event:${seq}`,
        kind,
        title: typeof data['name'] === 'string' ? data['name'] : thing,
        detail: typeof detail === 'string' ? detail : null,
        by: actor && actor.kind !== 'system' ? [actor.name] : [],
        serverId: kind === 'server.unhealthy' ? thing : null,
      },
    ];
  });
}
