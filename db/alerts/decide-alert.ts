import { type AlertRule, applyRule, type RuleHit } from '#contracts/alerts/alert-rules.ts';
import type { SourceDefaults } from '#contracts/alerts/alerts.ts';
import { openingAt, type Silence, silenceFor } from '#contracts/alerts/silences.ts';
import { parseDuration } from '#contracts/kit/duration.ts';
import { AlertRule as Rule } from '#contracts/alerts/alert-rules.ts';
import { asIncoming, type StoredAlert } from './back-test.ts';

/** An alert whose turn it is to be looked at. */
export interface DueAlert extends StoredAlert {
  id: string;
  sourceId: string | null;
  sourceKey: string;
  sourceName: string;
  links: { label: string; url: string }[];
  firedAt: Date;
  lastSeenAt: Date;
  resolvedAt: Date | null;
  endsAt: Date | null;
  outcome: string;
  ruleId: string | null;
  groupId: string | null;
  incidentId: string | null;
  isTold: boolean;
}
export type KeptRule = AlertRule & { id: string };
export type KeptSilence = Silence & { id: string };

/** The rule that decides on an alert; `id` null: its source's own defaults. */
export interface DecidingRule {
  id: string | null;
  /** Groups of different rules never mix. */
  key: string;
  rule: AlertRule;
}
export type Decision =
  | { kind: 'silenced'; silence: KeptSilence; until: number }
  | { kind: 'drop'; by: DecidingRule }
  | { kind: 'keep'; by: DecidingRule }
  | { kind: 'incident'; by: DecidingRule; hit: RuleHit; groupKey: string };
export interface Decided {
  decision: Decision;
  /** A silence that only watches. */
  watchedBy: KeptSilence | null;
  monitored: KeptRule[];
  failed: { rule: KeptRule; why: string }[];
}

/** What a source makes of its alerts where no rule says otherwise, in the shape of a rule. */
export const defaultRule = (sourceKey: string, defaults: SourceDefaults | undefined): DecidingRule => ({
  id: null,
  key: `source/${sourceKey}`,
  rule: Rule.parse({ name: 'Defaults of the source', when: 'true', ...defaults }),
});

/** What becomes of an alert that fires: silences first, then the rules in their order, then its source's defaults. */
export function decideAlert(
  alert: DueAlert,
  given: { rules: readonly KeptRule[]; silences: readonly KeptSilence[]; defaults: SourceDefaults | undefined },
  now: number,
): Decided {
  const incoming = asIncoming(alert);
  const monitored: KeptRule[] = [];
  const failed: Decided['failed'] = [];
  const silent = silenceFor(given.silences, alert.labels, now);
  const watchedBy = silent?.silence.mode === 'watch' ? silent.silence : null;
  if (silent?.silence.mode === 'suppress')
    return { decision: { kind: 'silenced', ...silent }, watchedBy, monitored, failed };

  const decide = (by: DecidingRule, hit: RuleHit): Decision => {
    if (hit.outcome !== 'incident') return { kind: hit.outcome, by };
    if (silent?.silence.mode !== 'collapse') return { kind: 'incident', by, hit, groupKey: hit.groupKey };
    // Whatever comes within the window is one incident, by whichever rule.
    const from = openingAt(silent.silence.time, now)?.from ?? 0;
    const together = { ...by, key: `silence/${silent.silence.id}` };
    return {
      kind: 'incident',
      by: together,
      hit: { ...hit, title: `${silent.silence.name}: ${hit.title}` },
      groupKey: JSON.stringify([from]),
    };
  };
  for (const rule of given.rules) {
    if (rule.mode === 'off') continue;
    const hit = applyRule(rule, incoming, alert.sourceName, now);
    if (hit === null) continue;
    if ('failed' in hit) failed.push({ rule, why: hit.failed });
    else if (rule.mode === 'monitor') monitored.push(rule);
    else return { decision: decide({ id: rule.id, key: `rule/${rule.id}`, rule }, hit), watchedBy, monitored, failed };
  }
  const by = defaultRule(alert.sourceKey, given.defaults);
  const hit = applyRule(by.rule, incoming, alert.sourceName, now);
  if (hit === null || 'failed' in hit) throw new Error('The defaults of a source are held against every alert.');
  return { decision: decide(by, hit), watchedBy, monitored, failed };
}

export const windowMsOf = (rule: AlertRule): number => parseDuration(rule.groupingWindow) ?? 3_600_000;
export const flapMsOf = (rule: AlertRule | undefined): number => (rule && parseDuration(rule.flapDelay)) ?? 0;
