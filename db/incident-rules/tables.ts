import type { ColumnType, Generated, Selectable } from 'kysely';
import type { Happening, RuleLimits, StartStatus } from '#contracts/incident-rules/incident-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import type { RunError } from '#contracts/runs/runs.ts';

export interface IncidentRulesTables {
  incidentRules: IncidentRulesTable;
  incidentStarts: IncidentStartsTable;
}

export interface IncidentRulesTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  happenings: Happening[];
  condition: string | null;
  playbookId: string;
  playbookVersion: number | null;
  inputs: ColumnType<Record<string, string>, string, string>;
  mode: 'suggest' | 'auto';
  limits: ColumnType<RuleLimits, string, string>;
  enabled: boolean;
  trippedAt: Date | null;
  trippedWhy: string | null;
  failures: Generated<number>;
  version: Generated<number>;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}

/** What an incident was like when something happened to it. */
export interface HappenedFacts {
  key: string;
  title: string;
  severity: string;
  state: string;
  service: string | null;
}

export interface IncidentStartsTable {
  workspaceId: Generated<string>;
  id: string;
  incidentId: string;
  ruleId: string | null;
  playbookId: string;
  playbookVersion: number | null;
  happened: Happening | null;
  facts: ColumnType<HappenedFacts | Record<string, never>, string | undefined, string>;
  /** Given or mapped; null: not yet. */
  inputs: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  status: StartStatus;
  /** Servers of the incident when it was decided. */
  hosts: Generated<string[]>;
  /** How many rules in a row led here. */
  depth: Generated<number>;
  /** Chosen before it starts, so that who asks knows it. */
  runId: string | null;
  runStatus: string | null;
  why: Generated<string>;
  error: ColumnType<RunError | null, string | null | undefined, string | null>;
  actor: ColumnType<ActorRef, string, never>;
  at: Generated<Date>;
  decidedBy: ColumnType<ActorRef | null, string | null | undefined, string | null>;
  decidedAt: Date | null;
  endedAt: Date | null;
}
export type StartRow = Selectable<IncidentStartsTable>;
