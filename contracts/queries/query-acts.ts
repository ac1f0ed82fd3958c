/**
 * What a rule can take away: `view` all of it, what is known of it included · `run` · `edit` saved queries · `schedule` ·
 * `export` files and deliveries. Who may not view may do nothing else there.
 */
export const queryActs = ['view', 'run', 'edit', 'schedule', 'export'] as const;
export type QueryAct = (typeof queryActs)[number];

interface Limit {
  readonly connectionId: string | null;
  readonly unit: string | null;
  readonly folder: string | null;
  readonly denied: readonly QueryAct[];
}
interface QueryPlace {
  connectionId?: string | null | undefined;
  unit?: string | null | undefined;
  folder?: string | null | undefined;
}

/** Whether limits forbid an act at a place. A folder's limit holds below it, a connection's in all its units. */
export const isForbidden = (limits: readonly Limit[], act: QueryAct, at: QueryPlace): boolean =>
  limits.some(
    ({ denied, connectionId, unit, folder }) =>
      (denied.includes(act) || denied.includes('view')) &&
      (folder === null
        ? connectionId === at.connectionId && (unit === null || unit === at.unit)
        : at.folder != null && (at.folder === folder || at.folder.startsWith(`${folder}/`))),
  );
