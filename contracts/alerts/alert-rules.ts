import { z } from 'zod';
import { checkExpressions, evaluateOver, holdsOver, type MappingIssue } from '../hooks/map-values.ts';
import { DurationText, Id, Name } from '../kit/schemas.ts';
import { isLanguageFailure } from '../playbooks/expressions/failure.ts';
import type { JsonObject } from '../playbooks/document.ts';
import type { IncomingAlert } from './incoming-alert.ts';
import { AlertSeverity, severityOfWord } from './severity.ts';

const Cel = z.string().min(1).max(4_000);

/** How urgent an incident is, the worst first. */
export const incidentSeverities = ['sev1', 'sev2', 'sev3', 'sev4'] as const;
export const IncidentSeverity = z.enum(incidentSeverities);
export type IncidentSeverity = z.infer<typeof IncidentSeverity>;

/** The urgency of an incident by the severity of its alert, where no rule says otherwise. */
export const urgencyOf: Readonly<Record<AlertSeverity, IncidentSeverity>> = {
  critical: 'sev1',
  high: 'sev2',
  warning: 'sev3',
  info: 'sev4',
  debug: 'sev4',
};

/** So many playbooks one rule begins or suggests. */
export const mostRulePlaybooks = 10;

/** What becomes of alerts that meet a condition. Rules are gone through in order; the first that holds decides. */
export const AlertRule = z.object({
  name: Name,
  /** CEL over `alert` (`source`, `status`, `severity`, `title`, `description`, `labels`, `key`). */
  when: Cel,
  /** `monitor`: what it would do is written down and nothing is done. */
  mode: z.enum(['on', 'monitor', 'off']).default('on'),
  /** `incident`: raises one or joins it; `keep`: shown among alerts; `drop`: counted, nothing more. */
  outcome: z.enum(['incident', 'keep', 'drop']).default('incident'),
  /** CEL that gives `sev1` … `sev4` or a word for a severity; none: by the alert's own. */
  severity: Cel.nullable().default(null),
  /** CEL that gives a service's name. */
  service: Cel.nullable().default(null),
  /** CEL that gives the title of the incident. */
  title: Cel.nullable().default(null),
  assigneeId: Id.nullable().default(null),
  escalationPolicyId: Id.nullable().default(null),
  /** Started once for an incident, with it as input. */
  playbooks: z
    .array(z.object({ playbookId: Id, mode: z.enum(['auto', 'suggest']).default('suggest') }))
    .max(mostRulePlaybooks)
    .default([]),
  /** Alerts that agree in these labels belong to one incident; empty: the sender's own group, else each alert by itself. */
  groupBy: z.array(z.string().min(1).max(200)).max(10).default([]),
  /** For how long after the last alert another one of the group still joins. */
  groupingWindow: DurationText.default('1h'),
  /** How many alerts within the window it takes before an incident is raised. */
  threshold: z.int().min(1).max(10_000).default(1),
  /** A resolved alert that fires again within this time counts as one that never stopped. */
  flapDelay: DurationText.default('0s'),
  /** Whether the incident is resolved once all its alerts are. */
  autoResolve: z.boolean().default(true),
});
export type AlertRule = z.infer<typeof AlertRule>;

const ruleNames = ['alert'] as const;

/** What saving a rule refuses, all at once, by field. */
export function checkRule({ when, severity, service, title }: AlertRule): MappingIssue[] {
  const given = { when, ...(severity && { severity }), ...(service && { service }), ...(title && { title }) };
  return checkExpressions(given, ruleNames);
}

/** What a rule makes of an alert. */
export interface RuleHit {
  outcome: AlertRule['outcome'];
  severity: IncidentSeverity;
  service: string | null;
  title: string;
  /** Alerts with the same key join one incident. */
  groupKey: string;
}

/** What CEL sees of an alert. */
const namesOf = (alert: IncomingAlert, source: string): JsonObject => ({
  alert: {
    source,
    status: alert.status,
    severity: alert.severity,
    title: alert.title,
    description: alert.description,
    labels: alert.labels,
    key: alert.key,
  },
});

function urgencyOfWord(word: string): IncidentSeverity | null {
  const plain = word.trim().toLowerCase();
  const known = incidentSeverities.find((severity) => severity === plain);
  if (known) return known;
  const severity = severityOfWord(plain);
  return severity && urgencyOf[severity];
}

/** The key under which alerts of a rule come together. */
export function groupKeyOf({ groupBy }: Pick<AlertRule, 'groupBy'>, alert: IncomingAlert, source: string): string {
  if (groupBy.length > 0) return JSON.stringify(groupBy.map((label) => [label, alert.labels[label] ?? '']));
  return JSON.stringify([source, alert.groupKey ?? alert.key]);
}

/**
 * Holds an alert against a rule.
 * @returns what the rule makes of it; null where it does not hold; a sentence where its expressions fail on this alert,
 * so that whoever wrote it is told, and the alert goes on to the next rule
 */
export function applyRule(
  rule: AlertRule,
  alert: IncomingAlert,
  source: string,
  nowMs: number,
): RuleHit | null | { failed: string } {
  try {
    return hitOf(rule, alert, source, nowMs);
  } catch (error) {
    if (!isLanguageFailure(error)) throw error;
    // As in silences, a label that is not there is empty. Only where the rule has tripped over it, though: `in` and
    // `has` are still told the truth.
    const missing = labelsNamedBy(rule).filter((label) => !Object.hasOwn(alert.labels, label));
    if (missing.length === 0) return { failed: error.message };
    const blank = Object.fromEntries(missing.map((label) => [label, '']));
    try {
      return hitOf(rule, { ...alert, labels: { ...blank, ...alert.labels } }, source, nowMs);
    } catch (again) {
      if (!isLanguageFailure(again)) throw again;
      return { failed: again.message };
    }
  }
}

/** Labels that a rule's expressions name: `alert.labels.team`, `alert.labels["team"]`. */
const labelsNamedBy = ({ when, severity, service, title }: AlertRule): string[] =>
  [when, severity, service, title].flatMap((expression) =>
    [...(expression ?? '').matchAll(/\blabels(?:\.(\w+)|\[\s*(?:"([^"]+)"|'([^']+)')\s*\])/g)].map(
      ([, plain, double, single]) => plain ?? double ?? single ?? '',
    ),
  );

function hitOf(rule: AlertRule, alert: IncomingAlert, source: string, nowMs: number): RuleHit | null {
  const names = namesOf(alert, source);
  if (!holdsOver(rule.when, names, nowMs)) return null;
  const text = (expression: string | null): string => {
    const value = expression === null ? null : evaluateOver(expression, names, nowMs);
    return typeof value === 'string' ? value.trim() : '';
  };
  return {
    outcome: rule.outcome,
    severity: urgencyOfWord(text(rule.severity)) ?? urgencyOf[alert.severity],
    service: text(rule.service) || null,
    title: text(rule.title) || alert.title,
    groupKey: groupKeyOf(rule, alert, source),
  };
}
