import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyChallenge } from '#contracts/identity/key-answers.ts';

const sha256 = (text: string | Buffer): Buffer => createHash('sha256').update(text).digest();
const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const cborText = (text: string): Buffer => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
const cborBytes = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0x59]), uint16(bytes.length), bytes]);

/** What a test bends of an answer: as another site's page would give it, or as a copy of the key. */
export interface Bend {
  origin?: string;
  site?: string;
  challenge?: string;
  type?: string;
  signCount?: number;
  /** Nobody touched it. */
  untouched?: boolean;
}

/** A security key in software: ES256, no attestation, and a count that rises with each answer. */
export function softwareKey({ origin = 'http://localhost:3000', site = 'localhost' } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32);
  const id = credentialId.toString('base64url');
  let counted = 0;

  // COSE: an EC2 key (1: 2) for ES256 (3: -7) on P-256 (-1: 1), and its two halves.
  const coordinate = (label: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([label, 0x58, 0x20]), Buffer.from(value, 'base64url')]);
  const cose = Buffer.concat([Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1]), coordinate(0x21, x), coordinate(0x22, y)]);
  const clientData = (type: string, options: KeyChallenge['options'], bend: Bend): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: bend.type ?? type,
        challenge: bend.challenge ?? options['challenge'],
        origin: bend.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const authenticatorData = (flags: number, bend: Bend, rest = Buffer.alloc(0)): Buffer => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(bend.signCount ?? (counted += 1));
    return Buffer.concat([sha256(bend.site ?? site), Buffer.from([bend.untouched ? flags & ~1 : flags]), count, rest]);
  };
  const credential = { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} };

  return {
    /** Answers `navigator.credentials.create`. */
    create({ ticket, options }: KeyChallenge, bend: Bend = {}) {
      const attested = Buffer.concat([Buffer.alloc(16), uint16(credentialId.length), credentialId, cose]);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        cborText('fmt'),
        cborText('none'),
        cborText('attStmt'),
        Buffer.from([0xa0]),
        cborText('authData'),
        cborBytes(authenticatorData(0x41, bend, attested)),
      ]).toString('base64url');
      const clientDataJSON = clientData('webauthn.create', options, bend).toString('base64url');
      return {
        ticket,
        response: { ...credential, response: { clientDataJSON, attestationObject, transports: ['usb'] } },
      };
    },
    /** Answers `navigator.credentials.get`. */
    get({ ticket, options }: KeyChallenge, bend: Bend = {}) {
      const data = clientData('webauthn.get', options, bend);
      const authenticator = authenticatorData(0x01, bend);
      const signature = sign('sha256', Buffer.concat([authenticator, sha256(data)]), privateKey);
      return {
        ticket,
        response: {
          ...credential,
          response: {
            clientDataJSON: data.toString('base64url'),
            authenticatorData: authenticator.toString('base64url'),
            signature: signature.toString('base64url'),
          },
        },
      };
    },
  };
}
