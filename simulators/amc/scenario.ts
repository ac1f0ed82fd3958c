import { z } from 'zod';

const range = z.tuple([z.number().nonnegative(), z.number().nonnegative()]);

/** What can be turned while the simulator runs. Times in milliseconds unless the name says otherwise. */
export const Knobs = z.object({
  /** How long an execution is PENDING, at least and at most; real instances take up to 20 minutes in all. */
  pendingMs: range.default([1_000, 10_000]),
  runningMs: range.default([2_000, 30_000]),
  /** Executions that run at once on an instance. */
  slots: z.int().positive().default(10),
  /** Refuses an execution whose tables and window overlap those of one that is open. */
  rejectsOverlap: z.boolean().default(false),
  /** Answers `{"workflowExecution":{…}}` instead of the fields alone: both are met (AMC §4.3). */
  wrapsAnswers: z.boolean().default(false),
  /** Data sources tell type and sensitivity of their columns, as live ones do. */
  tellsSensitivity: z.boolean().default(true),
  urlLifeMs: z.number().positive().default(600_000),
  /** After SUCCEEDED results are "unavailable for download" for so long. */
  unavailableMs: z.number().nonnegative().default(0),
  rowsPerPart: z.int().positive().default(100_000),
  tokenSeconds: z.int().positive().default(3_600),
  codeLifeMs: z.number().positive().default(300_000),
  /** The consent page sends back at once instead of showing its form. */
  autoApproves: z.boolean().default(false),
  /** The people have not accepted the terms of the service. */
  needsTerms: z.boolean().default(false),
  /** Steps of an asynchronous report last so long each. */
  reportStepMs: z.number().nonnegative().default(1_500),
  audienceMs: z.number().nonnegative().default(3_000),
  /** Executions are forgotten after this. */
  expiresAfterMs: z.number().positive().default(86_400_000),
});
export type Knobs = z.infer<typeof Knobs>;

export const Scenario = z.object({
  knobs: Knobs.prefault({}),
  events: z
    .object({
      impressions: z.int().nonnegative().default(1_000_000),
      sponsored: z.int().nonnegative().default(200_000),
      conversions: z.int().nonnegative().default(50_000),
      users: z.int().positive().default(300_000),
      zone: z.string().default('America/New_York'),
      /** The last moment of events; now by default. */
      until: z.iso.datetime().optional(),
    })
    .prefault({}),
  clientId: z.string().default('amzn1.application-oa2-client.simulated'),
  clientSecret: z.string().default('simulated-client-secret'),
  /** Where the consent page may send people back to; empty: anywhere on loopback. */
  redirectUris: z.array(z.string()).default([]),
});
export type Scenario = z.infer<typeof Scenario>;
export type ScenarioInput = z.input<typeof Scenario>;

/** What goes wrong, where and how often. */
export const Fault = z.object({
  /** Part of `METHOD /path`, e.g. `POST /amc/reporting`. */
  match: z.string().min(1),
  times: z.int().positive().default(1),
  /** Lets so many matching requests pass first. */
  after: z.int().nonnegative().default(0),
  /**
   * `status` answers so without doing anything · `lost` does it, then breaks the connection without an answer · `cut` breaks
   * off in the middle of the answer · `garbage` answers 200 with a web page · `huge` answers 200 with what never ends ·
   * `slow` answers after `delayMs` · `hang_after` does it and never answers
   */
  kind: z.enum(['status', 'lost', 'cut', 'garbage', 'huge', 'slow', 'hang_after']).default('status'),
  status: z.int().min(400).max(599).default(500),
  retryAfterSeconds: z.number().nonnegative().optional(),
  delayMs: z.number().nonnegative().default(0),
  /** Answers this body instead of the usual one of that status. */
  body: z.string().optional(),
});
export type Fault = z.infer<typeof Fault>;

/** How the next executions end, one each, instead of as they would. */
export const Outcome = z.object({
  status: z.enum(['REJECTED', 'FAILED', 'CANCELLED', 'SUCCEEDED']).default('FAILED'),
  reasonField: z.enum(['statusReason', 'message', 'details', 'messageSubject']).default('statusReason'),
  reason: z.string().default('The execution failed.'),
  /** A status that no document names, told while it is queued. */
  strangeStatus: z.string().optional(),
});
export type Outcome = z.infer<typeof Outcome>;
