import type { FastifyRequest } from 'fastify';
import type { KeyAnswer } from '#contracts/identity/key-answers.ts';
import type { FactorsOffered } from '#contracts/identity/key-answers.ts';
import type { SystemTx } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { type Account, tellWorkspacesOf } from '#db/system/people.ts';
import { countUse, listSecurityKeys } from '#db/system/security-keys.ts';
import { findSecondFactor } from '#db/system/second-factors.ts';
import { type Problem, problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';
import { settleAttempts } from './attempts.ts';
import { takeCode } from './codes.ts';
import { askKey, checkKey, keySite } from './key-ceremony.ts';

/** A second factor as a caller shows it. */
export interface FactorShown {
  code?: string | undefined;
  key?: KeyAnswer | undefined;
}

/** Who shows it: the account, the request, and the session it is shown in; null while they sign in. */
export interface FactorOf {
  account: Account;
  request: FastifyRequest;
  sessionId: string | null;
}

/** Why a second factor is refused. */
export type FactorRefusal = 'code_wrong' | 'key_wrong' | 'key_late' | 'key_copied';

/** The refusal that asks for a second factor, with what a security key is asked. Only for whoever has shown the password. */
async function factorNeeded(tools: ApiTools, { account, request, sessionId }: FactorOf): Promise<Problem> {
  const now = new Date(tools.auth.clock.now());
  const userId = account.id;
  const where = keySite(tools.config, request);
  const offered = await inSystem(tools.system, async (tx): Promise<FactorsOffered> => {
    const hasApp = Boolean((await findSecondFactor(tx, userId))?.confirmedAt);
    const keys = await listSecurityKeys(tx, userId);
    if ('elsewhere' in where) return { hasApp, key: null, keyAddress: keys.length > 0 ? where.elsewhere : null };
    const key = await askKey(tx, { userId, sessionId, purpose: 'prove' }, where.site, keys, now);
    return { hasApp, key, keyAddress: null };
  });
  return problem('identity.code_needed', {}, offered);
}

/**
 * Checks a code or a key's answer and uses it up.
 * @returns why it is refused; null: it is good. What was used up must stay so: the transaction is to be committed
 */
async function takeFactor(
  tx: SystemTx,
  tools: ApiTools,
  { account, request, sessionId }: FactorOf,
  { code, key: answer }: FactorShown,
): Promise<FactorRefusal | null> {
  const now = new Date(tools.auth.clock.now());
  if (!answer) return (await takeCode(tx, tools.vault, account.id, code ?? '', now)) ? null : 'code_wrong';
  const where = keySite(tools.config, request);
  if ('elsewhere' in where) return 'key_wrong';
  const keys = await listSecurityKeys(tx, account.id);
  const of = { userId: account.id, sessionId, purpose: 'prove' } as const;
  const checked = await checkKey(tx, of, where.site, keys, answer, now);
  if (checked.outcome !== 'good') return `key_${checked.outcome}`;
  const { key, signCount } = checked;
  if (await countUse(tx, key.id, signCount, now)) return null;
  await tellWorkspacesOf(tx, account.id, {
    actor: { kind: 'user', id: account.id, name: account.name },
    address: request.ip,
    requestId: request.id,
    action: 'person.security_key_suspected',
    subject: `person:${account.id}`,
    title: account.email,
    before: { name: key.name, signCount: key.signCount },
    after: { signCount },
  });
  return 'key_copied';
}

/**
 * Takes the second factor of an account that has one. The attempt that was counted for it is settled where it is good, or
 * where nothing was shown yet.
 * @returns why it is refused; null: it is good, or none is asked of this account
 * @throws Problem `identity.code_needed` where one is asked and none was shown
 */
export async function proveFactor(
  tools: ApiTools,
  of: FactorOf,
  shown: FactorShown,
  { email, address }: { email: string; address: string | null },
): Promise<FactorRefusal | null> {
  const isAsked = of.account.hasSecondFactor;
  if (isAsked && shown.code === undefined && shown.key === undefined) {
    await inSystem(tools.system, (tx) => settleAttempts(tx, email, address, false));
    throw await factorNeeded(tools, of);
  }
  return inSystem(tools.system, async (tx) => {
    const refusal = isAsked ? await takeFactor(tx, tools, of, shown) : null;
    if (!refusal) await settleAttempts(tx, email, address, true);
    return refusal;
  });
}
