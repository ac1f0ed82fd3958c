import type { connectionRoutes, KnownColumn } from '#contracts/connections/connections.ts';
import { ConnectionLifecycle } from '#contracts/connections/lifecycle.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { mustConnection } from '#db/connections/connections.ts';
import {
  askReading,
  keepColumns,
  knownColumns,
  listObjects,
  schemaState,
  type SchemaOf,
} from '#db/connections/schema-objects.ts';
import { unitOf } from '#db/connections/units.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

/** A description this old is read anew in the background when somebody looks. */
const staleMs = 6 * 3_600_000;
/** Columns this old are asked for anew. */
const staleColumnsMs = 24 * 3_600_000;
/** Columns of several objects are asked for so many at once. */
const atOnce = 4;

type SchemaRoutes = Pick<
  typeof connectionRoutes,
  'listConnectionObjects' | 'listObjectColumns' | 'readConnectionSchema'
>;

/** What can be queried on a connection: from what is kept; columns from the service where they are not. */
export const schemaHandlers = ({ inTenant, signalRun, engines }: ApiTools): Handlers<SchemaRoutes> => {
  const wake = (actor: Actor, runId: string | null, unit: string): void =>
    void (
      runId !== null &&
      signalRun(actor.workspaceId, runId, ConnectionLifecycle.signal.schemaAsked, [unit]).catch(() => false)
    );

  return {
    async listConnectionObjects({ actor, params, query }) {
      const found = await inTenant(actor, async (tx) => {
        const connection = await mustConnection(tx, params.id);
        const of: SchemaOf = { connectionId: params.id, unit: await unitOf(tx, connection, query.unit) };
        const before = await schemaState(tx, of);
        const isStale = before.readAt === null || Date.parse(before.readAt) < Date.now() - staleMs;
        const isAsked =
          isStale && connection.state === 'connected' && before.failure === null && (await askReading(tx, of));
        const [page, schema] = [await listObjects(tx, of, query), isAsked ? await schemaState(tx, of) : before];
        return { page, schema, connection, of, isAsked };
      });
      if (found.isAsked) wake(actor, found.connection.runId, found.of.unit);
      return { ...found.page, schema: found.schema };
    },

    async listObjectColumns({ actor, params, query }) {
      const objects = [...new Set([query.object].flat())];
      const { of, known } = await inTenant(actor, async (tx) => {
        const connection = await mustConnection(tx, params.id);
        const unit = await unitOf(tx, connection, query.unit);
        const where: SchemaOf = { connectionId: params.id, unit };
        return { of: where, known: await knownColumns(tx, where, objects) };
      });
      const isFresh = (object: string): boolean => {
        const kept = known.get(object);
        return kept?.columns != null && kept.readAt !== null && kept.readAt.getTime() > Date.now() - staleColumnsMs;
      };
      const missing = objects.filter((object) => !isFresh(object));
      const read = new Map<string, KnownColumn[]>();
      if (missing.length > 0) {
        const { workspaceId } = actor;
        const engine = await engines
          .open({ workspaceId, connectionId: params.id, unit: of.unit === '' ? null : of.unit })
          .catch(toProblem);
        const next = missing.values();
        const work = async (): Promise<void> => {
          for (const object of next) {
            try {
              const { objects: described } = await engine.describe({ what: 'columns', of: object, cursor: null });
              const columns = described[0]?.columns;
              if (columns) read.set(object, await inTenant(actor, (tx) => keepColumns(tx, of, object, columns)));
            } catch (error) {
              // What is kept, though old, is better than nothing.
              if (!known.get(object)?.columns) toProblem(error);
            }
          }
        };
        await Promise.all(Array.from({ length: Math.min(atOnce, missing.length) }, work));
      }
      return {
        data: objects.map((object) => ({ object, columns: read.get(object) ?? known.get(object)?.columns ?? [] })),
      };
    },

    async readConnectionSchema({ actor, params, query }) {
      const asked = await inTenant(actor, async (tx) => {
        const connection = await mustConnection(tx, params.id);
        if (connection.state === 'disconnecting') throw problem('connection.disconnecting', { name: connection.name });
        if (connection.state === 'new' || connection.state === 'needs_reauth')
          throw problem('connection.needs_sign_in', { name: connection.name });
        const of: SchemaOf = { connectionId: params.id, unit: await unitOf(tx, connection, query.unit) };
        const isNew = await askReading(tx, of);
        return { connection, of, isNew, schema: await schemaState(tx, of) };
      });
      if (asked.isNew) wake(actor, asked.connection.runId, asked.of.unit);
      return asked.schema;
    },
  };
};

/** The service's own words, as an answer. @throws always */
function toProblem(error: unknown): never {
  if (!(error instanceof QueryFailure)) throw error;
  throw problem('connection.service_failed', { why: `${error.facts.message} ${error.facts.hint}` });
}
