import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Refused, UsageError } from './exits.ts';

/** One installation as somebody is signed in to it. */
export const Profile = z.object({ url: z.string(), apiKey: z.string(), workspace: z.string().optional() });
export type Profile = z.infer<typeof Profile>;
/** Whom to call; without a key where only open doors are to be called. */
export type Target = Omit<Profile, 'apiKey'> & { readonly apiKey: string | undefined };
const Kept = z.object({ profiles: z.record(z.string(), Profile).default({}) });
type Kept = z.infer<typeof Kept>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where profiles are kept: `$XDG_CONFIG_HOME/windlass/config.json`, or the same below `~/.config`. */
export const settingsFile = (env: Environment): string =>
  join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'windlass', 'config.json');

function readKept(file: string): Kept {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { profiles: {} };
  }
  try {
    return Kept.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${file} cannot be read. Mend it, or remove it and log in again.`);
  }
}

/** The profile of a name as the file has it. */
export const keptProfile = (env: Environment, name: string): Profile | undefined =>
  readKept(settingsFile(env)).profiles[name];

/** Whether others of this machine may read the file with the keys. */
export function isOpenToOthers(env: Environment): boolean {
  const mode = statSync(settingsFile(env), { throwIfNoEntry: false })?.mode ?? 0;
  return process.platform !== 'win32' && (mode & 0o077) !== 0;
}

/** Keeps a profile, or forgets it; the file is for its owner alone from its first byte on. @returns the file's path */
export function keepProfile(env: Environment, name: string, profile: Profile | undefined): string {
  const file = settingsFile(env);
  const { [name]: _old, ...others } = readKept(file).profiles;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const half = `${file}.${randomUUID()}`;
  const kept: Kept = { profiles: { ...others, ...(profile && { [name]: profile }) } };
  writeFileSync(half, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  chmodSync(half, 0o600); // whatever the umask took or left
  renameSync(half, file);
  return file;
}

/** The address of an installation: without a trailing slash and without the API's own path. @throws UsageError */
export function addressOfServer(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username || url.password)
    throw new UsageError(`${text} is no address like https://windlass.example.org.`);
  return `${url.origin}${url.pathname.replace(/\/+(api\/v1\/*)?$/, '')}`;
}

/** Whether a key would travel there for everybody to read. */
export const isPlain = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
};

/**
 * Whom to call, as whom: the environment's word before the file's. A key of the file goes only to the address that it was
 * kept with, so that another address in the environment is never sent a key that is not its own.
 * @throws Refused where no address is known. A missing key is told when a call needs one.
 */
export function chosenProfile(env: Environment, name: string | undefined): Target {
  const kept = keptProfile(env, name ?? 'default');
  if (name !== undefined && !kept)
    throw new UsageError(`There is no profile ${name}. Make it: windlass login --profile ${name}`);
  const given = env['WINDLASS_URL'];
  const url = given ? addressOfServer(given) : kept?.url;
  const isKeptUrl = kept !== undefined && url === kept.url;
  const apiKey = env['WINDLASS_API_KEY'] || (isKeptUrl ? kept.apiKey : undefined);
  const workspace = env['WINDLASS_WORKSPACE'] || (isKeptUrl ? kept.workspace : undefined);
  if (!url) throw new Refused({ code: 'cli.signed_out', message: 'No server is known.', status: 401 });
  return { url, apiKey, workspace };
}
