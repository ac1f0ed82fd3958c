import type { ActorRef } from './schemas.ts';

/** The house's own machinery, as it is named where nobody else acts. */
export const windlass: ActorRef = { kind: 'system', id: null, name: 'Windlass' };
