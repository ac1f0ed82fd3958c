import type { HostSelection, Input, Json, JsonObject } from '../document.ts';
import type { HostView } from '../expressions/scope.ts';
import type { CancelToken } from './cancel.ts';
import type { Change } from './changes.ts';
import type { ErrorFacts } from './failures.ts';
import type { PlanEntry } from './plan.ts';

/** An answer now or later. Whatever settles `then` at once costs no wait. */
export type Answer<T> = T | PromiseLike<T>;

/** What one call is about. `address` + `execution` name one intended execution for ever: the idempotency key. */
export interface Call {
  readonly address: string;
  readonly stepId: string;
  /** As people count: 1 for the first. */
  readonly attempt: number;
  /** Counts every intended execution of the run, also those a person asked to repeat; never Temporal's attempt. */
  readonly execution: number;
  /** The result is to be sealed where it arose and left out of the answer. References to it begin with this. */
  readonly sealed?: string;
  /** The step may run again where nobody knows whether it ran. */
  readonly safeToRepeat: boolean;
  /** Of this attempt, from when it really begins; past it answer `step.timed_out`. Null: none but the run's. */
  readonly timeoutMs: number | null;
}

/** How a call to the outside ended. Never thrown: a rejected promise is a fault (`step.crashed`) and is not retried. */
export type Reply<T = Json> =
  | { readonly kind: 'ok'; readonly output: T }
  | { readonly kind: 'error'; readonly error: ErrorFacts }
  /** Nobody knows whether it ran. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The token asked, and it has stopped. */
  | { readonly kind: 'canceled' };

/** A server as a selection sees it. */
export interface ServerFacts extends HostView {
  readonly id: string;
  readonly inMaintenance?: boolean;
  /** As last checked; null or absent: not known. Shown in plans. */
  readonly reachable?: boolean | null;
}

/** A selection with its templates rendered. */
export interface RenderedSelection {
  readonly names?: readonly string[];
  readonly from?: readonly string[];
  readonly tags?: readonly string[];
  readonly anyTags?: readonly string[];
  readonly notTags?: readonly string[];
  readonly notNames?: readonly string[];
  readonly order?: HostSelection['order'];
}

/** Who was chosen: `chooseHosts` makes it from the workspace's servers. */
export interface ChosenHosts {
  readonly hosts: readonly ServerFacts[];
  /** Names left out because they are in maintenance. */
  readonly leftOut: readonly string[];
  /** Plain names that no server has. */
  readonly unknown: readonly string[];
}

/** What is done on one host. Values may hold `SecretRef`s, `SecretText`s and `Literal`s in `env` and `stdin`: use `fillSecrets`. */
export type HostWork =
  | {
      readonly kind: 'ssh';
      readonly command: string;
      readonly shell: string;
      readonly env: JsonObject;
      readonly stdin: Json;
      readonly cwd: string | null;
      readonly sudo: boolean | string;
      readonly durable: boolean;
    }
  | {
      readonly kind: 'script';
      readonly script: string;
      readonly interpreter: string;
      readonly args: readonly string[];
      readonly env: JsonObject;
      readonly stdin: Json;
      readonly cwd: string | null;
      readonly sudo: boolean | string;
      readonly durable: boolean;
    }
  | {
      readonly kind: 'upload';
      readonly to: string;
      readonly content: Json;
      readonly artifact: string | null;
      readonly mode: string | null;
      readonly owner: string | null;
      readonly sudo: boolean | string;
      readonly backup: boolean;
    };

/** One batch: start its hosts in order, `parallel` at a time, each with its own timeout, and answer when all have ended. */
export interface HostsRequest extends Call {
  readonly hosts: readonly { readonly server: ServerFacts; /** Index into `work`. */ readonly work: number }[];
  /** The distinct works; mostly one, more where fields use `host`. */
  readonly work: readonly HostWork[];
  readonly parallel: number;
  readonly okExitCodes: readonly number[];
  /**
   * Start no further host once more than this many have failed for good (`countsAsFailure(reply, request)`): answer
   * `notStarted` for the rest and let what runs finish.
   */
  readonly stopAfterFailures: number;
  /** Null: this is the last attempt, every failure is for good. Else failures that this rule retries do not count yet. */
  readonly retryRule: { readonly on: readonly string[] | null } | null;
  /** From 0, over the whole step; the batch the console draws. */
  readonly batch: number;
  /** Leave at most so much of stdout and of stderr per host in the answer, and say the full length. */
  readonly outputBytes: number;
}

/** How it went on one host. `classifyHost` says what that means. */
export type HostReply =
  | {
      readonly kind: 'ended';
      readonly exitCode?: number | null;
      readonly signal?: string | null;
      readonly stdout?: string;
      readonly stderr?: string;
      /** Full lengths, where the texts are cut. */
      readonly stdoutBytes?: number;
      readonly stderrBytes?: number;
      readonly truncated?: boolean;
      /** What else the kind gives: `{changed, backup, bytes, sha256}` of an upload. */
      readonly more?: JsonObject;
    }
  | { readonly kind: 'error'; readonly error: ErrorFacts; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'unknown'; readonly reason: string; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'canceled'; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'notStarted' };

export interface HttpRequest extends Call {
  readonly method: string;
  readonly url: string;
  /** These may hold secrets: `fillSecrets`. */
  readonly headers: JsonObject;
  readonly query: JsonObject;
  readonly body: Json;
  readonly auth: Json;
  /** Check with `httpFailure`, so that a sealed answer never leaves the activity unchecked. */
  readonly expect: { readonly status: readonly (string | number)[]; readonly json: string | null };
  readonly followRedirects: boolean;
}

export interface ConnectorRequest extends Call {
  readonly connector: string;
  readonly operation: string;
  readonly connection: string | null;
  readonly params: JsonObject;
}

/** A query with its fields rendered; who and what it names is looked up outside. */
export interface QueryRequest {
  readonly address: string;
  readonly stepId: string;
  readonly attempt: number;
  /** With the address it names one intended execution for ever: a container that is tried again runs its query afresh. */
  readonly execution: number;
  /** A saved query, by name or id; null where `sql` is given. */
  readonly query: string | null;
  readonly version: number | null;
  readonly sql: string | null;
  readonly connection: string | null;
  readonly unit: string | null;
  readonly parameters: JsonObject;
  readonly timeWindow: { readonly from: string; readonly to: string; readonly timeZone: string } | null;
  readonly options: JsonObject;
}
/** What a query gives a playbook: counts and names, never rows. Null where the service did not count them. */
export interface QueryOutput {
  readonly rowCount: number | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}
/** An error without `runId` says that the query never began (`query.connection_unknown`). */
export type QueryReply =
  | { readonly kind: 'succeeded'; readonly runId: string; readonly output: QueryOutput }
  | { readonly kind: 'failed'; readonly runId: string | null; readonly error: ErrorFacts }
  | { readonly kind: 'canceled'; readonly runId: string | null };
/** What a query step would run: what is looked up for it, and what stands in its way. */
export interface QueryPlan {
  readonly sql: string;
  /** Connection, unit, saved query and its version, as they are called. */
  readonly details: JsonObject;
}

export interface NotifyRequest extends Call {
  readonly to: readonly Json[];
  readonly message: string;
  readonly subject: string | null;
}

export interface AskRequest {
  readonly address: string;
  readonly stepId: string;
  readonly attempt: number;
  /** Counts the times it was asked anew because the plan had changed. */
  readonly round: number;
  readonly roles: readonly string[];
  readonly users: readonly string[];
  readonly message: string;
  readonly form: readonly Input[];
  readonly quorum: number;
  readonly notStarter: boolean;
  readonly expiresAt: number;
  /** What decides where nobody does, and whether a rejection fails the step: for the card that people see. */
  readonly default: 'approve' | 'reject' | null;
  readonly onReject: 'fail' | 'continue';
  /** Set with `bindToPlan`: the hash and the plan of what is still to come. */
  readonly plan: { readonly hash: string; readonly entries: readonly PlanEntry[] } | null;
}

/** The settled decision: votes are tallied outside (`tallyVotes`), by everybody alike. */
export type Decision =
  | {
      readonly kind: 'decided';
      readonly decision: 'approved' | 'rejected';
      readonly by: readonly string[];
      readonly reason: string | null;
      readonly form: JsonObject | null;
    }
  | { readonly kind: 'expired' }
  | { readonly kind: 'canceled' };

export interface OutcomeRequest {
  readonly address: string;
  readonly stepId: string;
  readonly host: string | null;
  readonly execution: number;
  readonly reason: string;
}
export type OutcomeAnswer = 'ran' | 'not_ran' | 'repeat' | 'canceled';

export interface ChildRequest {
  readonly address: string;
  readonly stepId: string;
  readonly attempt: number;
  /** As of a query: a container that is tried again runs its playbook afresh. */
  readonly execution: number;
  readonly playbook: string;
  readonly version: number | null;
  /** Not yet checked by the child's own declarations; values may be `SecretRef`s. */
  readonly inputs: JsonObject;
  /** Of the child: 1 beneath the top run. */
  readonly depth: number;
}
/** An error without `runId` says that the child never began (`input.…`, `playbook.unknown`). */
export type ChildReply =
  | { readonly kind: 'succeeded'; readonly runId: string; readonly outputs: JsonObject }
  | { readonly kind: 'failed'; readonly runId: string | null; readonly error: ErrorFacts }
  | { readonly kind: 'canceled'; readonly runId: string | null };

export interface LockRequest {
  readonly address: string;
  readonly name: string;
  readonly limit: number;
  readonly waitMs: number;
}
export type LockReply =
  | { readonly kind: 'held'; readonly slot: string }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'canceled' };

/**
 * The outside, as the engine needs it. Every call that takes a token must settle soon after the token is canceled (and
 * only when what it began has stopped): the engine always waits for the answer. Nothing here is called twice for the
 * same `address` and `execution`, but after a crash of the adapter's own process it may be asked again: be idempotent.
 */
export interface Effects {
  /** Milliseconds since 1970, by the one clock of the run. */
  now(): number;
  /** From 0 to below 1, the same in every replay; used for jitter only. */
  random(): number;
  /** Settles after so long, or at once when canceled. */
  sleep(ms: number, cancel: CancelToken): PromiseLike<void>;
  runHosts(request: HostsRequest, cancel: CancelToken): Answer<{ readonly [name: string]: HostReply }>;
  http(request: HttpRequest, cancel: CancelToken): Answer<Reply>;
  connector(request: ConnectorRequest, cancel: CancelToken): Answer<Reply>;
  notify(request: NotifyRequest, cancel: CancelToken): Answer<Reply>;
  /**
   * A person's decision; withdraw the question when canceled, but for the reason `paused`: the next engine asks the same
   * (address, attempt, round) again, which must find the question as it stands.
   */
  ask(request: AskRequest, cancel: CancelToken): Answer<Decision>;
  /** A person's word on what really happened. */
  askOutcome(request: OutcomeRequest, cancel: CancelToken): Answer<OutcomeAnswer>;
  /** Starts a child run and awaits it; checks its inputs first. Canceled: cancels the child and awaits that. */
  startPlaybook(request: ChildRequest, cancel: CancelToken): Answer<ChildReply>;
  /** Starts a query as a run of its own and awaits it. Canceled: cancels it at the service and awaits that. */
  runQuery(request: QueryRequest, cancel: CancelToken): Answer<QueryReply>;
  acquireLock(request: LockRequest, cancel: CancelToken): Answer<LockReply>;
  /** Never fails the run: if it does not succeed, the lock's own expiry must. */
  releaseLock(slot: string): Answer<void>;
  /**
   * Keeps the output of a `sensitive` step that arose in the engine (`set`, `each`, `playbook`, a host step's lists),
   * so that references beginning with `sealed` find it. Calls that were told `sealed` keep their own.
   */
  seal(request: { readonly address: string; readonly sealed: string; readonly output: Json }): Answer<void>;
  /** The inventory as it is now. */
  selectServers(selection: RenderedSelection, cancel: CancelToken): Answer<ChosenHosts>;
  /** A keyed hash for each secret a plan names (`inputs.pw`), so that a plan's hash tells that a secret changed. */
  hashSecrets(names: readonly string[]): Answer<{ readonly [name: string]: string }>;
  /** Size and hash of the stored files that a plan names, null for one that is not there. Absent: nobody knows of files. */
  describeArtifacts?(
    names: readonly string[],
  ): Answer<{ readonly [name: string]: { readonly bytes: number; readonly sha256: string } | null }>;
  /** What a query would run, for plans; an error where it would not. Absent: nobody knows of queries. */
  planQuery?(request: QueryRequest): Answer<QueryPlan | { readonly error: ErrorFacts }>;
  /** The plan of a child playbook for the dry run; null where it is not known. */
  planPlaybook(
    request: Pick<ChildRequest, 'playbook' | 'version' | 'inputs' | 'depth'>,
  ): Answer<readonly PlanEntry[] | null>;
  /** The journal: every change of state, in order, at the instant it happens. Must not throw and costs no wait. */
  record(change: Change): void;
  /**
   * Runs `work` at once, where calls to the outside are to begin. Whoever wakes the engine (a settled promise, a signal, a
   * cancel) lends it the surroundings it is in: on Temporal the scope, and in the scope that was canceled undo and
   * `finally` would be stillborn. So: `enter: (work) => void home.run(async () => work())`.
   */
  enter?(work: () => void): void;
  /** Called within long stretches of cheap steps (every 250): a place to flush and to let the driver have a turn. */
  breathe?(): Answer<void>;
  /** All that can go on without the outside has; flush the journal here if it must be durable before the waits. */
  idle?(): void;
}
