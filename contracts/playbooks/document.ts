/**
 * The playbook document as TypeScript sees it after validation (specs/playbook-language.md §1–§6).
 * The one description of what is allowed is the table in `shape/`; these types follow it and a test holds them together.
 */

/** Any JSON value. What the language reads, renders and returns. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A value, or one whole-value template `${{ … }}` that gives it when rendered. */
export type Whole<T> = T | string;
/** A duration such as `90s`, `1h30m`, `2d`, or a whole-value template. */
export type DurationText = string;
/** `"25%"`. */
export type Percent = string;

export interface Playbook {
  readonly apiVersion?: 'windlass/v1';
  readonly name: string;
  readonly description?: string;
  readonly inputs?: readonly Input[];
  readonly steps: readonly Step[];
  readonly outputs?: JsonObject;
  /** Of the whole run; static, default `30d`. */
  readonly timeout?: DurationText;
  readonly concurrency?: Concurrency;
  readonly undoOn?: readonly UndoReason[];
  readonly finally?: readonly Step[];
}

export type UndoReason = 'failed' | 'timed_out' | 'canceled';

export interface Concurrency {
  /** A template; runs of this playbook with the same key share the limit. */
  readonly key?: string;
  readonly limit?: number;
  readonly onBusy?: 'queue' | 'skip' | 'cancel';
}

export type InputType =
  | 'string'
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'duration'
  | 'choice'
  | 'multi_choice'
  | 'server'
  | 'servers'
  | 'secret'
  | 'object'
  | 'list';

export type InputOption = string | { readonly value: string; readonly label?: string; readonly description?: string };

/** One declared input (§2). Fields that a type does not have are refused by the validator. */
export interface Input {
  readonly name: string;
  readonly type: InputType;
  readonly label?: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: Json;
  readonly placeholder?: string;
  readonly group?: string;
  /** CEL over inputs declared before it. */
  readonly visible?: string;
  /** On `string` and `text`: the type is `secret`. */
  readonly secret?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly patternMessage?: string;
  readonly format?: 'email' | 'url' | 'hostname' | 'ip' | 'cidr';
  readonly language?: string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly step?: number;
  readonly options?: readonly InputOption[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly tags?: readonly string[];
  readonly anyTags?: readonly string[];
  readonly notTags?: readonly string[];
  readonly fields?: readonly Input[];
  readonly items?: InputItems;
}

/** What each row of a `list` input is: an input without a name. */
export type InputItems = Omit<Input, 'name'>;

export interface Retry {
  /** 1–20 in all. */
  readonly attempts: number;
  readonly backoff?: DurationText;
  readonly factor?: number;
  readonly max?: DurationText;
  readonly jitter?: boolean;
  readonly on?: readonly string[];
}

export interface Lock {
  readonly name: string;
  readonly limit?: number;
  readonly wait?: DurationText;
}

/** `{names?, from?, tags?, anyTags?, notTags?, notNames?, order?}` (§6 Hosts). */
export interface HostSelection {
  readonly names?: Whole<readonly string[]>;
  /** A template: list of names or ids. */
  readonly from?: Whole<readonly string[]>;
  readonly tags?: Whole<readonly string[]>;
  readonly anyTags?: Whole<readonly string[]>;
  readonly notTags?: Whole<readonly string[]>;
  readonly notNames?: Whole<readonly string[]>;
  readonly order?: 'name' | 'listed';
}

/** What every step may have (§5). */
export interface StepCommon {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  /** CEL. */
  readonly if?: string;
  readonly retry?: Retry;
  readonly timeout?: DurationText;
  readonly continueOnError?: Whole<boolean>;
  readonly onFailure?: readonly Step[];
  readonly undo?: readonly Step[];
  readonly undoWhen?: 'succeeded' | 'started';
  readonly lock?: Lock;
  readonly safeToRepeat?: Whole<boolean>;
  readonly sensitive?: Whole<boolean>;
}

/** Batching over hosts, shared by ssh, script and upload. */
export interface Rolling {
  readonly hosts: HostSelection;
  readonly parallel?: Whole<number>;
  readonly batch?: Whole<number | Percent | readonly (number | Percent)[]>;
  readonly canary?: Whole<number | Percent>;
  readonly batchPause?: DurationText;
  readonly maxFailures?: Whole<number | Percent>;
  readonly allowEmpty?: Whole<boolean>;
}

export interface SshStep extends StepCommon, Rolling {
  readonly kind: 'ssh';
  readonly command: string;
  readonly sudo?: boolean | string;
  readonly env?: Whole<JsonObject>;
  readonly stdin?: string;
  readonly shell?: string;
  readonly cwd?: string;
  readonly durable?: Whole<boolean>;
  readonly okExitCodes?: Whole<readonly number[]>;
}

export interface ScriptStep extends StepCommon, Rolling {
  readonly kind: 'script';
  readonly script: string;
  readonly interpreter?: string;
  readonly args?: Whole<readonly Json[]>;
  readonly sudo?: boolean | string;
  readonly env?: Whole<JsonObject>;
  readonly stdin?: string;
  readonly cwd?: string;
  readonly durable?: Whole<boolean>;
  readonly okExitCodes?: Whole<readonly number[]>;
}

export interface UploadStep extends StepCommon, Rolling {
  readonly kind: 'upload';
  readonly to: string;
  readonly content?: string;
  readonly artifact?: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly sudo?: boolean | string;
  readonly backup?: Whole<boolean>;
}

export interface HttpStep extends StepCommon {
  readonly kind: 'http';
  readonly method: string;
  readonly url: string;
  readonly headers?: Whole<JsonObject>;
  readonly query?: Whole<JsonObject>;
  readonly body?: Json;
  readonly auth?: Whole<JsonObject>;
  readonly expect?: { readonly status?: Whole<Json>; /** CEL over `response`. */ readonly json?: string };
  readonly followRedirects?: Whole<boolean>;
}

export interface ConnectorStep extends StepCommon {
  readonly kind: 'connector';
  readonly connector: string;
  readonly operation: string;
  readonly connection?: string;
  readonly params?: Whole<JsonObject>;
}

/** Runs a query and gives counts and columns, never rows (design §6). */
export interface QueryStep extends StepCommon {
  readonly kind: 'query';
  /** A saved query, by name or id; or `sql` stands here. */
  readonly query?: string;
  readonly version?: number;
  /** Takes values by `{{ name }}` alone. */
  readonly sql?: string;
  /** By name or id; the saved query's own where absent. */
  readonly connection?: string;
  readonly unit?: string;
  readonly parameters?: Whole<JsonObject>;
  readonly timeWindow?: { readonly from: string; readonly to: string; readonly timeZone?: string };
  readonly options?: Whole<JsonObject>;
  /** CEL over `result`, which is what the step returns. */
  readonly expect?: string;
}

export interface NotifyStep extends StepCommon {
  readonly kind: 'notify';
  readonly to: Whole<readonly (string | JsonObject)[]>;
  readonly message: string;
  readonly subject?: string;
}

export interface ApproveStep extends StepCommon {
  readonly kind: 'approve';
  readonly roles?: readonly string[];
  readonly users?: readonly string[];
  readonly message?: string;
  readonly form?: readonly Input[];
  readonly quorum?: Whole<number>;
  readonly notStarter?: Whole<boolean>;
  readonly expires?: DurationText;
  readonly default?: 'approve' | 'reject';
  readonly onReject?: 'fail' | 'continue';
  readonly bindToPlan?: Whole<boolean>;
}

export interface WaitStep extends StepCommon {
  readonly kind: 'wait';
  readonly for?: DurationText;
  readonly until?: string;
}

export interface ParallelStep extends StepCommon {
  readonly kind: 'parallel';
  readonly branches: readonly (readonly Step[])[];
  readonly failFast?: Whole<boolean>;
}

export interface EachStep extends StepCommon {
  readonly kind: 'each';
  readonly items: Whole<readonly Json[] | JsonObject>;
  readonly steps: readonly Step[];
  readonly as?: string;
  readonly parallel?: Whole<number>;
  readonly maxFailures?: Whole<number | Percent>;
  readonly failFast?: Whole<boolean>;
  readonly collect?: Json;
}

export interface IfStep extends StepCommon {
  readonly kind: 'if';
  readonly condition: string;
  readonly then: readonly Step[];
  readonly else?: readonly Step[];
}

export interface SwitchCase {
  readonly when: Json;
  readonly steps: readonly Step[];
}

export interface SwitchStep extends StepCommon {
  readonly kind: 'switch';
  readonly on: string;
  readonly cases: readonly SwitchCase[];
  readonly default?: readonly Step[];
}

export type Assertion = string | { readonly that: string; readonly message?: string };

export interface AssertStep extends StepCommon {
  readonly kind: 'assert';
  readonly that: Assertion | readonly Assertion[];
  readonly message?: string;
}

export interface SetStep extends StepCommon {
  readonly kind: 'set';
  readonly values: Whole<JsonObject>;
}

export interface PlaybookStep extends StepCommon {
  readonly kind: 'playbook';
  readonly playbook: string;
  readonly version?: number;
  readonly inputs?: Whole<JsonObject>;
}

export interface FailStep extends StepCommon {
  readonly kind: 'fail';
  readonly message: string;
  readonly code?: string;
}

export type Step =
  | SshStep
  | ScriptStep
  | UploadStep
  | HttpStep
  | ConnectorStep
  | QueryStep
  | NotifyStep
  | ApproveStep
  | WaitStep
  | ParallelStep
  | EachStep
  | IfStep
  | SwitchStep
  | AssertStep
  | SetStep
  | PlaybookStep
  | FailStep;

export type StepKind = Step['kind'];
/** Kinds that run on hosts. */
export type HostStep = SshStep | ScriptStep | UploadStep;
