import type { ColumnType, Generated } from 'kysely';
import type { Impact, Phase, StatusPageSettings } from '#contracts/status-page/status-page.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';

export interface StatusPageTables {
  statusPages: StatusPagesTable;
  statusUpdates: StatusUpdatesTable;
}
export interface StatusPagesTable {
  workspaceId: Generated<string>;
  slug: string;
  isOn: boolean;
  title: string;
  intro: string;
  services: ColumnType<StatusPageSettings['services'], string, string>;
  version: Generated<number>;
  updatedAt: Generated<Date>;
}
export interface StatusUpdatesTable {
  workspaceId: Generated<string>;
  id: string;
  incidentId: string;
  title: string;
  phase: Phase;
  impact: Impact;
  services: string[];
  text: string;
  publishedBy: ColumnType<ActorRef, string, never>;
  publishedAt: Generated<Date>;
}
