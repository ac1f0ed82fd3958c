import { serverBulkRoutes, type BulkActs, type BulkFailure } from '#contracts/servers/bulk.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { changeOne, serverNames } from '#db/servers/change-many.ts';
import { findServerIds } from '#db/servers/list-servers.ts';
import { listPlaybooksForServers } from '#db/servers/playbooks-for-servers.ts';
import { type Room, room } from '../kit/room.ts';
import { doerOf } from './doer.ts';

/** Many servers at once: which they are, and one change of all of them. */
export const serverBulkRoom: Room = room(serverBulkRoutes, ({ inTenant }) => ({
  findServerIds: ({ actor, query }) => inTenant(actor, (tx) => findServerIds(tx, query)),
  listPlaybooksForServers: ({ actor, query }) => inTenant(actor, (tx) => listPlaybooksForServers(tx, query.q)),

  async changeServers(call) {
    const { ids, ...change } = call.body;
    const changed: string[] = [];
    const undo = new Map<string, BulkActs & { ids: string[] }>();
    const names = await inTenant(call.actor, (tx) => serverNames(tx, ids));
    /** Each on its own: one that is refused leaves the others changed, and its name says so. */
    const changeEach = async (wanted: Iterable<string>): Promise<BulkFailure[]> => {
      const failed: BulkFailure[] = [];
      for (const id of wanted) {
        try {
          const acts = await inTenant(call.actor, (tx) => changeOne(tx, doerOf(call), id, change));
          changed.push(id);
          if (!acts) continue;
          const alike = undo.get(JSON.stringify(acts)) ?? { ...acts, ids: [] };
          alike.ids.push(id);
          undo.set(JSON.stringify(acts), alike);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          failed.push({ id, name: names.get(id) ?? null, error: error.code, message: error.message });
        }
      }
      return failed;
    };
    let failed = await changeEach(new Set(ids));
    // A jump host can go once those behind it have gone, which may have stood after it.
    for (let before = -1; change.delete && before !== changed.length && failed.length > 0;) {
      before = changed.length;
      const again = failed.filter(({ error }) => error === 'server.in_use').map(({ id }) => id);
      failed = [...failed.filter(({ error }) => error !== 'server.in_use'), ...(await changeEach(again))];
    }
    return { changed, failed, undo: [...undo.values()] };
  },
}));
