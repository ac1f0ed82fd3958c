import { alertRuleRoutes, type ShownAlertRule } from '#contracts/alerts/alert-rule-routes.ts';
import { type AlertRule, checkRule } from '#contracts/alerts/alert-rules.ts';
import type { MappingIssue } from '#contracts/hooks/map-values.ts';
import { recordChange } from '#db/audit/record-change.ts';
import {
  deleteAlertRule,
  insertAlertRule,
  listAlertRules,
  orderAlertRules,
  unknownInRule,
  updateAlertRule,
} from '#db/alerts/alert-rules.ts';
import { backTest } from '#db/alerts/back-test.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';

/** What becomes of alerts. */
export const alertRuleRoom = room(alertRuleRoutes, (tools) => ({
  listAlertRules: ({ actor }) => tools.inTenant(actor, async (tx) => ({ data: await listAlertRules(tx) })),
  createAlertRule: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await refuseIssues(tx, body);
      await insertAlertRule(tx, id, body, actorRef(actor));
      const made = await mustRead(tx, id);
      await recordChange(tx, { ...auditOrigin(call), ...of('created', made), after: body });
      return withEtag(reply, made);
    });
  },
  changeAlertRule: (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(actor, async (tx) => {
      const before = await mustRead(tx, params.id, { lock: true });
      if (expected !== undefined && expected !== before.version) throw problem('request.stale');
      await refuseIssues(tx, body);
      await updateAlertRule(tx, params.id, body);
      const after = await mustRead(tx, params.id);
      await recordChange(tx, { ...auditOrigin(call), ...of('changed', after), before: auditOf(before), after: body });
      return withEtag(reply, after);
    });
  },
  deleteAlertRule: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const name = await deleteAlertRule(tx, call.params.id);
      if (name === undefined) throw problem('request.not_found');
      await recordChange(tx, { ...auditOrigin(call), ...of('removed', { id: call.params.id, name }) });
    }),
  orderAlertRules: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      await orderAlertRules(tx, call.body.ids);
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'alert_rule.ordered',
        subject: 'alert_rules',
        title: 'Alert rules',
        after: { ids: call.body.ids },
      });
      return { data: await listAlertRules(tx) };
    }),
  checkAlertRule: ({ actor, body }) => tools.inTenant(actor, async (tx) => ({ issues: await issuesOf(tx, body) })),
  testAlertRule: ({ actor, body }) =>
    tools.inTenant(actor, async (tx) => {
      await refuseIssues(tx, body.rule);
      return backTest(tx, body.rule, body.days, Date.now());
    }),
}));

const of = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `alert_rule.${act}`,
  subject: `alert_rule:${id}`,
  title: name,
});
const auditOf = ({
  id: _id, position: _position, counters: _counters, lastFailure: _failure, lastHitAt: _hit, version: _version,
  createdBy: _by, createdAt: _made, updatedAt: _changed, ...rule
}: ShownAlertRule) => rule; // prettier-ignore

async function mustRead(tx: TenantTx, id: string, options?: { lock: boolean }): Promise<ShownAlertRule> {
  const [rule] = await listAlertRules(tx, id, options);
  if (!rule) throw problem('request.not_found');
  return rule;
}

const issuesOf = async (tx: TenantTx, rule: AlertRule): Promise<MappingIssue[]> => [
  ...checkRule(rule),
  ...(await unknownInRule(tx, rule)),
];
async function refuseIssues(tx: TenantTx, rule: AlertRule): Promise<void> {
  const issues = await issuesOf(tx, rule);
  if (issues.length > 0)
    throw problem(
      'alert_rule.invalid',
      {},
      issues.map((issue) => ({ ...issue, path: `/body/${issue.path}` })),
    );
}
