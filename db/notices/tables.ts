import type { Generated } from 'kysely';

export interface NoticesTables {
  noticeMarks: NoticeMarksTable;
}

/** Up to when a person has seen their notices in this workspace. */
export interface NoticeMarksTable {
  workspaceId: Generated<string>;
  personId: string;
  seenAt: Date;
}
