import type { AmcCatalog } from '#contracts/queries/amc/catalog.ts';
import type { AmcInstance } from './accounts.ts';
import type { AdsClient } from './ads-client.ts';

export interface AmcEngineOptions {
  readonly client: AdsClient;
  readonly instance: AmcInstance;
  /** The instance's tables as somebody keeps them; null where they are not known yet. Makes verdicts tell columns. */
  readonly catalog?: () => Promise<AmcCatalog | null>;
  /** For tests. */
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Name of the saved query of one run: by it, and by it alone, the run is found again. */
export const workflowPrefix = 'windlass-';
export const workflowIdOf = (runId: string): string => workflowPrefix + runId.replaceAll(/[^A-Za-z0-9._-]/g, '-');
