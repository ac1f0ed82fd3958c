import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, IdParams } from '../kit/schemas.ts';

/** How often somebody who is there says so, and after how long without a word they are taken to be gone. */
export const presenceBeatMs = 8_000;
export const presenceLastsMs = 20_000;

/** Somebody who has a thing open to change it. */
export const PresentPerson = z.object({ id: Id, name: z.string() });
export type PresentPerson = z.infer<typeof PresentPerson>;

/** What an event `presence.changed` carries: everybody who is there now. It is told and never stored. */
export const PresenceChange = z.object({ people: z.array(PresentPerson) });

export const presenceRoutes = defineRoutes({
  tellPlaybookPresence: {
    method: 'POST',
    path: '/playbooks/:id/presence',
    access: 'playbooks:read',
    summary: 'Say that you have this playbook open to change it, every 8 s, or that you have closed it',
    params: IdParams,
    body: z.object({
      /** One of your open pages: you are there until the last of them is closed. */
      page: z.string().min(1).max(64),
      /** False where it is closed, or only read: the answer still says who is there. */
      isHere: z.boolean(),
    }),
    response: PresenceChange,
  },
});
