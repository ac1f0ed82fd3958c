import { z } from 'zod';
import type { QueryFailureFacts, QueryPosition } from './failures.ts';

/**
 * What a query engine can do, the same for Marketing Cloud, Amazon Marketing Cloud and PostgreSQL. A workflow drives it from
 * activities: each call is one attempt, safe to repeat, and all that must survive between calls is in the `RunRef`.
 * Failures are thrown as `QueryFailure`, except where a result has a place for them.
 */
export interface QueryEngine {
  readonly kind: EngineKind;
  /** Asks the service whether it would run this text. Runs nothing. `isValid` null: the service gave no verdict, go on. */
  validate(query: QueryText, options?: CallOptions): Promise<Verdict>;
  /**
   * Makes the service begin, at most once for one `runId`, however often it is called: what an earlier call began is found
   * and adopted. `note` is awaited before whatever cannot be undone or repeated; the caller must have stored the reference
   * durably when it returns, and hands the last one stored to the next attempt as `known`.
   */
  start(query: StartQuery, options?: CallOptions): Promise<Started>;
  /** Looks once. Never waits for the end itself. */
  poll(ref: RunRef, options?: CallOptions): Promise<PollResult>;
  /**
   * The columns of a run that succeeded, from engines whose service names them with the rows alone; typed as `known` says.
   * Null where they cannot be told now: nothing is waited for.
   */
  columns?(ref: RunRef, known: readonly QueryColumn[], options?: CallOptions): Promise<QueryColumn[] | null>;
  /** Rows from an opaque cursor, null for the first page. A run whose rows are gone fails with code `rows_expired`. */
  page(request: PageRequest, options?: CallOptions): Promise<QueryPage>;
  /** Asks the service to stop. Says truthfully whether it did. */
  cancel(ref: RunRef, options?: CallOptions): Promise<CancelResult>;
  /**
   * Removes all the run left at the service; with `keepRows` only what reading its rows does not need. What is not there
   * counts as removed. One object that stays is told, not thrown.
   */
  cleanup(ref: RunRef, options?: CallOptions & { readonly keepRows?: boolean }): Promise<CleanupResult>;
  /** What can be queried, piece by piece. */
  describe(request: DescribeRequest, options?: CallOptions): Promise<DescribePage>;
  /** Removes what runs left behind that began longer ago than this. Engines that leave nothing answer zeros. */
  sweep(request: SweepRequest, options?: CallOptions): Promise<CleanupResult>;
  /** Tables of the service that it can write a result into by itself; absent where it cannot. */
  readonly targets?: EngineTargets;
}

export const engineKinds = ['sfmc', 'amc', 'postgres'] as const;
export const EngineKind = z.enum(engineKinds);
export type EngineKind = z.infer<typeof EngineKind>;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a column holds, in words all engines share. It tells how to read a cell's text:
 * `integer` and `decimal` digits with `.`, of any length · `boolean` `true` or `false` · `date` `YYYY-MM-DD` · `timestamp`
 * ISO 8601, with an offset if the service told one · `json` a JSON text · all others as they are.
 */
export const columnTypes = [
  'text',
  'integer',
  'decimal',
  'boolean',
  'date',
  'time',
  'timestamp',
  'email',
  'phone',
  'locale',
  'uuid',
  'json',
  'binary',
  'other',
] as const;
export const ColumnType = z.enum(columnTypes);
export type ColumnType = z.infer<typeof ColumnType>;

export const QueryColumn = z.object({
  /** As the user wrote it; unique within a result without regard to case. */
  name: z.string().min(1).max(256),
  type: ColumnType,
  /** The service's own word for the type. */
  nativeType: z.string().max(100).optional(),
  length: z.int().positive().optional(),
  precision: z.int().positive().optional(),
  scale: z.int().nonnegative().optional(),
});
export type QueryColumn = z.infer<typeof QueryColumn>;

/** The service's value as text, read by the column's type. Null is not the empty text. */
export type Cell = string | null;

/** A parameter's value: bound where the engine can, else written as a literal of its dialect by whoever made the text. */
export const QueryValue = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
export type QueryValue = z.infer<typeof QueryValue>;

export interface QueryText {
  readonly sql: string;
  readonly parameters?: Readonly<Record<string, QueryValue>>;
  /** What only one engine understands: `{ timeWindowStart: … }` for AMC, say. Each engine documents and checks its own. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The service's opinion of a text. */
export interface Verdict {
  readonly isValid: boolean | null;
  readonly remarks: readonly Remark[];
  /** The columns of the result, from engines that tell before a run. */
  readonly columns: readonly QueryColumn[] | null;
}
export interface Remark {
  readonly severity: 'error' | 'warning' | 'info';
  /** The service's words as plain text. */
  readonly message: string;
  readonly position: QueryPosition | null;
}

/**
 * All that is needed to find a run at the service again: small, without secrets, text of the query or rows, so that a
 * workflow, a row and a heartbeat can hold it. Only the engine that made it looks inside `parts`. Each call may return a
 * newer one, which replaces the old.
 */
export const RunRef = z.object({
  engine: EngineKind,
  runId: z.string().min(1).max(64),
  /** When `start` was first called, ISO 8601. */
  begunAt: z.iso.datetime(),
  parts: z.record(z.string().max(40), z.union([z.string().max(400), z.number(), z.boolean(), z.null()])),
});
export type RunRef = z.infer<typeof RunRef>;

export interface StartQuery extends QueryText {
  /** Unique for ever; names at the service are derived from it. */
  readonly runId: string;
  /** The result's columns, where they are known from the text and the schema. Needed by `sfmc`, which makes a table of them. */
  readonly columns?: readonly QueryColumn[];
  /** The reference that the last attempt noted; null at the first. */
  readonly known: RunRef | null;
  /** Stores the reference durably. See `start`. */
  readonly note: (ref: RunRef) => void | Promise<void>;
}

export interface Started {
  readonly ref: RunRef;
  /** The service had begun it before this call. */
  readonly isAdopted: boolean;
  /** When to look first, in milliseconds. */
  readonly pollAfterMs: number;
}

/** Where a run stands at the service. `succeeded`: all rows can be read, also when there are none. */
export const remoteStates = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export type RemoteState = (typeof remoteStates)[number];

export interface PollResult {
  readonly state: RemoteState;
  readonly ref: RunRef;
  /** When to look next, in milliseconds; 0 once it has ended. */
  readonly pollAfterMs: number;
  /** Rows that can be read already; final once it has succeeded. Null: not known. */
  readonly rowCount: number | null;
  readonly columns: readonly QueryColumn[] | null;
  /** Why it failed; null otherwise. */
  readonly failure: QueryFailureFacts | null;
  /** What the service says about its progress or the result, fit for the screen. */
  readonly note: string | null;
}

export interface PageRequest {
  readonly ref: RunRef;
  /** As given to or told by the run: names, order and types of the cells. */
  readonly columns: readonly QueryColumn[];
  readonly cursor: string | null;
  /** At most so many rows; the engine may give fewer. */
  readonly limit: number;
}

export interface QueryPage {
  readonly columns: readonly QueryColumn[];
  /** Cells in the order of `columns`. */
  readonly rows: readonly (readonly Cell[])[];
  /** How many rows come before the first of these. */
  readonly offset: number;
  /** For the next page; null after the last. */
  readonly cursor: string | null;
  /** Of all pages; null: not known before the end. */
  readonly total: number | null;
  /** Until when the service keeps the rows, ISO 8601. */
  readonly expiresAt: string | null;
  /** `live`: from a transaction that is open now; `provider`: from what the service stored. */
  readonly source: 'live' | 'provider';
}

export interface CancelResult {
  /** `stopped`: it runs no more · `running_on`: the service cannot stop it · `ended_before`: there was nothing to stop. */
  readonly outcome: 'stopped' | 'running_on' | 'ended_before' | 'unknown';
  /** A sentence for the user. */
  readonly note: string;
}

/** A thing of ours at the service. */
export interface RemoteAsset {
  /** `query`, `data_extension`, `folder`, `workflow`, `file`, `transaction`… */
  readonly kind: string;
  readonly name: string;
}
export interface CleanupResult {
  readonly removed: readonly RemoteAsset[];
  /** Still there: to be tried again. */
  readonly left: readonly (RemoteAsset & { readonly failure: QueryFailureFacts })[];
}
export interface SweepRequest {
  readonly olderThanMs: number;
  /** Runs that are open: their things stay, however old. */
  readonly keepRunIds: readonly string[];
}

/** A result into a table of the service: copied there, nothing of it passes through us. */
export interface EngineTargets {
  /** @throws QueryFailure `target_unknown` */
  describe(key: string, options?: CallOptions): Promise<TargetTable>;
  /**
   * Writes the rows of a run that has succeeded into a table. First into a copy that has the fields of the target, so that
   * what the target would refuse is refused there; the target is touched once the copy is whole. Repeatable by the reference
   * that `note` has stored. What it makes on the way goes by the run's reference, and with its cleanup.
   * @throws QueryFailure `target_refused`, `copy_differs` where the target was not touched; `write_failed`, `target_differs`
   */
  write(request: WriteTarget, options?: CallOptions): Promise<Written>;
}
export interface TargetTable {
  readonly key: string;
  readonly name: string;
  readonly fields: readonly SchemaColumn[];
  /** Rows in it now; null: the service does not say. */
  readonly rowCount: number | null;
}
export interface WriteTarget {
  readonly ref: RunRef;
  readonly columns: readonly QueryColumn[];
  readonly target: TargetTable;
  /** `overwrite` takes what is there away · `append` adds · `update` adds and replaces by primary key. */
  readonly mode: 'overwrite' | 'append' | 'update';
  /** Its place among the writes of the run, from 0 to 9. */
  readonly index: number;
  /** Asked with the count before anything is made; whatever it throws ends the write. */
  readonly mayWrite: (rows: number) => void;
  readonly note: (ref: RunRef) => void | Promise<void>;
}
export interface Written {
  readonly rows: number;
  /** In the target afterwards; null where the service does not say. */
  readonly total: number | null;
}

/** `units`: accounts and business units · `objects`: tables, views, folders · `columns`: of one object. */
export interface DescribeRequest {
  readonly what: 'units' | 'objects' | 'columns';
  /** The object whose columns are asked for: its `id` as `describe` gave it. */
  readonly of?: string;
  readonly cursor: string | null;
}
export interface DescribePage {
  readonly objects: readonly SchemaObject[];
  /** For the next page; null after the last. */
  readonly cursor: string | null;
  /** The service has more than this engine will list: what was cut, as a sentence. */
  readonly cut: string | null;
}

/** Something a query can name, or that holds such things. */
export interface SchemaObject {
  /** Of the service, unique within the connection. */
  readonly id: string;
  readonly kind: 'unit' | 'folder' | 'schema' | 'table' | 'view' | 'source';
  readonly name: string;
  /** As it is written in a query, quoted where it must be; null for what cannot be queried. */
  readonly sqlName: string | null;
  /** The id of what it lies in. */
  readonly parentId: string | null;
  readonly description: string | null;
  /** Null: ask for them by `what: 'columns'`. */
  readonly columns: readonly SchemaColumn[] | null;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}
export interface SchemaColumn extends QueryColumn {
  readonly isKey?: boolean;
  readonly isRequired?: boolean;
  readonly description?: string;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}
