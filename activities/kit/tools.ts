import type { Json } from '#contracts/kit/schemas.ts';
import type { Db, TenantTx } from '#db/kit/database.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import type { Log } from '#system/log.ts';
import type { Metrics } from '#system/metrics.ts';
import type { Vault } from '#system/vault/vault.ts';

/** What activities are given by the worker's door. */
export interface ActivityTools {
  readonly db: Db;
  /** Only for functions of `db/system/`. */
  readonly system: Db;
  readonly vault: Vault;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A tenant transaction; after its commit the streams are woken. */
  readonly inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  /** Starts the workflows of runs that were admitted in a committed transaction. */
  readonly startRuns: (runs: readonly RunRef[]) => void;
  readonly signalRun: (workspaceId: string, runId: string, signal: string, args: readonly Json[]) => Promise<boolean>;
  /** A run's log has grown: wake who shows it. */
  readonly wakeLog: (runId: string) => void;
  /** SMTP is set, so letters can be sent. */
  readonly hasMail: boolean;
}
