import { windlass } from '#contracts/kit/windlass-actor.ts';
import type { TenantTx } from '../kit/database.ts';
import { pageKeeper } from '../notifications/page-keeper.ts';
import type { DecidingRule, DueAlert } from './decide-alert.ts';

/** Whoever keeps a rule is told of its trouble once a day, and again after the rule was changed. */
const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** A rule fails: alerts pass it by, and nobody would see that it decides nothing. */
export async function tellOfRule(tx: TenantTx, ruleId: string, why: string, now: number): Promise<void> {
  const rule = await tx
    .selectFrom('alertRules')
    .select(['name', 'createdBy', 'version'])
    .where('id', '=', ruleId)
    .executeTakeFirst();
  if (!rule) return;
  await pageKeeper(tx, rule.createdBy, {
    dedupKey: `alert_rule/${ruleId}/${rule.version}/failed/${dayOf(now)}`,
    incidentId: null,
    severity: null,
    subject: `The alert rule ${rule.name} fails`,
    text: `It cannot be held against alerts that come, so the next rule decides on them. ${why}`,
    path: '/alerts?show=rules',
  });
}

/** A group raised one incident after the other until its breaker made them one. */
export async function tellOfRound(tx: TenantTx, by: DecidingRule, alert: DueAlert, now: number): Promise<void> {
  const keeper =
    by.id !== null
      ? await tx.selectFrom('alertRules').select(['name', 'createdBy']).where('id', '=', by.id).executeTakeFirst()
      : alert.sourceId !== null
        ? await tx.selectFrom('alertSources').select(['name', 'createdBy']).where('id', '=', alert.sourceId).executeTakeFirst()
        : undefined; // prettier-ignore
  const what = by.id === null ? `Alerts of ${keeper?.name ?? alert.sourceName}` : `The alert rule ${by.rule.name}`;
  await pageKeeper(tx, keeper?.createdBy ?? windlass, {
    dedupKey: `${by.key}/round/${dayOf(now)}`,
    incidentId: null,
    severity: null,
    subject: `${what} ${by.id === null ? 'go' : 'goes'} round`,
    text: `One incident after the other was raised within an hour, lastly for “${alert.title}”. What follows joins the last one. A longer grouping window, a flap delay or a silence would help.`,
    path: by.id === null ? '/alerts' : '/alerts?show=rules',
  });
}
