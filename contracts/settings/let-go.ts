/** Names that the sweep, the dispatcher and the worker share. */
export const LetGo = { type: 'letGo', taskQueue: 'main', kind: 'retention' } as const;

/** What one workspace keeps no longer goes; how long it keeps what is read anew at each step. */
export interface LetGoInput {
  workspaceId: string;
  runId: string;
}

/** What a run let go of. */
export type LetGoTotals = { days: number; logEvents: number; logBytes: number; alerts: number; marks: number };
