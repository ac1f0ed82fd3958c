import { eventPermission, typeFilter } from '#contracts/events/event-types.ts';
import { looksAfter } from '#contracts/identity/permissions.ts';
import type { Actor } from '../kit/actor.ts';

export interface StreamQuery {
  types?: string | undefined;
  subject?: string | undefined;
  run?: string | undefined;
}

/** Whether a subscriber may see an event of this kind and asked for it. What rules and units hide is `sight.ts`'. */
export function streamFilter(actor: Pick<Actor, 'permissions'> & { id?: string }, query: StreamQuery) {
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
    // A person's tabs are theirs alone.
    (type !== 'query_tab.changed' || subject === `person:${actor.id}`) &&
    // What is private is told to its owner.
    (data?.['onlyFor'] === undefined || data['onlyFor'] === actor.id) &&
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

/**
 * Events after which somebody may see less, or more: their streams begin anew. Owners and administrators see all. A key sees
 * what the person sees who answers for it.
 */
export const changesSightOf = (
  { role, ownerId }: Pick<Actor, 'role' | 'ownerId'>,
  { type, data }: { type: string; data: Readonly<Record<string, unknown>> },
): boolean =>
  (type === 'query_rule.changed' && !looksAfter(role)) ||
  (type === 'member.changed' && ownerId !== undefined && data['userId'] === ownerId && data['change'] !== 'added');
