/** A rendered `notify` step, as the workflow hands it to its activity. */
export interface NotifyCommand {
  workspaceId: string;
  runId: string;
  address: string;
  /** A channel (`#ops`), a person's mail address, or `{channel, urgent?}`. */
  to: readonly (string | { channel: string; urgent?: boolean })[];
  message: string;
  subject: string | null;
  timeoutMs: number;
}

/** The step's output: names as they stand in `to`. */
export interface NotifyResult {
  delivered: string[];
  failed: string[];
}
