import { defaultUnitRoutes } from '#contracts/connections/default-unit.ts';
import { chooseDefaultUnit } from '#db/connections/default-unit.ts';
import { listUnits } from '#db/connections/units.ts';
import { room } from '../kit/room.ts';
import { doerOf } from './doer.ts';

/** Which instance of a connection is taken where nobody names one. */
export const defaultUnitRoom = room(defaultUnitRoutes, ({ inTenant }) => ({
  async chooseDefaultUnit(call) {
    const { actor, params, body } = call;
    return inTenant(actor, async (tx) => {
      await chooseDefaultUnit(tx, doerOf(call), params.id, body.unit);
      return { data: await listUnits(tx, params.id) };
    });
  },
}));
