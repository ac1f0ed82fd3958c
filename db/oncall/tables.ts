import type { ColumnType, Generated } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { EscalationPolicy } from '#contracts/oncall/escalation.ts';
import type { RotationLayer } from '#contracts/oncall/rotations.ts';
import type { NamedRow } from '../kit/named-row.ts';

export interface OnCallTables {
  oncallSchedules: OnCallSchedulesTable;
  oncallOverrides: OnCallOverridesTable;
  oncallFeeds: OnCallFeedsTable;
  escalationPolicies: EscalationPoliciesTable;
}

export interface OnCallSchedulesTable extends NamedRow {
  description: string;
  timeZone: string;
  layers: ColumnType<RotationLayer[], string, string>;
}
export interface OnCallOverridesTable {
  workspaceId: Generated<string>;
  id: string;
  scheduleId: string;
  fromAt: Date;
  toAt: Date;
  personId: string | null;
  /** Of the other override of a swap too. */
  swapId: string | null;
  reason: string;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
}
export interface OnCallFeedsTable {
  workspaceId: Generated<string>;
  scheduleId: string;
  tokenHash: string;
  /** The last characters, so that people can tell two apart. */
  hint: string;
  createdAt: Generated<Date>;
}
export interface EscalationPoliciesTable extends NamedRow {
  /** All but its name. */
  policy: ColumnType<Omit<EscalationPolicy, 'name'>, string, string>;
}
