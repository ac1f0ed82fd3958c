import { connectionRoutes } from '#contracts/connections/connections.ts';
import { ConnectionLifecycle } from '#contracts/connections/lifecycle.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { sealSecrets } from '#db/connections/connection-secrets.ts';
import { moveConnection } from '#db/connections/connection-states.ts';
import {
  beginDisconnect,
  findConnection,
  insertConnection,
  listConnections,
  mustConnection,
  noteAct,
  updateConnection,
} from '#db/connections/connections.ts';
import { insertLifecycle, sealLifecycle } from '#db/connections/lifecycle-run.ts';
import { dropTokens, listRefreshes } from '#db/connections/token-sets.ts';
import { forgetUnits, listUnits, rereadUnits } from '#db/connections/units.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { room } from '../kit/room.ts';
import { doerOf } from './doer.ts';
import { isElsewhere, needsSignIn, readConfig } from './read-config.ts';
import { schemaHandlers } from './schema.ts';
import { signInHandlers } from './sign-in.ts';

/** The most runs at once where nobody says: what the services take (AMC: ten executions of an instance). */
const usualSlots = { sfmc: 5, amc: 10, postgres: 5 } as const;

/** Connections: configuration and secrets go in, secrets never come out; sign-in, units, schema. */
export const connectionsRoom = room(connectionRoutes, (tools) => {
  const { inTenant, vault, startRuns, signalRun, connections } = tools;
  const { signal } = ConnectionLifecycle;
  /** What the lifecycle is not told is found by its own look, or by a sweep. */
  const tell = (workspaceId: string, runId: string | null, name: string): void =>
    void (runId !== null && signalRun(workspaceId, runId, name, []).catch(() => false));

  return {
    ...signInHandlers(tools),
    ...schemaHandlers(tools),

    listConnections: ({ actor, query }) => inTenant(actor, (tx) => listConnections(tx, query)),

    async createConnection(call) {
      const { actor, body, reply, reservedId: id } = call;
      const { workspaceId } = actor;
      const { config, secrets } = readConfig(body.kind, body.config);
      const sealed = await sealSecrets(vault, workspaceId, id, secrets);
      const runId = newRunId();
      const sealedInput = await sealLifecycle(vault, { workspaceId, connectionId: id, runId });
      const made = await inTenant(actor, async (tx) => {
        // A repeated request whose first answer was lost finds what it made.
        const before = await findConnection(tx, id);
        if (before) return { connection: before, run: null };
        const connection = await insertConnection(tx, doerOf(call), {
          id,
          name: body.name,
          description: body.description,
          config,
          slots: body.slots ?? usualSlots[body.kind],
          callsPerSecond: body.callsPerSecond ?? null,
          sealed,
          runId,
        });
        const run = await insertLifecycle(tx, {
          workspaceId,
          connectionId: id,
          runId,
          title: body.name,
          actor: actorRef(actor),
          sealedInput,
        });
        return { connection, run };
      });
      if (made.run) startRuns([made.run]);
      return withEtag(reply, made.connection);
    },

    async getConnection({ actor, params, reply }) {
      return withEtag(reply, await inTenant(actor, (tx) => mustConnection(tx, params.id)));
    },

    async updateConnection(call) {
      const { actor, params, body, request, reply } = call;
      const ifVersion = versionOf(request);
      const now = await inTenant(actor, (tx) => mustConnection(tx, params.id));
      const read = body.config && readConfig(now.kind, body.config, now.config);
      const sealed = await sealSecrets(vault, actor.workspaceId, now.id, read?.secrets ?? {});
      const isOther = read !== undefined && needsSignIn(now.config, read.config);
      const { name, description, slots, callsPerSecond } = body;
      const changed = await inTenant(actor, async (tx) => {
        const after = await updateConnection(
          tx,
          doerOf(call),
          now.id,
          { name, description, slots, callsPerSecond, config: read?.config, sealed },
          ifVersion,
        );
        if (!isOther) return after;
        // Tokens of somebody else, or of elsewhere, are of no use here.
        await dropTokens(tx, now.id);
        await rereadUnits(tx, now.id);
        if (isElsewhere(now.config, after.config)) await forgetUnits(tx, now.id);
        await moveConnection(tx, now.id, { state: 'new', failure: null });
        return mustConnection(tx, now.id);
      });
      tell(actor.workspaceId, changed.runId, signal.changed);
      return withEtag(reply, changed);
    },

    async deleteConnection(call) {
      const { actor, params } = call;
      const { runId } = await inTenant(actor, (tx) => beginDisconnect(tx, doerOf(call), params.id));
      tell(actor.workspaceId, runId, signal.disconnectAsked);
    },

    async refreshConnection(call) {
      const { actor, params, reply } = call;
      const connection = await inTenant(actor, (tx) => mustConnection(tx, params.id));
      if (connection.state === 'disconnecting') throw problem('connection.disconnecting', { name: connection.name });
      if (connection.kind === 'postgres' || connection.runId === null) return withEtag(reply, connection);
      const { outcome, failure } = await connections.renew(
        { workspaceId: actor.workspaceId, runId: connection.runId },
        { unit: '', spent: null, cause: 'asked' },
      );
      await inTenant(actor, (tx) =>
        noteAct(tx, doerOf(call), connection, 'refreshed', {
          after: { outcome, ...(failure && { code: failure.code }) },
        }),
      );
      if (failure?.code === 'not_signed_in') throw problem('connection.needs_sign_in', { name: connection.name });
      return withEtag(reply, await inTenant(actor, (tx) => mustConnection(tx, params.id)));
    },

    async testConnection({ actor, params }) {
      const { workspaceId } = actor;
      const connection = await inTenant(actor, (tx) => mustConnection(tx, params.id));
      if (connection.state === 'disconnecting') throw problem('connection.disconnecting', { name: connection.name });
      const beganAt = performance.now();
      const tookMs = () => Math.round(performance.now() - beganAt);
      try {
        const engine = await tools.engines.open({ workspaceId, connectionId: connection.id, unit: null });
        const options = { signal: AbortSignal.timeout(60_000) };
        if (connection.kind === 'postgres') await engine.validate({ sql: 'select 1' }, options);
        else await engine.describe({ what: 'units', cursor: null }, options);
      } catch (error) {
        if (!(error instanceof QueryFailure)) throw error;
        const failure = error.facts;
        if (connection.kind === 'postgres' && connection.state !== 'new')
          await inTenant(actor, (tx) =>
            moveConnection(tx, connection.id, {
              state: failure.kind === 'auth' ? 'needs_reauth' : 'unavailable',
              failure,
            }),
          );
        tell(workspaceId, connection.runId, signal.changed);
        return { isWorking: false, tookMs: tookMs(), failure };
      }
      if (connection.kind === 'postgres') {
        await inTenant(actor, (tx) => moveConnection(tx, connection.id, { state: 'connected', failure: null }));
        tell(workspaceId, connection.runId, signal.changed);
      }
      return { isWorking: true, tookMs: tookMs(), failure: null };
    },

    async listTokenRefreshes({ actor, params }) {
      return inTenant(actor, async (tx) => {
        await mustConnection(tx, params.id);
        return { data: await listRefreshes(tx, params.id) };
      });
    },

    async listConnectionUnits({ actor, params }) {
      return inTenant(actor, async (tx) => {
        await mustConnection(tx, params.id);
        return { data: await listUnits(tx, params.id) };
      });
    },
  };
});
