import type { ColumnType, Generated } from 'kysely';
import type { BusinessCalendar } from '#contracts/incidents/business-calendar.ts';
import type { ClockKind } from '#contracts/incidents/sla-clock.ts';
import type { SlaPolicy } from '#contracts/incidents/sla-policy.ts';
import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { NamedRow } from '../kit/named-row.ts';

export interface SlaTables {
  slaCalendars: SlaCalendarsTable;
  slaPolicies: SlaPoliciesTable;
  incidentClockEnds: IncidentClockEndsTable;
}

export interface SlaCalendarsTable extends NamedRow {
  /** All but its name. */
  calendar: ColumnType<Omit<BusinessCalendar, 'name'>, string, string>;
}
export interface SlaPoliciesTable extends NamedRow {
  /** All but its name and calendar. */
  policy: ColumnType<Omit<SlaPolicy, 'name' | 'calendarId'>, string, string>;
  calendarId: string | null;
}

/** A clock that has been met, for reports: written when it ends, and again after an edit. */
export interface IncidentClockEndsTable {
  workspaceId: Generated<string>;
  incidentId: string;
  kind: ClockKind;
  severity: IncidentSeverity;
  service: string | null;
  policyId: string | null;
  targetMs: number;
  usedMs: number;
  openedAt: Date;
  endedAt: Date;
  /** What was promised was kept. */
  isKept: boolean;
  computedAt: Generated<Date>;
}
