import type { Permission } from '#contracts/identity/permissions.ts';
import type { Voter } from '#contracts/approvals/may-decide.ts';
import { type Notice, mostCounted } from '#contracts/notices/notices.ts';
import type { TenantTx } from '../kit/database.ts';
import { readMark } from './notice-mark.ts';
import { type Found, type Span, findDecided, findEvents, findRuns } from './sources.ts';
import { findWaiting } from './waiting.ts';

/** Whose notices: the person, and what they may read. */
export interface Reader {
  voter: Voter;
  may: (permission: Permission) => boolean;
}

interface NoticePage {
  data: Notice[];
  pagination: { limit: number; nextCursor: string | null };
  waiting: Notice[];
  seenAt: string;
}

/** What happened that this person should know, newest first, and what waits for their word. */
export async function listNotices(
  tx: TenantTx,
  reader: Reader,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<NoticePage> {
  const before = cursor === undefined ? undefined : parseCursor(cursor);
  const [seenAt, found, waiting] = await Promise.all([
    readMark(tx, reader.voter.personId),
    findAll(tx, reader, { before, limit: limit + 1 }),
    before === undefined && reader.may('approvals:decide') ? findWaiting(tx, reader.voter) : [],
  ]);
  const inOrder = found.toSorted((a, b) => compareText(b.place, a.place) || compareText(b.id, a.id));
  const page = inOrder.slice(0, limit);
  const last = page.at(-1);
  const shown = ({ place: _place, at, ...notice }: Found): Notice => ({
    ...notice,
    at: at.toISOString(),
    isNew: at > seenAt,
  });
  return {
    data: page.map(shown),
    pagination: { limit, nextCursor: inOrder.length > limit && last ? `${last.place}~${last.id}` : null },
    waiting: waiting.map(shown),
    seenAt: seenAt.toISOString(),
  };
}

/** How many of them are newer than what the person has seen; 100 stands for that many or more. */
export async function countUnseen(tx: TenantTx, reader: Reader): Promise<number> {
  const seenAt = await readMark(tx, reader.voter.personId);
  const [found, waiting] = await Promise.all([
    findAll(tx, reader, { after: seenAt, limit: mostCounted }),
    reader.may('approvals:decide') ? findWaiting(tx, reader.voter) : [],
  ]);
  return Math.min(mostCounted, found.length + waiting.filter(({ at }) => at > seenAt).length);
}

const findAll = async (tx: TenantTx, { voter, may }: Reader, span: Span): Promise<Found[]> =>
  (
    await Promise.all([
      may('runs:read') ? findRuns(tx, voter.personId, span) : [],
      may('approvals:read') ? findDecided(tx, voter.personId, span) : [],
      findEvents(
        tx,
        voter.personId,
        [
          ...(may('servers:manage') ? ['server.became_unhealthy'] : []),
          ...(may('settings:read') ? ['system.restarted'] : []),
          ...(may('runs:read') ? ['queue.drained', 'queue.resumed'] : []),
        ],
        span,
      ),
      findEvents(tx, voter.personId, may('connections:manage') ? ['connection.signed_out'] : [], span, 'connections'),
    ])
  ).flat();

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A cursor that is none of ours begins at the newest. */
function parseCursor(cursor: string): Span['before'] {
  const [, place, id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)~(.{1,120})$/.exec(cursor) ?? [];
  return place !== undefined && id !== undefined ? { place, id } : undefined;
}
