import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { FactorsOffered, KeyAnswer, KeyChallenge, NewSecurityKey } from '#contracts/identity/key-answers.ts';
import { ApiFailure, asFailure } from '../kit/failure.ts';
import { isRecord } from '../kit/shape.ts';

// Sign-in is small, and few have a key: what talks to one is loaded when it is asked.
const library = () => import('@simplewebauthn/browser');

/** A second factor as it is sent with what needs one. */
export interface FactorShown {
  code?: string;
  key?: KeyAnswer;
}

/** By what the server takes a second factor, where it has just asked for one. */
export function offeredBy(failure: ApiFailure): FactorsOffered | null {
  const { code, details } = failure;
  return code === 'identity.code_needed' && isRecord(details) ? (details as FactorsOffered) : null;
}

/** Asks a security key; the browser shows its own dialog meanwhile. */
export async function askKey({ ticket, options }: KeyChallenge): Promise<KeyAnswer> {
  const { startAuthentication } = await library();
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const response = await startAuthentication({ optionsJSON }).catch(tellRefusal);
  return { ticket, response: response as KeyAnswer['response'] };
}

/** Lets the browser make a key's answer for a new one. */
export async function makeKey({ ticket, options }: KeyChallenge): Promise<Pick<NewSecurityKey, 'ticket' | 'response'>> {
  const { startRegistration } = await library();
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const response = await startRegistration({ optionsJSON }).catch(tellRefusal);
  return { ticket, response: response as NewSecurityKey['response'] };
}

/** Ends what the browser asks at the moment. */
export const stopAsking = async (): Promise<void> => (await library()).WebAuthnAbortService.cancelCeremony();

/**
 * Sends what needs a second factor: with the code that was typed, else by a security key where there is one. Without
 * any second factor it is sent once and goes through.
 */
export async function withFactor<T>(code: string, send: (shown: FactorShown) => Promise<T>): Promise<T> {
  if (code) return send({ code });
  try {
    return await send({});
  } catch (error) {
    const offered = offeredBy(asFailure(error));
    if (offered?.key) return send({ key: await askKey(offered.key) });
    throw offered?.keyAddress ? keysWorkAt(offered.keyAddress) : error;
  }
}

const keysWorkAt = (address: string): ApiFailure =>
  new ApiFailure({
    code: 'identity.key_address',
    message: `Security keys work at ${address} only. Enter a code instead, or open Windlass there.`,
    status: 0,
  });

/** What the browser refuses, by the names WebAuthn gives it. */
const refusals: Readonly<Record<string, { code: string; message: string }>> = {
  NotAllowedError: {
    code: 'security_key.no_answer',
    message: 'The security key gave no answer: its time was over, it is none of yours, or the question was closed.',
  },
  AbortError: { code: 'security_key.no_answer', message: 'The question to the security key was closed.' },
  InvalidStateError: { code: 'identity.key_known', message: 'This security key is added already.' },
  SecurityError: { code: 'security_key.wrong_address', message: 'Security keys do not work at this address.' },
  NotSupportedError: { code: 'security_key.unfit', message: 'This security key has no way of signing that we know.' },
};

function tellRefusal(error: unknown): never {
  if (!('PublicKeyCredential' in window))
    throw new ApiFailure({
      code: 'security_key.unfit',
      message: 'This browser knows no security keys, or the page is not encrypted.',
      status: 0,
    });
  const refusal = error instanceof Error ? refusals[error.name] : undefined;
  throw refusal ? new ApiFailure({ ...refusal, status: 0 }) : error;
}
