import { z } from 'zod';
import { JsonObject, JsonValue } from '../../../kit/schemas.ts';
import { parseDuration } from '../../duration.ts';

const Duration = z.string().refine((text) => parseDuration(text) !== undefined, 'A duration such as 5s or 1h30m.');
const Status = z.enum([
  'pending',
  'running',
  'waiting',
  'unknown',
  'succeeded',
  'failed',
  'timed_out',
  'skipped',
  'canceled',
]);
const MockError = z.strictObject({ code: z.string(), message: z.string().optional(), details: JsonObject.optional() });

/** One host in a mocked attempt; other keys are what an upload gives, such as `backup`. */
const HostMock = z
  .object({
    exitCode: z.number().int().optional(),
    signal: z.string().optional(),
    stdout: z.string().optional(),
    stderr: z.string().optional(),
    error: MockError.omit({ details: true }).optional(),
    delay: Duration.optional(),
  })
  .catchall(JsonValue);
const Mock = z.strictObject({
  output: JsonObject.optional(),
  error: MockError.optional(),
  hosts: z.record(z.string(), HostMock).optional(),
  delay: Duration.optional(),
});

const Server = z.strictObject({
  name: z.string(),
  id: z.string().optional(),
  tags: z.array(z.string()).default([]),
  maintenance: z.boolean().optional(),
});

const Previous = z.strictObject({
  status: Status,
  output: JsonValue.optional(),
  hosts: z.record(z.string(), z.looseObject({ status: z.string() })).optional(),
  error: z.looseObject({ code: z.string() }).nullable().optional(),
  undo: z.enum(['done', 'failed', 'skipped']).nullable().optional(),
});

const Found = z.array(z.strictObject({ code: z.string(), path: z.string() }));

/** What a test expects. A field that is not here is refused, never ignored. */
export const Expectation = z.strictObject({
  valid: z.boolean().optional(),
  errors: Found.optional(),
  hints: Found.optional(),
  inputErrors: Found.optional(),
  status: z.enum(['succeeded', 'failed', 'canceled', 'timed_out']).optional(),
  error: z.strictObject({ code: z.string(), step: z.string().optional(), host: z.string().optional() }).optional(),
  steps: z
    .array(
      z.strictObject({
        id: z.string(),
        status: Status.optional(),
        attempts: z.number().int().optional(),
        reason: z.string().optional(),
        carried: z.boolean().optional(),
        partial: z.boolean().optional(),
        undo: z.string().optional(),
        output: JsonValue.optional(),
        error: JsonObject.optional(),
      }),
    )
    .optional(),
  order: z.array(z.string()).optional(),
  outputs: JsonObject.optional(),
  elapsed: Duration.optional(),
  rendered: z.record(z.string(), z.string()).optional(),
  batches: z.record(z.string(), z.array(z.array(z.string()))).optional(),
  argv: z.record(z.string(), z.array(z.string())).optional(),
  plan: z.array(JsonObject).optional(),
  undo: z
    .strictObject({ done: z.number().optional(), failed: z.number().optional(), skipped: z.number().optional() })
    .optional(),
  logs: z.strictObject({ contains: z.array(z.string()).optional(), lacks: z.array(z.string()).optional() }).optional(),
});
export type Expectation = z.infer<typeof Expectation>;

/** A playbook's own test, and a conformance vector (§15): mocked steps in virtual time. */
export const PlaybookTestCase = z.strictObject({
  name: z.string().min(1).max(200),
  /** The playbook; a saved test leaves it out and is run against its playbook. */
  definition: JsonValue.optional(),
  yaml: z.string().optional(),
  playbooks: z.record(z.string(), JsonValue).optional(),
  servers: z.array(Server).optional(),
  vars: JsonObject.optional(),
  secrets: z.record(z.string(), z.string()).optional(),
  inputs: JsonObject.optional(),
  actor: z.strictObject({ name: z.string().optional(), email: z.string().optional() }).optional(),
  mocks: z.record(z.string(), z.array(Mock).min(1)).optional(),
  cancelAt: Duration.optional(),
  rerun: z
    .strictObject({
      fromStep: z.string().optional(),
      hosts: z.literal('failed').optional(),
      previous: z.record(z.string(), Previous),
    })
    .optional(),
  dryRun: z.boolean().optional(),
  expect: Expectation,
});
export type PlaybookTestCase = z.infer<typeof PlaybookTestCase>;
