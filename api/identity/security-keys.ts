import type { SecurityKey } from '#contracts/identity/key-answers.ts';
import { securityKeyRoutes } from '#contracts/identity/security-keys.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { beginSecondFactor, endSecondFactor } from '#db/system/second-factors.ts';
import { type SecurityKeyRow, addSecurityKey, listSecurityKeys, removeSecurityKey } from '#db/system/security-keys.ts';
import { markSecondFactor } from '#db/system/sessions.ts';
import { problem } from '../kit/problem.ts';
import { type Room, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { newRecoveryCodes } from './codes.ts';
import { type KeySite, keySite, offerKey, readNewKey } from './key-ceremony.ts';
import { type PersonCall, personOf, stepUp, tellFactorTurned, tellOfPerson } from './step-up.ts';

export const showSecurityKey = ({ id, name, site, createdAt, lastUsedAt }: SecurityKeyRow): SecurityKey => ({
  id,
  name,
  site,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

function siteHere(tools: ApiTools, { request }: PersonCall): KeySite {
  const where = keySite(tools.config, request);
  if ('elsewhere' in where) throw problem('identity.key_address', { address: where.elsewhere });
  return where.site;
}

/** A person's security keys: their second factor, beside the codes of an app. */
export const securityKeyRoom: Room = room(securityKeyRoutes, (tools) => {
  const { auth, system } = tools;
  const now = (): Date => new Date(auth.clock.now());
  const forAdding = (call: PersonCall) => {
    const { userId, sessionId } = personOf(call);
    return { userId, sessionId, purpose: 'add' } as const;
  };

  return {
    offerSecurityKey: async (call) => {
      const site = siteHere(tools, call);
      const person = await stepUp(tools, call, call.body);
      return inSystem(system, async (tx) => {
        const keys = await listSecurityKeys(tx, person.id);
        return offerKey(tx, forAdding(call), site, { person, keys }, now());
      });
    },

    addSecurityKey: async (call) => {
      const { userId, sessionId } = personOf(call);
      const site = siteHere(tools, call);
      // A transaction of its own: what was asked is used up, whatever comes of the answer.
      const read = await inSystem(system, (tx) => readNewKey(tx, forAdding(call), site, call.body, now()));
      if (read.outcome !== 'good') throw problem(`identity.key_${read.outcome}`);
      const { codes, hashes } = newRecoveryCodes();
      const { key, isFirst } = await inSystem(system, async (tx) => {
        const isFirstFactor = await beginSecondFactor(tx, userId, hashes);
        const added = await addSecurityKey(tx, { ...read.made, userId, name: call.body.name, now: now() });
        await markSecondFactor(tx, sessionId, now());
        await tellOfPerson(tx, call, 'person.security_key_added', { after: { name: added.name, site: added.site } });
        if (isFirstFactor) await tellFactorTurned(tx, call, true, { after: { by: 'security key' } });
        return { key: added, isFirst: isFirstFactor };
      });
      auth.invalidate({ type: 'person.changed' });
      return { securityKey: showSecurityKey(key), recoveryCodes: isFirst ? codes : [] };
    },

    removeSecurityKey: async (call) => {
      const { userId } = personOf(call);
      const { id } = call.params;
      const keys = await inSystem(system, (tx) => listSecurityKeys(tx, userId));
      if (!keys.some((key) => key.id === id)) throw problem('request.not_found');
      await stepUp(tools, call, call.body);
      await inSystem(system, async (tx) => {
        const removed = await removeSecurityKey(tx, userId, id);
        if (!removed) throw problem('request.not_found');
        await tellOfPerson(tx, call, 'person.security_key_removed', { before: { name: removed.name } });
        if (await endSecondFactor(tx, userId)) await tellFactorTurned(tx, call, false);
      });
      auth.invalidate({ type: 'person.changed' });
    },
  };
});
