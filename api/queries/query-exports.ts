import { queryExportRoutes } from '#contracts/queries/query-exports.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { readExport } from '#db/queries/query-exports.ts';
import { problem } from '../kit/problem.ts';
import { room } from '../kit/room.ts';

export const queryExportRoom = room(queryExportRoutes, (tools) => ({
  getQueryExport: async ({ actor, params }) => {
    const end = await readTenant(tools.db, actor, (tx) => readExport(tx, params.id, params.exportId));
    if (!end) throw problem('request.not_found');
    return end;
  },
}));
