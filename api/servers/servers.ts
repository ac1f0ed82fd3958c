import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerCheck } from '#contracts/servers/servers.ts';
import { serverRoutes } from '#contracts/servers/servers.ts';
import { askChecks, latestCheck, listChecks } from '#db/servers/checks.ts';
import { trustHostKey } from '#db/servers/host-keys.ts';
import { importServers } from '#db/servers/import-servers.ts';
import { importKnownHosts } from '#db/servers/known-hosts.ts';
import { countServers, eachServer, findServer, listServers, listTags } from '#db/servers/list-servers.ts';
import { listServerRuns } from '#db/servers/server-runs.ts';
import { deleteServer, insertServer, updateServer } from '#db/servers/servers.ts';
import type { Actor } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { type Handlers, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { doerOf } from './doer.ts';
import { readImport } from './read-import.ts';
import { csvHeader, csvLine } from './servers-csv.ts';

const checkWaitMs = 25_000;

const serverHandlers = ({ inTenant }: ApiTools): Handlers<typeof serverRoutes> => {
  const must = async (actor: Actor, id: string) => {
    const server = await inTenant(actor, (tx) => findServer(tx, id));
    if (!server) throw problem('request.not_found');
    return server;
  };

  return {
    listServers: ({ actor, query }) => inTenant(actor, (tx) => listServers(tx, query)),
    countServers: ({ actor, query }) => inTenant(actor, (tx) => countServers(tx, query)),
    listTags: async ({ actor }) => ({ data: await inTenant(actor, listTags) }),
    listServerChecks: ({ actor, params, query }) => inTenant(actor, (tx) => listChecks(tx, params.id, query)),
    listServerRuns: ({ actor, params, query }) => inTenant(actor, (tx) => listServerRuns(tx, params.id, query)),
    getServer: async ({ actor, params, reply }) => withEtag(reply, await must(actor, params.id)),

    async createServer(call) {
      const { actor, body, reply, reservedId: id } = call;
      // A repeated request whose first answer was lost finds what it made.
      const made = await inTenant(
        actor,
        async (tx) => (await findServer(tx, id)) ?? insertServer(tx, doerOf(call), body, id),
      );
      return withEtag(reply, made);
    },
    async updateServer(call) {
      const { actor, params, body, request, reply } = call;
      const options = { ifVersion: versionOf(request), mayTrust: actor.permissions.has('servers:trust') };
      return withEtag(reply, await inTenant(actor, (tx) => updateServer(tx, doerOf(call), params.id, body, options)));
    },
    deleteServer: (call) => inTenant(call.actor, (tx) => deleteServer(tx, doerOf(call), call.params.id)),

    async importServers(call) {
      const { lines, options } = readImport(call.request, call.query);
      return inTenant(call.actor, (tx) => importServers(tx, doerOf(call), lines, options));
    },
    async exportServers({ actor, reply }) {
      const csv = await inTenant(actor, async (tx) => {
        const parts = [csvHeader];
        for await (const server of eachServer(tx)) parts.push(csvLine(server));
        return parts.join('');
      });
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="servers.csv"')
        .send(csv);
    },

    async checkServer({ actor, params }) {
      const { lastCheck } = await must(actor, params.id);
      await inTenant(actor, (tx) => askChecks(tx, [params.id]));
      return waitForCheck(params.id, actor, lastCheck?.id);
    },
    async checkServers({ actor, body }) {
      const requested = await inTenant(actor, (tx) => askChecks(tx, body?.ids));
      return { requested };
    },

    async trustHostKey(call) {
      const { actor, params, body, reply } = call;
      await inTenant(actor, (tx) => trustHostKey(tx, doerOf(call), params.id, body.fingerprint, body.reason));
      return withEtag(reply, await must(actor, params.id));
    },
    importKnownHosts: (call) =>
      inTenant(call.actor, (tx) => importKnownHosts(tx, doerOf(call), call.body.knownHosts, call.body.dryRun)),
  };

  /** The workers connect, for they are where the servers can be reached from; here the result is awaited. */
  async function waitForCheck(id: string, actor: Actor, before: string | undefined): Promise<ServerCheck> {
    for (const until = Date.now() + checkWaitMs; Date.now() < until; await sleep(100)) {
      const now = await inTenant(actor, (tx) => latestCheck(tx, id));
      if (!now) throw problem('request.not_found');
      if (now.lastCheck && now.lastCheck.id !== before && now.checkAskedAt === null) return now.lastCheck;
    }
    throw problem('server.check_pending', { seconds: checkWaitMs / 1_000, retryAfter: 5 });
  }
};

/** Servers, their checks and keys. The connecting itself is done by workers. */
export const serversRoom = room(serverRoutes, serverHandlers);
