import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import {
  ActorRef,
  Id,
  IdParams,
  Instant,
  JsonObject,
  JsonValue,
  Name,
  PageQuery,
  RunStarted,
  pageOf,
} from '../kit/schemas.ts';
import { RunStatusSchema } from '../runs/runs.ts';

/** One thing that validation has to say (playbook-language §12). `path` is a JSON pointer, `at` a range in that string. */
export const ValidationIssue = z.object({
  code: z.string(),
  path: z.string(),
  message: z.string(),
  at: z.tuple([z.number().int(), z.number().int()]).optional(),
  details: JsonValue.optional(),
  /** Where it stands in the YAML that was sent, counted from 1. */
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  endLine: z.number().int().optional(),
  endColumn: z.number().int().optional(),
});
export type ValidationIssue = z.infer<typeof ValidationIssue>;
export const Validation = z.object({
  valid: z.boolean(),
  errors: z.array(ValidationIssue),
  hints: z.array(ValidationIssue),
});
export type Validation = z.infer<typeof Validation>;

/** A playbook as lists show it. */
export const PlaybookSummary = z.object({
  id: Id,
  name: z.string(),
  description: z.string().nullable(),
  version: z.number().int(),
  stepCount: z.number().int(),
  inputCount: z.number().int(),
  updatedAt: Instant,
  updatedBy: ActorRef,
  lastRun: z.object({ id: Id, status: RunStatusSchema, createdAt: Instant, endedAt: Instant.nullable() }).nullable(),
  runsAlive: z.number().int(),
});
export type PlaybookSummary = z.infer<typeof PlaybookSummary>;

/** A version of a playbook: immutable. */
export const PlaybookVersion = z.object({
  version: z.number().int(),
  note: z.string().nullable(),
  author: ActorRef,
  createdAt: Instant,
  hash: z.string(),
});
export const Playbook = PlaybookSummary.extend({
  definition: JsonObject,
  /** The document as somebody wrote it, with comments. */
  yaml: z.string(),
  note: z.string().nullable(),
  hints: z.array(ValidationIssue),
});
export type Playbook = z.infer<typeof Playbook>;

/** A document in one of its two forms: JSON, or YAML as text. */
export const PlaybookDocument = z.object({
  name: Name.optional(),
  definition: JsonObject.optional(),
  yaml: z.string().max(400_000).optional(),
  note: z.string().trim().max(500).optional(),
});
export type PlaybookDocument = z.infer<typeof PlaybookDocument>;

export const StartPlaybookRun = z.object({
  inputs: JsonObject.default({}),
  version: z.number().int().positive().optional(),
  /** Walks the playbook without effect; the plan is the run's output. */
  dryRun: z.boolean().default(false),
  title: Name.optional(),
  tags: z.array(z.string().max(64)).max(20).optional(),
});

/** One line of a plan (playbook-language §12). */
export const PlanEntry = z.looseObject({
  id: z.string(),
  action: z.enum(['run', 'skip', 'ask', 'depends']),
  kind: z.string().optional(),
  hosts: z.array(z.string()).optional(),
  batches: z.array(z.array(z.string())).optional(),
  rendered: z.unknown().optional(),
  dependsOn: z.array(z.string()).optional(),
});
export const Plan = z.object({
  hash: z.string(),
  entries: z.array(PlanEntry),
  /** What is known of the hosts from their last check. */
  reachability: z.record(z.string(), z.object({ reachable: z.boolean().nullable(), checkedAt: Instant.nullable() })),
});
export type Plan = z.infer<typeof Plan>;

/** A playbook's own test: mocked steps in virtual time (playbook-language §15). */
export const PlaybookTest = z.looseObject({ name: z.string().min(1).max(200) });
export const PlaybookTestResult = z.object({
  name: z.string(),
  passed: z.boolean(),
  differences: z.array(z.looseObject({})),
  elapsedMs: z.number().nullable(),
});

const VersionParams = z.object({ id: Id, version: z.coerce.number().int().positive() });

export const playbookRoutes = defineRoutes({
  listPlaybooks: {
    method: 'GET',
    path: '/playbooks',
    access: 'playbooks:read',
    summary: 'Playbooks, by name',
    query: PageQuery.extend({
      q: z.string().max(200).optional(),
      sort: z.enum(['name', '-updatedAt']).default('name'),
    }),
    response: pageOf(PlaybookSummary),
  },
  createPlaybook: {
    method: 'POST',
    path: '/playbooks',
    access: 'playbooks:edit',
    status: 201,
    idempotent: true,
    bodyLimit: 1_048_576,
    summary: 'Save a new playbook; JSON, or the document itself as application/yaml',
    body: PlaybookDocument,
    response: Playbook,
  },
  getPlaybook: {
    method: 'GET',
    path: '/playbooks/:id',
    access: 'playbooks:read',
    summary: 'A playbook with its newest version',
    params: IdParams,
    response: Playbook,
  },
  updatePlaybook: {
    method: 'PATCH',
    path: '/playbooks/:id',
    access: 'playbooks:edit',
    bodyLimit: 1_048_576,
    summary: 'Save a new version; `If-Match` with the version it was made from',
    params: IdParams,
    body: PlaybookDocument,
    response: Playbook,
  },
  deletePlaybook: {
    method: 'DELETE',
    path: '/playbooks/:id',
    access: 'playbooks:edit',
    status: 204,
    summary: 'Delete a playbook; its runs stay',
    params: IdParams,
  },
  validatePlaybook: {
    method: 'POST',
    path: '/playbooks/validate',
    access: 'playbooks:read',
    bodyLimit: 1_048_576,
    summary: 'What saving would refuse, and hints',
    body: PlaybookDocument,
    response: Validation,
  },
  listPlaybookVersions: {
    method: 'GET',
    path: '/playbooks/:id/versions',
    access: 'playbooks:read',
    summary: 'Versions, newest first',
    params: IdParams,
    query: PageQuery,
    response: pageOf(PlaybookVersion),
  },
  getPlaybookVersion: {
    method: 'GET',
    path: '/playbooks/:id/versions/:version',
    access: 'playbooks:read',
    summary: 'One version',
    params: VersionParams,
    response: PlaybookVersion.extend({ definition: JsonObject, yaml: z.string() }),
  },
  comparePlaybookVersions: {
    method: 'GET',
    path: '/playbooks/:id/compare',
    access: 'playbooks:read',
    summary: 'Two versions side by side, as a unified diff of their YAML',
    params: IdParams,
    query: z.object({ from: z.coerce.number().int().positive(), to: z.coerce.number().int().positive() }),
    response: z.object({
      from: z.number().int(),
      to: z.number().int(),
      diff: z.string(),
      lines: z.array(z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string() })),
    }),
  },
  restorePlaybookVersion: {
    method: 'POST',
    path: '/playbooks/:id/versions/:version/restore',
    access: 'playbooks:edit',
    summary: 'Make an old version the newest, as a new version',
    params: VersionParams,
    response: Playbook,
  },
  runPlaybook: {
    method: 'POST',
    path: '/playbooks/:id/runs',
    access: 'playbooks:run',
    idempotent: true,
    status: 202,
    summary: 'Run a playbook',
    params: IdParams,
    body: StartPlaybookRun,
    response: RunStarted,
  },
  planPlaybook: {
    method: 'POST',
    path: '/playbooks/:id/plan',
    access: 'playbooks:read',
    summary: 'A dry run at once: hosts, rendered commands, reachability, hash',
    params: IdParams,
    body: StartPlaybookRun.extend({ definition: JsonObject.optional(), yaml: z.string().max(400_000).optional() }),
    response: Plan,
  },
  testPlaybookStep: {
    method: 'POST',
    path: '/playbooks/:id/steps/:stepId/test',
    access: 'playbooks:run',
    idempotent: true,
    status: 202,
    summary: 'Run a single step, with given results of the steps before it',
    params: z.object({ id: Id, stepId: z.string().max(48) }),
    body: z.object({
      inputs: JsonObject.default({}),
      version: z.number().int().positive().optional(),
      definition: JsonObject.optional(),
      yaml: z.string().max(400_000).optional(),
      /** `steps.<id>.output` of steps that this one reads. */
      outputs: JsonObject.default({}),
      /** Only on these servers, whatever the step selects. */
      hosts: z.array(z.string()).max(50).optional(),
    }),
    response: RunStarted,
  },
  getPlaybookTests: {
    method: 'GET',
    path: '/playbooks/:id/tests',
    access: 'playbooks:read',
    summary: 'The playbook’s own tests',
    params: IdParams,
    response: z.object({ tests: z.array(PlaybookTest) }),
  },
  savePlaybookTests: {
    method: 'PUT',
    path: '/playbooks/:id/tests',
    access: 'playbooks:edit',
    summary: 'Save the playbook’s own tests',
    params: IdParams,
    body: z.object({ tests: z.array(PlaybookTest).max(200) }),
    response: z.object({ tests: z.array(PlaybookTest) }),
  },
  runPlaybookTests: {
    method: 'POST',
    path: '/playbooks/:id/tests/run',
    access: 'playbooks:read',
    summary: 'Run tests in virtual time with mocked steps; nothing outside is touched',
    params: IdParams,
    body: z.object({
      tests: z.array(PlaybookTest).max(200).optional(),
      definition: JsonObject.optional(),
      yaml: z.string().max(400_000).optional(),
    }),
    response: z.object({ passed: z.number().int(), failed: z.number().int(), results: z.array(PlaybookTestResult) }),
  },
  getPlaybookSchema: {
    method: 'GET',
    path: '/schemas/playbook.json',
    access: 'public',
    summary: 'JSON Schema of the document, for editors',
    response: z.looseObject({}),
  },
});
