import { z } from 'zod';

const Range = z.tuple([z.number().nonnegative(), z.number().nonnegative()]);

/** How the simulated service behaves; times in milliseconds, ranges are drawn from. */
export const Knobs = z.strictObject({
  /** Before a started query runs. */
  queueMs: Range.default([500, 3_000]),
  /** How long it runs: from the first for no row to the second for a million. */
  runMs: Range.default([2_000, 20_000]),
  /** How much later AsyncActivityStatus tells. */
  statusLagMs: Range.default([0, 10_000]),
  /** How much later REST knows a new data extension. */
  extensionLagMs: Range.default([0, 2_000]),
  /** How much later isrunning tells. */
  runningLagMs: Range.default([0, 5_000]),
  /** What the service kills a query after. */
  longestRunMs: z
    .number()
    .positive()
    .default(30 * 60_000),
  tokenLifeS: z.number().positive().default(1_079),
  codeLifeMs: z.number().positive().default(60_000),
  /** How long a RequestID continues a retrieve. */
  continueLifeMs: z.number().positive().default(600_000),
  /** The authorize page answers at once, as the administrator. */
  autoConsent: z.boolean().default(false),
  /** A used refresh token is answered with its same successor for so long; the service itself: 0. */
  refreshGraceMs: z.number().nonnegative().default(0),
  /** Calls a second and business unit, SOAP and REST together; more are answered with 429. */
  callsPerSecond: z.number().positive().nullable().default(null),
  soapPageSize: z.int().positive().max(2_500).default(2_500),
});
export type Knobs = z.infer<typeof Knobs>;

export const faultKinds = [
  'rate_limited',
  'unauthorized',
  'soap_throttled',
  'unavailable',
  'reset_before',
  'reset_after',
  'truncated',
  'hang',
  'hang_after',
  'wrong_unit',
  'late_rows',
  'query_fails',
  'query_fails_midway',
  'token_refused',
] as const;

/** Something that goes wrong, where and how often. */
export const Fault = z.strictObject({
  kind: z.enum(faultKinds),
  /** Part of `METHOD /path`, or of `Action Object` for SOAP (`Create DataExtension`). Absent: everywhere. */
  at: z.string().optional(),
  times: z.int().positive().default(1),
  /** Lets so many pass first. */
  after: z.int().nonnegative().default(0),
  /** For `rate_limited` and `unavailable`: seconds, or `date` for the form with a date. */
  retryAfter: z.string().optional(),
  /** For `late_rows`: how long a complete query shows no rows. */
  forMs: z.number().nonnegative().optional(),
  /** For `query_fails*`: the service's words. For `token_refused`: the OAuth error. */
  message: z.string().optional(),
});
export type Fault = z.infer<typeof Fault>;

export const PackageDef = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['server', 'web', 'public']),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1).optional(),
  redirectUris: z.array(z.url()).default([]),
  scopes: z.array(z.string()).optional(),
  jwtSecret: z.string().min(1).optional(),
});
export type PackageDef = z.infer<typeof PackageDef>;

/** A scenario file. */
export const Scenario = z.strictObject({
  knobs: Knobs.partial().optional(),
  faults: z.array(Fault).default([]),
  /** Beside the three that are always there. */
  packages: z.array(PackageDef).default([]),
});
export type Scenario = z.infer<typeof Scenario>;
