import {
  type CryptoKey,
  type JSONWebKeySet,
  SignJWT,
  errors,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importJWK,
  importPKCS8,
  jwtVerify,
} from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Db } from '#db/kit/database.ts';
import { type SigningKeyRow, dropSigningKeys, listSigningKeys, replaceSigningKey } from '#db/system/signing-keys.ts';
import type { Clock } from '#system/clock.ts';
import type { Config } from '#system/config.ts';
import type { SealContext, Vault } from '#system/vault/vault.ts';
import { KeptBriefly } from './kept-briefly.ts';

const alg = 'RS256';
const typ = 'at+jwt';
const audience = 'windlass';
const dayMs = 86_400_000;
const rotateAfterMs = 30 * dayMs;
/** Longer than any access token lives: so long a retired key is still published. */
const publishMs = 2 * dayMs;
const reloadMs = 60_000;

export interface AccessClaims {
  sessionId: string;
  userId: string;
}

export interface AccessTokens {
  /** An RS256 token of a session. */
  mint(claims: AccessClaims, lifeMs: number): Promise<string>;
  /** What a token says; undefined where it is not ours, altered or expired. Its session may have ended: ask that too. */
  verify(token: string): Promise<AccessClaims | undefined>;
  /** The public keys, for `/.well-known/jwks.json`. */
  jwks(): Promise<JSONWebKeySet>;
}

interface Parts {
  system: Db;
  vault: Vault;
  config: Pick<Config, 'publicUrl' | 'host' | 'port'>;
  clock: Clock;
}
interface Signer {
  id: string;
  key: CryptoKey;
}
const Claims = z.object({ sub: z.string(), sid: z.string() });
const sealFor = (id: string): SealContext => ({ workspaceId: 'instance', purpose: 'signing', subject: id });

/** Access tokens, signed by a key pair of this installation that changes every 30 days. */
export function createAccessTokens({ system, vault, config, clock }: Parts): AccessTokens {
  const issuer = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const ring = new KeptBriefly<SigningKeyRow[]>({ clock, ms: reloadMs, most: 1 });
  const signers = new KeptBriefly<Signer>({ clock, ms: dayMs, most: 4 });
  const verifiers = new KeptBriefly<CryptoKey | undefined>({ clock, ms: dayMs, most: 20 });
  const verified = new KeptBriefly<(AccessClaims & { expiresAt: number }) | undefined>({
    clock,
    ms: 60_000,
    most: 10_000,
  });
  let reloadedAt = 0;

  const loadRing = (): Promise<SigningKeyRow[]> =>
    ring.get('all', () => listSigningKeys(system, new Date(clock.now() - publishMs)));
  const reloadRing = (): Promise<SigningKeyRow[]> => {
    ring.clear();
    return loadRing();
  };

  const makeKey = async (oldId: string | null): Promise<void> => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { modulusLength: 2048, extractable: true });
    const id = uuidv7();
    const publicJwk = { ...(await exportJWK(publicKey)), kid: id, alg, use: 'sig' };
    const sealedPrivate = await vault.seal(await exportPKCS8(privateKey), sealFor(id));
    // Where another process is quicker, its key counts and this one is forgotten.
    await replaceSigningKey(system, oldId, {
      id,
      publicJwk: publicJwk as SigningKeyRow['publicJwk'],
      sealedPrivate,
      createdAt: new Date(clock.now()),
    });
    await dropSigningKeys(system, new Date(clock.now() - publishMs));
  };

  let rotating: Promise<void> | undefined;
  const currentSigner = async (): Promise<Signer> => {
    const isFresh = (row: SigningKeyRow | undefined): boolean =>
      row !== undefined && clock.now() - row.createdAt.getTime() < rotateAfterMs;
    let current = (await loadRing()).find(({ retiredAt }) => retiredAt === null);
    if (!isFresh(current)) {
      rotating ??= makeKey(current?.id ?? null).finally(() => (rotating = undefined));
      await rotating;
      current = (await reloadRing()).find(({ retiredAt }) => retiredAt === null);
    }
    if (!current) throw new Error('There is no signing key, and none could be made.');
    const { id, sealedPrivate } = current;
    return signers.get(id, async () => ({
      id,
      key: await importPKCS8((await vault.open(sealedPrivate, sealFor(id))).reveal(), alg),
    }));
  };

  const verifierOf = (kid: string): Promise<CryptoKey | undefined> =>
    verifiers.get(kid, async () => {
      const find = (rows: SigningKeyRow[]) => rows.find(({ id }) => id === kid);
      let row = find(await loadRing());
      // Another process may have made a key since; strangers' tokens must not make us look each time.
      if (!row && clock.now() - reloadedAt > 5_000) {
        reloadedAt = clock.now();
        row = find(await reloadRing());
      }
      return row && ((await importJWK(row.publicJwk, alg)) as CryptoKey);
    });

  const check = async (token: string) => {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = kid && (await verifierOf(kid));
          if (!key) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        {
          algorithms: [alg],
          issuer,
          audience,
          typ,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp', 'iat', 'sub', 'sid'],
        },
      );
      const { sub, sid } = Claims.parse(payload);
      return { userId: sub, sessionId: sid, expiresAt: (payload.exp ?? 0) * 1_000 };
    } catch (error) {
      // A database that is away says nothing about the token: the caller is told to come again, not to sign in again.
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  };

  return {
    mint: async ({ sessionId, userId }, lifeMs) => {
      const { id, key } = await currentSigner();
      const now = Math.floor(clock.now() / 1_000);
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg, typ, kid: id })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(uuidv7())
        .setIssuedAt(now)
        .setExpirationTime(now + Math.floor(lifeMs / 1_000))
        .sign(key);
    },
    verify: async (token) => {
      if (token.length > 4_000) return undefined;
      const found = await verified.get(token, () => check(token));
      return found && found.expiresAt > clock.now() ? { userId: found.userId, sessionId: found.sessionId } : undefined;
    },
    jwks: async () => {
      await currentSigner();
      return { keys: (await loadRing()).map(({ publicJwk }) => publicJwk) };
    },
  };
}
