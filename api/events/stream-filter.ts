import { z } from 'zod';
import { eventPermission, typeFilter } from '#contracts/events/event-types.ts';
import type { Actor } from '../kit/actor.ts';

/** Of what rules hide from somebody: see migration 0019. */
const Places = z.object({ places: z.array(z.string()) });

export interface StreamQuery {
  types?: string | undefined;
  subject?: string | undefined;
  run?: string | undefined;
}

/** Whether a subscriber may see an event and asked for it. */
export function streamFilter(actor: Pick<Actor, 'permissions' | 'hidden'> & { id?: string }, query: StreamQuery) {
  const places = actor.hidden ? Places.safeParse(JSON.parse(actor.hidden)).data?.places : undefined;
  const hidden = places && new Set(places);
  const wanted = typeFilter(query.types);
  const allowed = new Map<string, boolean>();
  const mayRead = (type: string): boolean => {
    let may = allowed.get(type);
    if (may === undefined) {
      const permission = eventPermission(type);
      may = permission !== undefined && actor.permissions.has(permission);
      allowed.set(type, may);
    }
    return may;
  };
  const isHidden = (subject: string | null, data: Readonly<Record<string, unknown>> | undefined): boolean =>
    hidden !== undefined &&
    (hidden.has(String(data?.['connectionId'])) ||
      (subject?.startsWith('connection:') === true && hidden.has(subject.slice('connection:'.length))));
  return ({
    type,
    subject,
    runId,
    data,
  }: {
    type: string;
    subject: string | null;
    runId: string | null;
    data?: Readonly<Record<string, unknown>>;
  }): boolean =>
    mayRead(type) &&
    !isHidden(subject, data) &&
    // A person's tabs are theirs alone.
    (type !== 'query_tab.changed' || subject === `person:${actor.id}`) &&
    (wanted?.(type) ?? true) &&
    (query.subject === undefined || subject === query.subject) &&
    (query.run === undefined || runId === query.run);
}

/** Events after which somebody's streams must end: their session, key or membership is over. */
export function endsStreamOf(
  actor: Pick<Actor, 'kind' | 'id' | 'sessionId'>,
  event: { type: string; subject: string | null; data: Record<string, unknown> },
): boolean {
  if (event.type === 'session.ended') return actor.sessionId !== null && event.data['sessionId'] === actor.sessionId;
  if (event.type === 'key.changed')
    return actor.kind === 'key' && event.subject === `key:${actor.id}` && event.data['isRevoked'] === true;
  if (event.type === 'member.changed')
    return actor.kind === 'user' && event.data['userId'] === actor.id && event.data['change'] !== 'added';
  return false;
}
