import { schemaChangeRoutes } from '#contracts/connections/schema-changes.ts';
import { mustConnection } from '#db/connections/connections.ts';
import { listSchemaChanges } from '#db/connections/schema-changes.ts';
import { unitOf } from '#db/connections/units.ts';
import { type Handlers, room } from '../kit/room.ts';

/** What changed in what can be queried, as readings found it. */
export const schemaChangeRoom = room(schemaChangeRoutes, ({ inTenant }): Handlers<typeof schemaChangeRoutes> => ({
  listSchemaChanges: ({ actor, params, query }) =>
    inTenant(actor, async (tx) => {
      const unit = await unitOf(tx, await mustConnection(tx, params.id), query.unit);
      return listSchemaChanges(tx, { connectionId: params.id, unit }, query);
    }),
}));
