import { checkExpressions, holdsOver, mapValues, type MappingIssue } from '#contracts/hooks/map-values.ts';
import {
  IncidentRule,
  incidentRuleRoutes,
  type IncidentStart,
  type ShownIncidentRule,
} from '#contracts/incident-rules/incident-rules.ts';
import { inputsFromIncident } from '#contracts/incident-rules/incident-inputs.ts';
import { isLanguageFailure } from '#contracts/playbooks/expressions/failure.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { beginStart } from '#db/incident-rules/decide-start.ts';
import { viewIncident } from '#db/incident-rules/incident-view.ts';
import { startIncidentPlaybook } from '#db/incident-rules/on-incident.ts';
import { deleteRule, insertRule, listRules, lockRule, resumeRule, updateRule } from '#db/incident-rules/rules.ts';
import { settle } from '#db/incident-rules/settle.ts';
import { hasIncident, isRunningFor, listStarts, lockStart, showStarts } from '#db/incident-rules/starts.ts';
import type { StartRow } from '#db/incident-rules/tables.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readPlaybook } from '#db/playbooks/playbooks.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import { checkStartTarget } from '../hooks/check-target.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';

/** What starts when something happens to an incident, and playbooks that people start for one. */
export const incidentRuleRoom = room(incidentRuleRoutes, (tools) => ({
  listIncidentRules: async ({ actor }) => ({ data: await tools.inTenant(actor, (tx) => listRules(tx)) }),
  getIncidentRule: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustRead(tx, params.id))),
  createIncidentRule: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await check(tx, body);
      await insertRule(tx, id, body, actorRef(actor));
      const made = await mustRead(tx, id);
      await recordChange(tx, { ...auditOrigin(call), ...of('created', made), after: IncidentRule.parse(made) });
      return withEtag(reply, made);
    });
  },
  changeIncidentRule: (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(actor, async (tx) => {
      const row = await lockRule(tx, params.id);
      if (!row) throw problem('request.not_found');
      if (expected !== undefined && expected !== row.version) throw problem('request.stale');
      const before = await mustRead(tx, params.id);
      await check(tx, body);
      await updateRule(tx, params.id, body);
      const after = await mustRead(tx, params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...of('changed', after),
        before: IncidentRule.parse(before),
        after: IncidentRule.parse(after),
      });
      return withEtag(reply, after);
    });
  },
  deleteIncidentRule: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const name = await deleteRule(tx, call.params.id);
      if (name === undefined) throw problem('request.not_found');
      await recordChange(tx, { ...auditOrigin(call), ...of('removed', { id: call.params.id, name }) });
    }),
  resumeIncidentRule: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      if (!(await lockRule(tx, call.params.id))) throw problem('request.not_found');
      await resumeRule(tx, call.params.id);
      const after = await mustRead(tx, call.params.id);
      await recordChange(tx, { ...auditOrigin(call), ...of('resumed', after) });
      return withEtag(call.reply, after);
    }),

  checkIncidentRule: ({ actor, body }) =>
    tools.inTenant(actor, async (tx) => {
      const view = await viewIncident(tx, body.incidentId);
      if (!view) throw problem('request.not_found');
      const issues = await issuesOf(tx, body);
      const playbook = await readPlaybook(tx, { id: body.target.id }, body.target.version ?? undefined);
      const { incident } = view;
      const now = Date.now();
      const mapped = mapValues(body.inputs, { incident }, now);
      if (!mapped.ok) issues.push(...mapped.issues.map((issue) => ({ ...issue, path: `/body${issue.path}` })));
      const given = mapped.ok ? (mapped.values as JsonObject) : {};
      const tried = issues.some(({ path }) => path === '/body/condition')
        ? { holds: null }
        : tryCondition(body.condition, incident, now);
      if ('issue' in tried && tried.issue) issues.push(tried.issue);
      return {
        holds: tried.holds,
        inputs: inputsFromIncident(playbook?.definition.inputs ?? [], incident, given) as Record<string, never>,
        incident: incident as Record<string, never>,
        issues,
      };
    }),

  listIncidentStarts: ({ actor, params }) =>
    tools.inTenant(actor, async (tx) => {
      await mustHaveIncident(tx, params.id);
      return { data: await listStarts(tx, params.id) };
    }),
  startIncidentPlaybook: async ({ actor, params, body, reservedId }) => {
    const by = actorRef(actor);
    const { start, admitted } = await tools.inTenant(actor, async (tx) => {
      await mustHaveIncident(tx, params.id);
      await checkStartTarget(tx, { kind: 'playbook', id: body.playbookId, version: body.version }, []);
      const { id, isNew } = await startIncidentPlaybook(tx, {
        id: reservedId,
        incidentId: params.id,
        playbookId: body.playbookId,
        version: body.version ?? null,
        inputs: body.inputs as JsonObject,
        actor: by,
        why: '',
      });
      if (!isNew && id !== reservedId) throw problem('incident_rule.already_running');
      const row = await lockStart(tx, params.id, id);
      const begun =
        row?.status === 'due' ? await beginStart(tx, { vault: tools.vault, workspaceId: actor.workspaceId }, row) : [];
      return { start: await mustShow(tx, id), admitted: begun };
    });
    tools.startRuns(admitted);
    return start;
  },
  acceptSuggestion: async (call) => {
    const { actor, params } = call;
    const { start, admitted } = await tools.inTenant(actor, async (tx) => {
      const row = await mustLockSuggestion(tx, params);
      if (await isRunningFor(tx, params.id, row.playbookId)) throw problem('incident_rule.already_running');
      const by = actorRef(actor);
      await settle(tx, row, { status: 'due', runId: newRunId(), decidedBy: by });
      const due = await lockStart(tx, params.id, row.id);
      const begun = due
        ? await beginStart(tx, { vault: tools.vault, workspaceId: actor.workspaceId }, { ...due, actor: by })
        : [];
      return { start: await mustShow(tx, row.id), admitted: begun };
    });
    tools.startRuns(admitted);
    return start;
  },
  dismissSuggestion: ({ actor, params }) =>
    tools.inTenant(actor, async (tx) => {
      const row = await mustLockSuggestion(tx, params);
      await settle(tx, row, { status: 'dismissed', decidedBy: actorRef(actor) });
      return mustShow(tx, row.id);
    }),
}));

const of = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `incident_rule.${act}`,
  subject: `incident_rule:${id}`,
  title: name,
});

async function mustRead(tx: TenantTx, id: string): Promise<ShownIncidentRule> {
  const [rule] = await listRules(tx, id);
  if (!rule) throw problem('request.not_found');
  return rule;
}
async function mustHaveIncident(tx: TenantTx, id: string): Promise<void> {
  if (!(await hasIncident(tx, id))) throw problem('request.not_found');
}
async function mustShow(tx: TenantTx, id: string): Promise<IncidentStart> {
  const [start] = await showStarts(tx, [id]);
  if (!start) throw problem('request.not_found');
  return start;
}
async function mustLockSuggestion(tx: TenantTx, { id, startId }: { id: string; startId: string }): Promise<StartRow> {
  const row = await lockStart(tx, id, startId);
  if (!row) throw problem('request.not_found');
  if (row.status !== 'suggested') throw problem('incident_rule.suggestion_settled');
  return row;
}

/** What saving refuses. */
async function issuesOf(
  tx: TenantTx,
  { target, inputs, condition }: Pick<IncidentRule, 'target' | 'inputs' | 'condition'>,
): Promise<MappingIssue[]> {
  const expressions = Object.fromEntries(
    Object.entries(inputs).map(([name, expression]) => [`/body/inputs/${name}`, expression]),
  );
  return [
    ...(await checkStartTarget(tx, target, Object.keys(inputs))),
    ...checkExpressions({ ...expressions, ...(condition !== null && { '/body/condition': condition }) }, ['incident']),
  ];
}
async function check(tx: TenantTx, rule: IncidentRule): Promise<void> {
  const issues = await issuesOf(tx, rule);
  if (issues.length > 0)
    throw problem(
      'incident_rule.config_invalid',
      {},
      issues.map((issue) => ({ ...issue })),
    );
}

function tryCondition(
  condition: string | null,
  incident: JsonObject,
  now: number,
): { holds: boolean | null; issue?: MappingIssue } {
  try {
    return { holds: condition === null || holdsOver(condition, { incident }, now) };
  } catch (error) {
    if (!isLanguageFailure(error)) throw error;
    return { holds: null, issue: { path: '/body/condition', code: error.code, message: error.message } };
  }
}
