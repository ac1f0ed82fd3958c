import type { ColumnType, Generated } from 'kysely';
import type { AlertRule } from '#contracts/alerts/alert-rules.ts';
import type { AlertFormat, AlertOutcome, AlertStatus, SourceDefaults } from '#contracts/alerts/alerts.ts';
import type { AlertMapping } from '#contracts/alerts/formats/generic.ts';
import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import type { Silence } from '#contracts/alerts/silences.ts';
import type { NamedRow } from '../kit/named-row.ts';

export interface AlertsTables {
  alertSources: AlertSourcesTable;
  alertSourceTokens: AlertSourceTokensTable;
  alerts: AlertsTable;
  alertHours: AlertHoursTable;
  alertGroups: AlertGroupsTable;
  alertRules: AlertRulesTable;
  silences: SilencesTable;
  alertMarks: AlertMarksTable;
}

export interface AlertSourcesTable extends NamedRow {
  format: AlertFormat;
  mapping: ColumnType<AlertMapping | null, string | null, string | null>;
  defaults: ColumnType<SourceDefaults, string, string>;
  enabled: boolean;
  /** Requests a minute. */
  rateLimit: number;
  /** How long it may say nothing; null: as long as it likes. */
  heartbeatMs: number | null;
  /** It has said nothing for longer than that, and an alert tells of it. */
  isQuiet: Generated<boolean>;
  requests: Generated<number>;
  accepted: Generated<number>;
  refused: Generated<number>;
  limited: Generated<number>;
  leftOut: Generated<number>;
  lastReceivedAt: Date | null;
  lastRefusedAt: Date | null;
  lastRefusal: string | null;
}
export interface AlertSourceTokensTable {
  workspaceId: Generated<string>;
  id: string;
  sourceId: string;
  tokenHash: string;
  hint: string;
  createdAt: Generated<Date>;
  lastUsedAt: Date | null;
}
export interface AlertsTable {
  workspaceId: Generated<string>;
  id: string;
  sourceId: string | null;
  /** What the fingerprint is unique within: the source's id, or the name of what raises alerts in the house. */
  sourceKey: string;
  sourceName: string;
  fingerprint: string;
  key: string;
  groupKey: string | null;
  status: AlertStatus;
  /** OpenTelemetry's number. */
  severity: number;
  title: string;
  description: string;
  labels: ColumnType<Record<string, string>, string, string>;
  links: ColumnType<IncomingAlert['links'], string, string>;
  /** As it came last, cut to its cap. */
  payload: string | null;
  /** How often it was reported firing. */
  count: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** Since when it fires this time. */
  firedAt: Date;
  resolvedAt: Date | null;
  startsAt: Date | null;
  endsAt: Date | null;
  outcome: AlertOutcome;
  ruleId: string | null;
  groupId: string | null;
  incidentId: string | null;
  silenceId: string | null;
  /** Names of rules in monitor mode that would have decided. */
  monitored: ColumnType<string[], string, string>;
  /** Whether its incident knows that it fires; false once its end was told. */
  isTold: boolean;
  /** When it is to be looked at; null: when something changes. */
  lookAt: Date | null;
}
export interface AlertHoursTable {
  workspaceId: Generated<string>;
  alertId: string;
  hour: Date;
  count: number;
}
export interface AlertGroupsTable {
  workspaceId: Generated<string>;
  id: string;
  ruleKey: string;
  keyHash: string;
  key: string;
  incidentId: string | null;
  /** How many incidents it has raised, the last one when, and those of the last hour. */
  raised: Generated<number>;
  raisedAt: Date | null;
  raisedBefore: Generated<Date[]>;
  lastAlertAt: Date;
}
export interface AlertRulesTable extends NamedRow {
  position: number;
  rule: ColumnType<Omit<AlertRule, 'name'>, string, string>;
  hits: Generated<number>;
  raised: Generated<number>;
  kept: Generated<number>;
  dropped: Generated<number>;
  monitored: Generated<number>;
  failed: Generated<number>;
  lastFailure: string | null;
  lastHitAt: Date | null;
}
export interface SilencesTable extends NamedRow {
  silence: ColumnType<Omit<Silence, 'name'>, string, string>;
  /** Of a single window its end; null: it comes again. */
  endsAt: Date | null;
  silenced: Generated<number>;
}
export interface AlertMarksTable {
  workspaceId: Generated<string>;
  id: string;
  sourceId: string | null;
  sourceName: string;
  title: string;
  at: Date;
  labels: ColumnType<Record<string, string>, string, string>;
  links: ColumnType<IncomingAlert['links'], string, string>;
}
