import type { ColumnType, Generated } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';

/** The columns of a thing that people name and change: whoever changes it names the version it was made upon. */
export interface NamedRow {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  version: Generated<number>;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}
