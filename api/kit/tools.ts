import type { Engines } from '#contracts/connections/engines.ts';
import type { RenewalOutcome, RenewToken } from '#contracts/connections/lifecycle.ts';
import type { IncidentAct, IncidentAnswer, IncidentRef } from '#contracts/incidents/lifecycle.ts';
import type { LogEvent } from '#contracts/ingest/log-event.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { Db, TenantTx } from '#db/kit/database.ts';
import type { PartWritten } from '#db/logs/log-batch.ts';
import type { LogSearchRow } from '#db/logs/log-searches.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import type { ScheduleTools } from '#contracts/schedules/temporal-schedule.ts';
import type { Config } from '#system/config.ts';
import type { Log } from '#system/log.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { Actor } from './actor.ts';
import type { Authenticator } from './authenticate.ts';
import type { EventHub } from './event-hub.ts';
import type { LogWakes } from './log-wakes.ts';
import type { PresenceBoard } from './presence-board.ts';

/** What the API's rooms are given by the door. */
export interface ApiTools {
  readonly config: Config;
  readonly log: Log;
  /** The app role's pool: only through `inTenant`. */
  readonly db: Db;
  /** The system role's small pool: only through functions of `db/system/`. */
  readonly system: Db;
  readonly vault: Vault;
  /** Who calls: sign-in, sessions, tokens. */
  readonly auth: Authenticator;
  /** A tenant transaction for the caller: `tools.inTenant(actor, (tx) => …)`. Events written in it wake the streams after commit. */
  readonly inTenant: <T>(
    actor: Pick<Actor, 'workspaceId' | 'mids' | 'hidden'>,
    work: (tx: TenantTx) => Promise<T>,
  ) => Promise<T>;
  /** Starts the workflows of runs that were admitted in a committed transaction. Should we die before, the sweep does it. */
  readonly startRuns: (runs: readonly RunRef[]) => void;
  /** Sends a signal to a run's workflow; says whether it was delivered. A sweep repeats what must arrive. */
  readonly signalRun: (workspaceId: string, runId: string, signal: string, args: readonly Json[]) => Promise<boolean>;
  /** Asks Temporal to cancel a run's workflow; false where none is open. */
  readonly cancelWorkflow: (workspaceId: string, runId: string, undo?: boolean) => Promise<boolean>;
  /** The event stream of this process. */
  readonly hub: EventHub;
  /** Counts a stream of events that was ended before its client left, by why. */
  readonly countCut: (reason: string) => void;
  /** Wake-ups for open log panes. */
  readonly logWakes: LogWakes;
  /** Who has what open to change it. */
  readonly presence: PresenceBoard;
  readonly temporal: TemporalTools;
  /** Engines of connections, with live tokens and within their budget. */
  readonly engines: Engines;
  /** Says what our own servers listen on: outgoing requests never go there, whatever a workspace allows. */
  readonly isOwnPort?: (address: string, port: number) => boolean;
  readonly mail: Mailer;
  readonly connections: ConnectionTools;
  readonly incidents: IncidentTools;
  readonly logs: LogTools;
}

/** The way of log events into the database. */
export interface LogTools {
  /** Resolves once they are committed. @throws Refusal `log.too_fast` or `log.intake_full` where too much waits */
  readonly write: (workspaceId: string, sourceId: string | null, events: readonly LogEvent[]) => Promise<PartWritten>;
  /** Resolves the alert of a saved search that will not be looked at any more. */
  readonly settleSearch: (tx: TenantTx, search: LogSearchRow) => Promise<void>;
}

/** The part of Temporal that rooms of the API use: schedules and state of queues. Implemented in `temporal/`. */
export interface TemporalTools {
  readonly schedules: ScheduleTools;
  describeQueues(): Promise<{ queue: string; pollers: number; backlog: number | null }[]>;
}

/** What rooms of the API use of connections beside their engines. */
export interface ConnectionTools {
  /** Asks a connection's lifecycle for another token set, and waits for how it went. */
  readonly renew: (of: { workspaceId: string; runId: string }, wanted: RenewToken) => Promise<RenewalOutcome>;
  /** Where browsers reach this installation: services send them back there. */
  readonly publicUrl: string;
}

/** What rooms of the API ask of incidents' workflows. */
export interface IncidentTools {
  /** Asks for an act and waits until it took effect or was refused; the same again under one `actId` is done once. */
  readonly act: (ref: IncidentRef, act: IncidentAct, actId: string) => Promise<IncidentAnswer>;
}

/** Outgoing mail; `isReady` is false where no SMTP is set. */
export interface Mailer {
  readonly isReady: boolean;
  send(message: { to: string; subject: string; text: string; html?: string; key: string }): Promise<void>;
}
