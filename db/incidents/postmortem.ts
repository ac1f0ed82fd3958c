import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';
import { readIncidentSettings } from './settings.ts';
import type { IncidentRow } from './tables.ts';

/** A draft holds so many lines of the story; the rest is in the story itself. */
const mostLines = 500;

/** The draft of a postmortem: the workspace's outline with the story so far in its place. */
export async function draftPostmortem(tx: TenantTx, { id, key, title }: IncidentRow): Promise<string> {
  const { postmortemOutline } = await readIncidentSettings(tx);
  const lines = await tx
    .selectFrom('incidentTimeline')
    .select(['at', 'actor', 'text'])
    .where('incidentId', '=', id)
    .orderBy('at')
    .orderBy('id')
    .limit(mostLines)
    .execute();
  const story = lines
    .map(
      ({ at, actor, text }) =>
        `- ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC · ${actor.name} · ${oneLine(text)}`,
    )
    .join('\n');
  const body = postmortemOutline.includes('{timeline}')
    ? postmortemOutline.replace('{timeline}', () => story)
    : `${postmortemOutline}\n\n${story}`;
  return `# ${key}: ${title}\n\n${body}`;
}

/** Whether somebody has written in it: until then each end of the work drafts it anew, with all that has come since. */
export async function isPostmortemWritten(tx: TenantTx, { id }: Pick<IncidentRow, 'id'>): Promise<boolean> {
  const written = await tx
    .selectFrom('incidentTimeline')
    .select('id')
    .where('incidentId', '=', id)
    .where('kind', '=', 'changed')
    .where(sql<boolean>`(details->>'postmortem')::boolean`)
    .limit(1)
    .executeTakeFirst();
  return written !== undefined;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
