import type { ErrorCode } from '../errors.ts';
import { errors } from '../errors.ts';
import { type Role, roles as rolesByRank } from '../identity/permissions.ts';
import { fillMessage } from '../kit/error-def.ts';

/** Whoever would decide: a person, or the person who answers for an API key. */
export interface Voter {
  personId: string;
  email: string;
  /** Of that person in this workspace; null: no member. */
  role: Role | null;
}
export interface Question {
  roles: readonly string[];
  users: readonly string[];
  notStarter: boolean;
  /** The person who started the run; null where nobody did (a schedule, a webhook). */
  starterId: string | null;
}
export type MayDecide = { may: true } | { may: false; code: ErrorCode; reason: string; facts: Record<string, unknown> };

/** Ranks from owner down: asked of members, an admin may answer too. */
const isAtLeast = (role: Role, asked: string): boolean => {
  const rank = rolesByRank.findIndex((name) => name === asked);
  return rank >= 0 && rolesByRank.indexOf(role) <= rank;
};

/** Is this person among those who are asked, by role (or a higher one), by mail address or by id? */
export const isAsked = ({ roles, users }: Question, { personId, email, role }: Voter): boolean =>
  users.some((user) => user === personId || user.toLowerCase() === email.toLowerCase()) ||
  (role !== null && roles.some((asked) => isAtLeast(role, asked)));

/** Whether this person may decide, and if not, the reason as they should read it. */
export function mayDecide(question: Question, voter: Voter): MayDecide {
  const refuse = (code: ErrorCode, facts: Record<string, unknown> = {}): MayDecide => ({
    may: false,
    code,
    facts,
    reason: fillMessage(errors[code].message, facts),
  });
  if (voter.role === null || !isAsked(question, voter)) {
    return refuse('approval.not_asked_of_you', { asked: whoIsAsked(question), role: voter.role ?? 'no member here' });
  }
  if (question.notStarter && voter.personId === question.starterId) return refuse('approval.starter_refused');
  return { may: true };
}

/** `owner, admin or ana@example.com`. */
export function whoIsAsked({ roles, users }: Pick<Question, 'roles' | 'users'>): string {
  const names = [...roles, ...users];
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : (names[0] ?? 'nobody');
}
