import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, expect, test } from 'vitest';
import { describePublicKey, generateKey, generatedTypes, readPrivateKey } from './keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'windlass-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What OpenSSH itself says of a private key. */
function fingerprintOf(privateKey: string): string {
  const file = join(folder, 'key');
  writeFileSync(file, privateKey, { mode: 0o600 });
  const said = execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' });
  rmSync(file);
  return said.split(' ')[1] ?? '';
}

test.each(generatedTypes)('a generated %s pair is one that OpenSSH reads, with the same fingerprint', (type) => {
  const pair = generateKey(type);
  expect(fingerprintOf(pair.privateKey)).toBe(pair.fingerprint);
  expect(readPrivateKey(pair.privateKey).facts.publicKey.split(' ')[1]).toBe(pair.publicKey.split(' ')[1]);
});

test('keys in PKCS#8, also encrypted ones, and in the older PEM forms are read', () => {
  const made = [
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ];
  for (const { privateKey } of made) {
    const clear = readPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()).facts;
    const sealed = privateKey
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open' })
      .toString();
    expect(readPrivateKey(sealed, 'open').facts).toEqual(clear);
    expect(() => readPrivateKey(sealed)).toThrow(expect.objectContaining({ code: 'private_key.needs_passphrase' }));
    expect(() => readPrivateKey(sealed, 'shut')).toThrow(
      expect.objectContaining({ code: 'private_key.wrong_passphrase' }),
    );
  }
  const rsa = createPrivateKey(made[1]?.privateKey.export({ format: 'pem', type: 'pkcs1' }) ?? '');
  expect(readPrivateKey(rsa.export({ format: 'pem', type: 'pkcs1' }).toString()).facts.algorithm).toBe('ssh-rsa');
});

test('the passphrase of an OpenSSH key is asked for and checked', () => {
  const { private: sealed } = ssh2.utils.generateKeyPairSync('ed25519', {
    passphrase: 'open',
    cipher: 'aes256-ctr',
    rounds: 4,
  });
  const { facts, openSsh } = readPrivateKey(sealed, 'open');
  expect(facts.algorithm).toBe('ssh-ed25519');
  expect(readPrivateKey(openSsh).facts).toEqual(facts); // what is kept to sign in needs no passphrase
  expect(() => readPrivateKey(sealed)).toThrow(expect.objectContaining({ code: 'private_key.needs_passphrase' }));
  expect(() => readPrivateKey(sealed, 'shut')).toThrow(
    expect.objectContaining({ code: 'private_key.wrong_passphrase' }),
  );
});

test('a public key, a short RSA key and what is no key at all are told apart', () => {
  const { publicKey } = generateKey();
  expect(() => readPrivateKey(publicKey)).toThrow(
    expect.objectContaining({ code: 'private_key.unreadable', facts: { given: 'public key' } }),
  );
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'pem', type: 'pkcs1' });
  expect(() => readPrivateKey(weak.toString())).toThrow(expect.objectContaining({ code: 'private_key.unsupported' }));
  const dsa = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey;
  expect(() => readPrivateKey(dsa.export({ format: 'pem', type: 'pkcs8' }).toString())).toThrow(
    expect.objectContaining({ code: 'private_key.unsupported' }),
  );
  for (const text of ['', 'hello', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n']) {
    expect(() => readPrivateKey(text)).toThrow(expect.objectContaining({ code: 'private_key.unreadable' }));
  }
});

test('a public key is described as ssh-keygen does', () => {
  const { publicKey, privateKey } = generateKey();
  const [algorithm = '', key = ''] = publicKey.split(' ');
  expect(describePublicKey(Buffer.from(key, 'base64'))).toEqual({
    algorithm,
    key,
    fingerprint: fingerprintOf(privateKey),
  });
});

test('each of a thousand generated pairs is whole, also where the public half begins with a zero', () => {
  const beginnings = Array.from({ length: 1_000 }, () => {
    const blob = Buffer.from(generateKey().publicKey.split(' ')[1] ?? '', 'base64');
    expect(blob).toHaveLength(51);
    return blob[19];
  });
  expect(beginnings.some((byte) => byte !== 0)).toBe(true);
});
