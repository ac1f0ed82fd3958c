import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { writePrivate } from '../embedded/files.ts';
import { StartFailure, reasonOf } from '../start-failure.ts';
import { decrypt, encrypt } from './ciphers.ts';

const KEY_BYTES = 32;
const FORMAT = 'wk1';
const CHECK_TEXT = 'windlass';

/** The key that wraps all data keys, and older ones that still may open what they wrapped. */
export interface MasterKeys {
  readonly current: MasterKey;
  readonly all: readonly MasterKey[];
}

export interface MasterKey {
  /** Says which key it is and nothing about it. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Text of a new master key. */
export const newMasterKey = (): string => randomBytes(KEY_BYTES).toString('base64');

/** Reads keys, the current one first, each 32 bytes as base64, base64url or hex, apart by commas, blanks or lines. */
export function parseMasterKeys(text: string, source: string): MasterKeys {
  const all = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((item): MasterKey => {
      const bytes = /^[0-9a-f]{64}$/i.test(item) ? Buffer.from(item, 'hex') : Buffer.from(item, 'base64');
      if (bytes.length !== KEY_BYTES)
        throw new StartFailure(
          `${source} must hold 32 random bytes as base64 or hex; make one with: openssl rand -base64 32.`,
          { exitCode: 78 },
        );
      return {
        id: createHash('sha256').update('windlass master key\0').update(bytes).digest('hex').slice(0, 12),
        bytes,
      };
    });
  const [current] = all;
  if (!current)
    throw new StartFailure(`${source} is empty: it must hold 32 random bytes as base64 or hex.`, { exitCode: 78 });
  return { current, all };
}

type KeySettings = Pick<Config, 'home' | 'masterKey' | 'masterKeyFile' | 'databaseUrl' | 'databaseAppUrl'>;

/**
 * The master key of this installation, from WINDLASS_MASTER_KEY, from the file WINDLASS_MASTER_KEY_FILE names, or, with
 * the embedded database, from `<home>/master.key`, which is made at the first start. Then it leaves the environment.
 */
export function readMasterKeys(
  config: KeySettings,
  { say = () => {}, environment = process.env }: { say?: (line: string) => void; environment?: NodeJS.ProcessEnv } = {},
): MasterKeys {
  delete environment['WINDLASS_MASTER_KEY'];
  if (config.masterKey) return parseMasterKeys(config.masterKey.reveal(), 'WINDLASS_MASTER_KEY');
  if (config.masterKeyFile)
    return parseMasterKeys(
      readKeyFile(config.masterKeyFile, 'WINDLASS_MASTER_KEY_FILE names a file that'),
      config.masterKeyFile,
    );
  const path = join(config.home, 'master.key');
  if (existsSync(path)) {
    const text = readKeyFile(path, `The master key ${path}`);
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return parseMasterKeys(text, path);
  }
  if (config.databaseUrl ?? config.databaseAppUrl)
    throw new StartFailure(
      'DATABASE_URL is set without a master key: set WINDLASS_MASTER_KEY or WINDLASS_MASTER_KEY_FILE to the key that database was used with (a new one: openssl rand -base64 32).',
      { exitCode: 78 },
    );
  const text = newMasterKey();
  mkdirSync(dirname(path), { recursive: true });
  writePrivate(path, `${text}\n`);
  say(`A master key was made: ${path}. Back it up apart from the data: without it no credential can be read again.`);
  return parseMasterKeys(text, path);
}

function readKeyFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartFailure(`${what} cannot be read: ${reasonOf(error)}.`, { exitCode: 78, cause: error });
  }
}

/** A data key under the current master key; `bound` ties it to its place. */
export const wrapKey = ({ current }: MasterKeys, key: Uint8Array, bound: string): string =>
  `${FORMAT}.${current.id}.${Buffer.from(encrypt('a256gcm', current.bytes, key, bound)).toString('base64url')}`;

/** The data key again; says whether it was wrapped by an older master key. */
export function unwrapKey(
  { current, all }: MasterKeys,
  wrapped: string,
  bound: string,
): { key: Uint8Array; isStale: boolean } {
  const [format, id, text] = wrapped.split('.');
  const master = all.find((key) => key.id === id);
  if (format !== FORMAT || text === undefined) throw new Error('This is no wrapped key.');
  if (!master) throw new WrongMasterKey();
  return {
    key: decrypt('a256gcm', master.bytes, Buffer.from(text, 'base64url'), bound),
    isStale: master.id !== current.id,
  };
}

/** What is to be opened was sealed under a master key that we do not have. */
export class WrongMasterKey extends StartFailure {
  constructor() {
    super(
      'This is not the master key this database was used with: set WINDLASS_MASTER_KEY (or _FILE, or restore master.key) to that one, with a new one before it to change keys.',
      { exitCode: 78 },
    );
    this.name = 'WrongMasterKey';
  }
}

/** A text to keep in the database: it tells at the next start whether the master key is still the same. */
export const makeKeyCheck = (keys: MasterKeys): string => wrapKey(keys, Buffer.from(CHECK_TEXT), 'key check');

/**
 * Holds the master key against the text kept in the database; throws `WrongMasterKey` where it does not fit.
 * @returns the text to keep from now on where it must be written (none was there, or the key was changed), else undefined
 */
export function checkMasterKey(keys: MasterKeys, kept: string | null | undefined): string | undefined {
  if (!kept) return makeKeyCheck(keys);
  let found: ReturnType<typeof unwrapKey>;
  try {
    found = unwrapKey(keys, kept, 'key check');
  } catch {
    throw new WrongMasterKey();
  }
  if (Buffer.from(found.key).toString() !== CHECK_TEXT) throw new WrongMasterKey();
  return found.isStale ? makeKeyCheck(keys) : undefined;
}
