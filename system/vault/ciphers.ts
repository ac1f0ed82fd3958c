import { type KeyObject, createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import sodium from 'libsodium-wrappers';

/** Ciphers a sealed text may name: tokens and payloads by AES-256-GCM, host credentials by XSalsa20-Poly1305. */
export const ALGORITHMS = ['a256gcm', 'xs20p'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A key that is used often is a `KeyObject`: what it takes to look at bytes costs more than to seal a small text. */
export type CipherKey = KeyObject | Uint8Array;

const GCM_NONCE = 12;
const GCM_TAG = 16;

/** Must be awaited once before `xs20p` is used. */
export const readyCiphers = (): Promise<void> => sodium.ready;

/** `nonce | ciphertext | tag`. `bound` is authenticated, not kept: the same must be given to open it. */
export function encrypt(algorithm: Algorithm, key: CipherKey, plain: Uint8Array, bound: string): Uint8Array {
  if (algorithm === 'a256gcm') {
    const nonce = randomBytes(GCM_NONCE);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
  const nonce = sodium.randombytes_buf(sodium.crypto_secretbox_NONCEBYTES);
  return Buffer.concat([nonce, sodium.crypto_secretbox_easy(plain, nonce, boundKey(key, bound))]);
}

/** The plain bytes; throws where key, bytes or `bound` are not those it was sealed with. */
export function decrypt(algorithm: Algorithm, key: CipherKey, sealed: Uint8Array, bound: string): Uint8Array {
  if (algorithm === 'a256gcm') {
    if (sealed.length < GCM_NONCE + GCM_TAG) throw new Error('too short');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, GCM_NONCE), { authTagLength: GCM_TAG });
    decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(sealed.length - GCM_TAG));
    return Buffer.concat([decipher.update(sealed.subarray(GCM_NONCE, sealed.length - GCM_TAG)), decipher.final()]);
  }
  const size = sodium.crypto_secretbox_NONCEBYTES;
  return sodium.crypto_secretbox_open_easy(sealed.subarray(size), sealed.subarray(0, size), boundKey(key, bound));
}

/** A secretbox authenticates no further data, so what it is bound to goes into its key. */
const boundKey = (key: CipherKey, bound: string): Uint8Array =>
  createHmac('sha256', key).update(`secretbox\0${bound}`).digest();
