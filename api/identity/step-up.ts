import type { FastifyRequest } from 'fastify';
import type { SystemTx } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { type Account, findAccount, tellWorkspacesOf } from '#db/system/people.ts';
import type { NewEvent } from '#db/events/append-event.ts';
import type { Person } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';
import { holdAttempts } from './attempts.ts';
import { type FactorShown, proveFactor } from './factors.ts';
import { isPassword } from './passwords.ts';
import { originOf } from './sign-in.ts';

/** What a call to a `signed-in` route tells of its caller. */
export interface PersonCall {
  person: Person | null;
  request: FastifyRequest;
}

/** The person of a call to a `signed-in` route. */
export function personOf({ person }: Pick<PersonCall, 'person'>): Person {
  if (!person) throw problem('identity.person_needed');
  return person;
}

/** Checks again who it is before what a thief of a session would do first; throttled as sign-in is. */
export async function stepUp(
  tools: ApiTools,
  call: PersonCall,
  { password, ...shown }: FactorShown & { password?: string },
): Promise<Account> {
  const { userId, email, sessionId } = personOf(call);
  await holdAttempts(tools, email, null);
  const account = await inSystem(tools.system, (tx) => findAccount(tx, userId));
  if (!account) throw problem('identity.session_ended');
  if (password !== undefined && !(await isPassword(account.passwordHash, password)))
    throw problem('identity.password_wrong');
  const of = { account, request: call.request, sessionId };
  const refusal = await proveFactor(tools, of, shown, { email, address: null });
  if (refusal) throw problem(`identity.${refusal}`);
  return account;
}

/** Tells the workspaces of the caller what they did to their own account. */
export function tellOfPerson(
  tx: SystemTx,
  call: PersonCall,
  action: string,
  change: { before?: unknown; after?: unknown } = {},
  event?: NewEvent,
): Promise<void> {
  const { userId: id, name, email } = personOf(call);
  const entry = { ...originOf(call.request, { id, name }), action, subject: `person:${id}`, title: email, ...change };
  return tellWorkspacesOf(tx, id, entry, event);
}

/** Tells that the caller has a second factor from here, or none any more: lists of members show it. */
export function tellFactorTurned(tx: SystemTx, call: PersonCall, isOn: boolean, change: object = {}): Promise<void> {
  const { userId } = personOf(call);
  return tellOfPerson(tx, call, isOn ? 'person.second_factor_on' : 'person.second_factor_off', change, {
    type: 'member.changed',
    subject: `member:${userId}`,
    // `added` ends nobody's streams: what they may see is as before.
    data: { userId, change: 'added', hasSecondFactor: isOn },
  });
}
