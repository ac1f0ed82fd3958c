import { isIP } from 'node:net';
import type { VerifiedRegistrationResponse } from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import {
  keyAnswerMs,
  type KeyAnswer,
  type KeyChallenge,
  type NewSecurityKey,
} from '#contracts/identity/key-answers.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { SystemTx } from '#db/kit/database.ts';
import { type ChallengeOf, type SecurityKeyRow, keepChallenge, takeChallenge } from '#db/system/security-keys.ts';
import type { Config } from '#system/config.ts';
import { isLoopback } from '../kit/request-guard.ts';

// Few people have a key, and reading certificates is a large library: it is loaded when the first key is asked.
const library = () => import('@simplewebauthn/server');

/** Where keys work: the site's name that a key is bound to, and the origin of our pages there. */
export interface KeySite {
  readonly name: string;
  readonly origin: string;
}

const siteOf = (url: URL): KeySite | undefined => {
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost');
  // Browsers bind keys to names, never to addresses, and outside this machine to encrypted pages alone.
  const isFit = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 && (url.protocol === 'https:' || isLocal);
  return isFit ? { name: url.hostname, origin: url.origin } : undefined;
};

/**
 * The site of keys: the public address; without one, `localhost` where we listen on this machine alone.
 * @returns the site, or in words where keys work, if not on the page that asks
 */
export function keySite(
  { publicUrl, host }: Pick<Config, 'publicUrl' | 'host'>,
  request: Pick<FastifyRequest, 'protocol' | 'host' | 'headers'>,
): { site: KeySite } | { elsewhere: string } {
  const asked = URL.canParse(`${request.protocol}://${request.host}`)
    ? new URL(`${request.protocol}://${request.host}`)
    : undefined;
  const listensLocally = isLoopback(host.replace(/^\[|\]$/g, ''));
  const site =
    (publicUrl === undefined ? undefined : siteOf(new URL(publicUrl))) ??
    (listensLocally && asked && isLoopback(asked.hostname) ? siteOf(asked) : undefined);
  const page = request.headers.origin;
  if (site) return page === undefined || page === site.origin ? { site } : { elsewhere: site.origin };
  if (!listensLocally || !asked) return { elsewhere: 'the https address that WINDLASS_PUBLIC_URL names' };
  return { elsewhere: `http://localhost${asked.port && `:${asked.port}`}` };
}

/** EdDSA, ES256 and RS256: what every runtime of ours checks, so that no key depends on which one took it. */
const algorithms = [-8, -7, -257];

/** Asks a key of this person at this site; null where they have none that answers here. */
export async function askKey(
  tx: SystemTx,
  of: ChallengeOf,
  site: KeySite,
  keys: readonly SecurityKeyRow[],
  now: Date,
): Promise<KeyChallenge | null> {
  const here = keys.filter((key) => key.site === site.name);
  if (here.length === 0) return null;
  const { generateAuthenticationOptions } = await library();
  const options = await generateAuthenticationOptions({
    rpID: site.name,
    allowCredentials: here.map(({ credentialId: id, transports }) => ({ id, transports })),
    timeout: keyAnswerMs,
    // The password has said who it is; the key says that they hold it.
    userVerification: 'discouraged',
  });
  return { ticket: await keepChallenge(tx, of, options.challenge, now), options: plain(options) };
}

/** What became of a key's answer; `copied`: its count went back, so there are two of it. */
export type KeyCheck = { outcome: 'good'; key: SecurityKeyRow; signCount: number } | { outcome: 'wrong' | 'late' };

/** Checks a key's answer, whose challenge is used up by it. Its count is still to be held against the last one. */
export async function checkKey(
  tx: SystemTx,
  of: ChallengeOf,
  site: KeySite,
  keys: readonly SecurityKeyRow[],
  { ticket, response }: KeyAnswer,
  now: Date,
): Promise<KeyCheck> {
  const challenge = await takeChallenge(tx, ticket, of, now);
  if (challenge === undefined) return { outcome: 'late' };
  const key = keys.find(({ credentialId }) => credentialId === response.id);
  if (!key || key.site !== site.name) return { outcome: 'wrong' };
  const { verifyAuthenticationResponse } = await library();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        ...response,
        authenticatorAttachment: undefined,
        response: { ...response.response, userHandle: response.response.userHandle ?? undefined },
      },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.name,
      requireUserVerification: false,
      // 0: the library would look at the count before the signature, so that anybody could make a key look copied.
      credential: { id: key.credentialId, publicKey: Buffer.from(key.publicKey, 'base64url'), counter: 0 },
    });
    return verified ? { outcome: 'good', key, signCount: authenticationInfo.newCounter } : { outcome: 'wrong' };
  } catch {
    // It throws for whatever is not as it must be: challenge, origin, site, flags, a broken encoding.
    return { outcome: 'wrong' };
  }
}

/** What the browser asks a key that is to be added; those a person has already are left out. */
export async function offerKey(
  tx: SystemTx,
  of: ChallengeOf,
  site: KeySite,
  { person, keys }: { person: { email: string; name: string }; keys: readonly SecurityKeyRow[] },
  now: Date,
): Promise<KeyChallenge> {
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    rpName: 'Windlass',
    rpID: site.name,
    userName: person.email,
    userDisplayName: person.name,
    userID: new TextEncoder().encode(of.userId),
    timeout: keyAnswerMs,
    attestationType: 'none',
    excludeCredentials: keys.map(({ credentialId: id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'discouraged' },
    supportedAlgorithmIDs: algorithms,
  });
  return { ticket: await keepChallenge(tx, of, options.challenge, now), options: plain(options) };
}

/** Reads a new key's answer, whose challenge is used up by it. */
export async function readNewKey(
  tx: SystemTx,
  of: ChallengeOf,
  site: KeySite,
  { ticket, response }: Pick<NewSecurityKey, 'ticket' | 'response'>,
  now: Date,
): Promise<
  | { outcome: 'good'; made: Pick<SecurityKeyRow, 'credentialId' | 'publicKey' | 'signCount' | 'transports' | 'site'> }
  | { outcome: 'wrong' | 'late' }
> {
  const challenge = await takeChallenge(tx, ticket, of, now);
  if (challenge === undefined) return { outcome: 'late' };
  const { verifyRegistrationResponse } = await library();
  let checked: VerifiedRegistrationResponse;
  try {
    checked = await verifyRegistrationResponse({
      response: { ...response, authenticatorAttachment: undefined },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.name,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    });
  } catch {
    return { outcome: 'wrong' };
  }
  if (!checked.verified) return { outcome: 'wrong' };
  const { id, publicKey, counter, transports } = checked.registrationInfo.credential;
  const made = {
    credentialId: id,
    publicKey: Buffer.from(publicKey).toString('base64url'),
    signCount: counter,
    transports: transports ?? [],
    site: site.name,
  };
  return { outcome: 'good', made };
}

/** The library's options hold JSON alone, but for what is undefined. */
const plain = (options: object): Record<string, Json> => JSON.parse(JSON.stringify(options)) as Record<string, Json>;
