import { checkExpressions } from '#contracts/hooks/map-values.ts';
import {
  type ChangeRunTrigger,
  type CreateRunTrigger,
  type RunTrigger,
  runTriggerRoutes,
} from '#contracts/hooks/run-triggers.ts';
import { recordChange } from '#db/audit/record-change.ts';
import {
  type RunTriggerRow,
  type RunTriggerValues,
  deleteRunTrigger,
  insertRunTrigger,
  listRunTriggers,
  readRunTriggerRow,
  updateRunTrigger,
} from '#db/hooks/run-trigger-rows.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import { checkStartTarget } from './check-target.ts';

/** What starts at the end of another run. */
export const runTriggerRoom = room(runTriggerRoutes, (tools) => ({
  listRunTriggers: async ({ actor }) => ({ data: await tools.inTenant(actor, (tx) => listRunTriggers(tx)) }),
  getRunTrigger: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustRead(tx, params.id))),

  createRunTrigger: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await insertRunTrigger(tx, id, await readValues(tx, body), actorRef(actor));
      const made = await mustRead(tx, id);
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'run_trigger.created',
        subject: `run_trigger:${id}`,
        title: made.name,
        after: auditOf(made),
      });
      return withEtag(reply, made);
    });
  },
  changeRunTrigger: (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(actor, async (tx) => {
      const row = await mustLock(tx, params.id);
      if (expected !== undefined && expected !== row.version) throw problem('request.stale');
      const before = await mustRead(tx, params.id);
      await updateRunTrigger(tx, params.id, await readValues(tx, merge(row, body)));
      const after = await mustRead(tx, params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'run_trigger.changed',
        subject: `run_trigger:${params.id}`,
        title: after.name,
        before: auditOf(before),
        after: auditOf(after),
      });
      return withEtag(reply, after);
    });
  },
  deleteRunTrigger: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const { name } = await mustLock(tx, call.params.id);
      await deleteRunTrigger(tx, call.params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'run_trigger.removed',
        subject: `run_trigger:${call.params.id}`,
        title: name,
      });
    }),
}));

async function mustRead(tx: TenantTx, id: string): Promise<RunTrigger> {
  const [trigger] = await listRunTriggers(tx, id);
  if (!trigger) throw problem('request.not_found');
  return trigger;
}
async function mustLock(tx: TenantTx, id: string): Promise<RunTriggerRow> {
  const row = await readRunTriggerRow(tx, id, { lock: true });
  if (!row) throw problem('request.not_found');
  return row;
}

async function readValues(tx: TenantTx, body: CreateRunTrigger): Promise<RunTriggerValues> {
  const expressions = Object.fromEntries(
    Object.entries(body.inputs).map(([name, expression]) => [`/body/inputs/${name}`, expression]),
  );
  const issues = [
    ...(await checkStartTarget(tx, body.target, Object.keys(body.inputs))),
    ...checkExpressions({ ...expressions, ...(body.condition !== null && { '/body/condition': body.condition }) }, [
      'run',
    ]),
  ];
  if (issues.length > 0)
    throw problem(
      'webhook.config_invalid',
      {},
      issues.map((issue) => ({ ...issue })),
    );
  const { name, playbooks, statuses, condition, target, inputs, enabled } = body;
  return {
    name,
    playbooks,
    statuses,
    condition,
    targetId: target.id,
    targetVersion: target.version ?? null,
    inputs,
    enabled,
  };
}

const merge = (row: RunTriggerRow, body: ChangeRunTrigger): CreateRunTrigger => ({
  name: body.name ?? row.name,
  playbooks: body.playbooks ?? row.playbooks,
  statuses: body.statuses ?? row.statuses,
  condition: body.condition === undefined ? row.condition : body.condition,
  target: body.target ?? { kind: 'playbook', id: row.targetId, version: row.targetVersion },
  inputs: body.inputs ?? row.inputs,
  enabled: body.enabled ?? row.enabled,
});

const auditOf = ({ name, playbooks, statuses, condition, target, inputs, enabled }: RunTrigger) => ({
  name,
  playbooks,
  statuses,
  condition,
  target,
  inputs,
  enabled,
});
