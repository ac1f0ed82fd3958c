import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, Name } from '../kit/schemas.ts';
import { RunError } from '../runs/runs.ts';
import { endedStatuses } from '../runs/status.ts';
import { StartTarget } from '../schedules/targets.ts';

/** Runs that start runs, at most so many in a row: a ring of triggers ends here. */
export const maxTriggerDepth = 5;

const Cel = z.string().min(1).max(4_000);
const fields = {
  name: Name,
  /** The end of a run of one of these starts the target; of any playbook's where it is empty. */
  playbooks: z.array(Id).max(50),
  statuses: z.array(z.enum(endedStatuses)).min(1),
  /** CEL over `run` (`id title status outputs error inputs trigger startedAt endedAt playbook`); absent: always. */
  condition: Cel.nullable(),
  target: StartTarget,
  /** Input name → CEL over `run`. */
  inputs: z.record(z.string().max(48), Cel),
  enabled: z.boolean(),
};
export const CreateRunTrigger = z.object({
  name: fields.name,
  playbooks: fields.playbooks.default([]),
  statuses: fields.statuses.default(['succeeded']),
  condition: fields.condition.default(null),
  target: fields.target,
  inputs: fields.inputs.default({}),
  enabled: fields.enabled.default(true),
});
export type CreateRunTrigger = z.infer<typeof CreateRunTrigger>;
export const ChangeRunTrigger = z.object(fields).partial();
export type ChangeRunTrigger = z.infer<typeof ChangeRunTrigger>;

export const RunTrigger = z.object({
  id: Id,
  ...fields,
  target: StartTarget.extend({ name: z.string().nullable() }),
  /** What became of it the last times, newest first, ten at most. */
  lastFirings: z.array(
    z.object({
      endedRunId: Id,
      runId: Id.nullable(),
      status: z.enum(['pending', 'started', 'failed', 'passed']),
      error: RunError.nullable(),
      at: Instant,
    }),
  ),
  version: z.number().int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type RunTrigger = z.infer<typeof RunTrigger>;

export const runTriggerRoutes = defineRoutes({
  listRunTriggers: {
    method: 'GET',
    path: '/run-triggers',
    access: 'hooks:read',
    summary: 'What starts at the end of a run',
    response: z.object({ data: z.array(RunTrigger) }),
  },
  createRunTrigger: {
    method: 'POST',
    path: '/run-triggers',
    access: 'hooks:manage',
    idempotent: true,
    summary: 'Start a playbook at the end of another run',
    body: CreateRunTrigger,
    status: 201,
    response: RunTrigger,
  },
  getRunTrigger: {
    method: 'GET',
    path: '/run-triggers/:id',
    access: 'hooks:read',
    summary: 'One run trigger',
    params: IdParams,
    response: RunTrigger,
  },
  changeRunTrigger: {
    method: 'PATCH',
    path: '/run-triggers/:id',
    access: 'hooks:manage',
    summary: 'Change a run trigger',
    params: IdParams,
    body: ChangeRunTrigger,
    response: RunTrigger,
  },
  deleteRunTrigger: {
    method: 'DELETE',
    path: '/run-triggers/:id',
    access: 'hooks:manage',
    summary: 'Remove a run trigger',
    params: IdParams,
    status: 204,
  },
});
