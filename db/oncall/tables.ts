import type { ColumnType, Generated } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { EscalationPolicy } from '#contracts/oncall/escalation.ts';
import type { RotationLayer } from '#contracts/oncall/rotations.ts';

export interface OnCallTables {
  oncallSchedules: OnCallSchedulesTable;
  oncallOverrides: OnCallOverridesTable;
  oncallFeeds: OnCallFeedsTable;
  escalationPolicies: EscalationPoliciesTable;
}

interface Versioned {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  version: Generated<number>;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}
export interface OnCallSchedulesTable extends Versioned {
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
export interface EscalationPoliciesTable extends Versioned {
  /** All but its name. */
  policy: ColumnType<Omit<EscalationPolicy, 'name'>, string, string>;
}
