import { noticeRoutes } from '#contracts/notices/notices.ts';
import { voterOf } from '#db/approvals/voters.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { moveMark } from '#db/notices/notice-mark.ts';
import { type Reader, countUnseen, listNotices } from '#db/notices/notices.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { room } from '../kit/room.ts';

/** What the caller should know. A key reads the notices of the person who answers for it, as far as it may read. */
export const noticeRoom = room(noticeRoutes, ({ inTenant }) => ({
  listNotices: ({ actor, query }) =>
    inTenant(actor, async (tx) =>
      listNotices(tx, await readerOf(tx, actor), { limit: query.limit, cursor: query.cursor }),
    ),

  countNotices: ({ actor }) =>
    inTenant(actor, async (tx) => ({ unseen: await countUnseen(tx, await readerOf(tx, actor)) })),

  markNoticesSeen: ({ actor, body }) =>
    inTenant(actor, async (tx) => {
      const reader = await readerOf(tx, actor);
      const seenAt = await moveMark(tx, reader.voter.personId, new Date(body.upTo));
      return { unseen: await countUnseen(tx, reader), seenAt: seenAt.toISOString() };
    }),
}));

async function readerOf(tx: TenantTx, actor: Actor): Promise<Reader> {
  const voter = await voterOf(tx, actor);
  if (!voter) throw problem('identity.membership_needed');
  return { voter, may: (permission) => actor.permissions.has(permission) };
}
