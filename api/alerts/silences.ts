import { type ShownSilence, silenceRoutes } from '#contracts/alerts/silence-routes.ts';
import type { Silence } from '#contracts/alerts/silences.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { deleteSilence, insertSilence, listSilences, lockSilence, updateSilence } from '#db/alerts/silences.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';

/** Silences and maintenance windows. */
export const silenceRoom = room(silenceRoutes, (tools) => ({
  listSilences: ({ actor, query }) => tools.inTenant(actor, (tx) => listSilences(tx, query, Date.now())),
  getSilence: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustRead(tx, params.id))),
  createSilence: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await insertSilence(tx, id, body, actorRef(actor));
      const made = await mustRead(tx, id);
      await recordChange(tx, { ...auditOrigin(call), ...of('created', made), after: auditOf(made) });
      return withEtag(reply, made);
    });
  },
  changeSilence: (call) => {
    const { params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(call.actor, async (tx) => {
      const row = await mustLock(tx, params.id);
      if (expected !== undefined && expected !== row.version) throw problem('request.stale');
      const before = await mustRead(tx, params.id);
      await updateSilence(tx, params.id, body);
      const after = await mustRead(tx, params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...of('changed', after),
        before: auditOf(before),
        after: auditOf(after),
      });
      return withEtag(reply, after);
    });
  },
  endSilence: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const { name, silence } = await mustLock(tx, call.params.id);
      const before = await mustRead(tx, call.params.id);
      if (!before.isOver) {
        await updateSilence(tx, call.params.id, { name, ...silence, time: ended(before) });
        await recordChange(tx, { ...auditOrigin(call), ...of('ended', before) });
      }
      return withEtag(call.reply, await mustRead(tx, call.params.id));
    }),
  deleteSilence: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const name = await deleteSilence(tx, call.params.id);
      if (name === undefined) throw problem('request.not_found');
      await recordChange(tx, { ...auditOrigin(call), ...of('removed', { id: call.params.id, name }) });
    }),
}));

/** The window it has been until now. One that has not begun ends before it would. */
function ended({ createdAt, time }: ShownSilence): Silence['time'] {
  const now = Date.now();
  const from = time.kind === 'once' ? Date.parse(time.from) : Date.parse(createdAt);
  return {
    kind: 'once',
    from: new Date(Math.min(from, now - 1_000)).toISOString(),
    to: new Date(now).toISOString(),
  };
}

const of = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `silence.${act}`,
  subject: `silence:${id}`,
  title: name,
});
const auditOf = ({ name, reason, matchers, time, mode }: ShownSilence) => ({ name, reason, matchers, time, mode });

async function mustRead(tx: TenantTx, id: string): Promise<ShownSilence> {
  const { data } = await listSilences(tx, { id, limit: 1 }, Date.now());
  if (!data[0]) throw problem('request.not_found');
  return data[0];
}
async function mustLock(tx: TenantTx, id: string) {
  const row = await lockSilence(tx, id);
  if (!row) throw problem('request.not_found');
  return row;
}
