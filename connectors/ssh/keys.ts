import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import ssh2 from 'ssh2';
import { SshProblem } from './problem.ts';

/** A public key as the contracts write it: fingerprint as `ssh-keygen -l` prints it, the key in base64 as in `known_hosts`. */
export interface PublicKey {
  algorithm: string;
  fingerprint: string;
  key: string;
}

export interface PrivateKeyFacts extends PublicKey {
  /** `ssh-ed25519 AAAA…`, a line for `authorized_keys`. */
  publicKey: string;
}

export const generatedTypes = ['ed25519', 'ecdsa', 'rsa'] as const;

/** Reads the blob a server or an `authorized_keys` line shows: algorithm first, then the rest. */
export function describePublicKey(blob: Buffer): PublicKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  const algorithm = blob.toString('latin1', 4, 4 + Math.min(length, 64));
  const hash = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { algorithm, fingerprint: `SHA256:${hash}`, key: blob.toString('base64') };
}

/**
 * Reads a private key (OpenSSH, PEM, PuTTY) for signing in. `openSsh` is the key in a form that ssh2 reads, without its
 * passphrase: deriving a key from that takes a tenth of a second of this process at each connection.
 * Fails by `private_key.unreadable`, `.needs_passphrase`, `.wrong_passphrase` or `.unsupported`.
 */
export function readPrivateKey(text: string, passphrase?: string): { facts: PrivateKeyFacts; openSsh: string } {
  const trimmed = `${text.trim()}\n`;
  if (/^(?:ssh-|ecdsa-|sk-)\S+ AAAA|^-----BEGIN (?:SSH2 )?PUBLIC KEY|^---- BEGIN SSH2 PUBLIC KEY/.test(trimmed)) {
    throw new SshProblem('private_key.unreadable', { given: 'public key' });
  }
  const openSsh = fromPkcs8(trimmed, passphrase);
  const parsed = ssh2.utils.parseKey(openSsh, passphrase);
  if (parsed instanceof Error) throw keyProblem(parsed, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!key?.isPrivateKey()) throw new SshProblem('private_key.unreadable', { given: 'public key' });
  if (!/^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))$/.test(key.type)) {
    throw new SshProblem('private_key.unsupported', { type: key.type });
  }
  const blob = key.getPublicSSH();
  if (key.type === 'ssh-rsa' && rsaBits(blob) < 2_048) {
    throw new SshProblem('private_key.unsupported', { type: `ssh-rsa of ${rsaBits(blob)} bits` });
  }
  const shown = describePublicKey(blob);
  return {
    facts: { ...shown, publicKey: `${shown.algorithm} ${shown.key}` },
    openSsh: passphrase === undefined ? openSsh : fromPkcs8(key.getPrivatePEM(), undefined),
  };
}

/** Makes a key pair; the private half in OpenSSH format, without a passphrase (the vault keeps it sealed). */
export function generateKey(type: (typeof generatedTypes)[number] = 'ed25519', comment = 'windlass') {
  const privateKey =
    type === 'rsa'
      ? ssh2.utils.generateKeyPairSync('rsa', { bits: 3_072, comment }).private
      : type === 'ecdsa'
        ? ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, comment }).private
        : // Not by ssh2 1.17: it drops a leading zero of the public half, so that one key in 256 cannot be read by anybody.
          openSshEd25519(generateKeyPairSync('ed25519').privateKey, comment);
  const { facts } = readPrivateKey(privateKey);
  return { privateKey, ...facts, publicKey: `${facts.publicKey} ${comment}`.trim() };
}

function keyProblem(error: Error, passphrase: string | undefined): SshProblem {
  const said = error.message;
  if (/no passphrase given/i.test(said)) return new SshProblem('private_key.needs_passphrase', {}, error);
  // A wrong passphrase shows as garbage after decryption, in one of several ways.
  if (/bad passphrase|integrity check failed|bad decrypt|malformed OpenSSH private key/i.test(said) && passphrase) {
    return new SshProblem('private_key.wrong_passphrase', {}, error);
  }
  const unsupported = /unsupported (?:key type|cipher|algorithm)[^:]*:? ?(\S*)/i.exec(said);
  if (unsupported) return new SshProblem('private_key.unsupported', { type: unsupported[1] ?? 'unknown' }, error);
  if (passphrase && /encrypt|decrypt|passphrase/i.test(said)) {
    return new SshProblem('private_key.wrong_passphrase', {}, error);
  }
  return new SshProblem('private_key.unreadable', {}, error);
}

/** PKCS#8 (`BEGIN PRIVATE KEY`), which OpenSSL 3 and many clouds write, is no format of ssh2's: it is written anew. */
function fromPkcs8(text: string, passphrase: string | undefined): string {
  const isEncrypted = text.startsWith('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  if (!isEncrypted && !text.startsWith('-----BEGIN PRIVATE KEY-----')) return text;
  if (isEncrypted && !passphrase) throw new SshProblem('private_key.needs_passphrase');
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, passphrase });
  } catch (error) {
    throw new SshProblem(isEncrypted ? 'private_key.wrong_passphrase' : 'private_key.unreadable', {}, error);
  }
  if (key.asymmetricKeyType === 'rsa') return key.export({ format: 'pem', type: 'pkcs1' }).toString();
  if (key.asymmetricKeyType === 'ec') return key.export({ format: 'pem', type: 'sec1' }).toString();
  if (key.asymmetricKeyType === 'ed25519') return openSshEd25519(key);
  throw new SshProblem('private_key.unsupported', { type: key.asymmetricKeyType ?? 'unknown' });
}

/** OpenSSH's own format (`openssh-key-v1`, PROTOCOL.key), the only one for ed25519. */
function openSshEd25519(key: KeyObject, comment = ''): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d, 'base64url');
  const point = Buffer.from(x, 'base64url');
  const field = (bytes: Buffer | string) => {
    const content = Buffer.from(bytes as Buffer);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, content]);
  };
  const one = Buffer.from([0, 0, 0, 1]);
  const shown = Buffer.concat([field('ssh-ed25519'), field(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, shown, field(Buffer.concat([seed, point])), field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    one,
    field(shown),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

function rsaBits(blob: Buffer): number {
  let at = 0;
  const next = () => {
    const length = blob.readUInt32BE(at);
    const value = blob.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  next(); // algorithm
  next(); // exponent
  const modulus = next();
  const lead = modulus[0] === 0 ? 1 : 0;
  return (modulus.length - lead) * 8 - Math.clz32(modulus[lead] ?? 0) + 24;
}
