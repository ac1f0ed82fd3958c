import type { incidentRoutes } from '#contracts/incidents/incidents.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { keepIncidentSettings, readIncidentSettings } from '#db/incidents/settings.ts';
import { auditOrigin, type Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

type Routes = Pick<typeof incidentRoutes, 'getIncidentSettings' | 'changeIncidentSettings'>;

/** The workspace's own names of states, the prefix of its keys, and what a postmortem begins with. */
export const settingHandlers = ({ inTenant }: ApiTools): Handlers<Routes> => ({
  getIncidentSettings: ({ actor }) => inTenant(actor, readIncidentSettings),
  changeIncidentSettings: (call) =>
    inTenant(call.actor, async (tx) => {
      const before = await readIncidentSettings(tx);
      await keepIncidentSettings(tx, call.body);
      const after = await readIncidentSettings(tx);
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'incident.settings_changed',
        title: 'Incidents',
        before,
        after,
      });
      return after;
    }),
});
