import type { notifyActivities } from '../notifications/send-notification.ts';
import type { connectorActivities } from './call-connector.ts';
import type { httpActivities } from './call-http.ts';

/** Calls to the outside that `runPlaybook` makes by ordinary activities. */
export type CallActivities = ReturnType<typeof httpActivities> &
  ReturnType<typeof notifyActivities> &
  ReturnType<typeof connectorActivities>;
