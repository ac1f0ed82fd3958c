import { queryRuleRoutes, type QueryRule } from '#contracts/queries/query-rules.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { createQueryRule, deleteQueryRule, listQueryRules, queryLimitsOf } from '#db/queries/query-rules.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers, room } from '../kit/room.ts';

const titleOf = ({ personName, role, connectionName, unitName, unit, folder }: QueryRule): string =>
  `${personName ?? role ?? ''} at ${folder ?? [connectionName, unitName ?? unit].filter(Boolean).join(' / ')}`;

/** Who may do what with queries where, beyond their role. */
export const queryRuleRoom = room(queryRuleRoutes, (tools): Handlers<typeof queryRuleRoutes> => ({
  listQueryRules: async ({ actor }) => ({ data: await readTenant(tools.db, actor, listQueryRules) }),
  createQueryRule: (call) => {
    const { actor, body, reservedId: id } = call;
    return tools.inTenant(actor, async (tx) => {
      const rule = await createQueryRule(tx, id, body, actorRef(actor));
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query_rule.created',
        subject: `query_rule:${id}`,
        title: titleOf(rule),
        after: { denied: rule.denied },
      });
      return rule;
    });
  },
  deleteQueryRule: (call) => {
    const { actor, params } = call;
    return tools.inTenant(actor, async (tx) => {
      const gone = await deleteQueryRule(tx, params.id, actorRef(actor));
      if (!gone) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query_rule.removed',
        subject: `query_rule:${params.id}`,
        title: titleOf(gone),
        before: { denied: gone.denied },
      });
    });
  },
  listQueryLimits: async ({ actor }) => {
    const limits = await readTenant(tools.db, actor, (tx) => queryLimitsOf(tx, actor));
    // What one may not see is not named either.
    return { data: limits.filter(({ denied }) => !denied.includes('view')) };
  },
}));
