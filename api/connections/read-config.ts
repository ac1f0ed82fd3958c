import { ConnectionSecrets, PublicConfig } from '#contracts/connections/config.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { type GivenSecrets, secretNames } from '#db/connections/connection-secrets.ts';
import { problem } from '../kit/problem.ts';

/** Which secrets each kind takes. */
const takes: Readonly<Record<EngineKind, readonly string[]>> = {
  sfmc: ['clientSecret', 'launchSecret'],
  amc: ['clientSecret'],
  postgres: ['password'],
};
const needs: Readonly<Record<EngineKind, readonly string[]>> = {
  sfmc: [],
  amc: ['clientSecret'],
  postgres: ['password'],
};

/**
 * Reads what is given to make or change a connection: the public part whole, the secrets apart. A change is a merge over
 * what stands; null clears.
 * @throws Problem `contract.broken` with the fields that are wrong
 */
export function readConfig(
  kind: EngineKind,
  given: Readonly<Record<string, unknown>>,
  before: PublicConfig | null = null,
): { config: PublicConfig; secrets: GivenSecrets } {
  const isSecret = (name: string): boolean => secretNames.some((secret) => secret === name);
  const asked = Object.entries(given).filter(([name]) => name !== 'kind' && name !== 'secrets');
  // Also in an object of their own, as some callers keep them.
  const apart =
    typeof given['secrets'] === 'object' && given['secrets'] !== null ? Object.entries(given['secrets']) : [];
  const secretParts = [...asked.filter(([name]) => isSecret(name)), ...apart];
  if (given['kind'] !== undefined && given['kind'] !== kind)
    throw wrong('kind', `The connection is of the kind ${kind}.`);
  const foreign = secretParts.find(([name]) => !takes[kind].includes(name));
  if (foreign) throw wrong(foreign[0], `A connection of the kind ${kind} has no ${foreign[0]}.`);
  const secrets: GivenSecrets = {};
  const kept = ConnectionSecrets.safeParse(Object.fromEntries(secretParts.filter(([, value]) => value !== null && value !== undefined))); // prettier-ignore
  if (!kept.success) throw broken(kept.error.issues);
  for (const name of secretNames) {
    if (secretParts.some(([part, value]) => part === name && value === null)) secrets[name] = null;
    const value = kept.data[name];
    if (value !== undefined) secrets[name] = value;
  }
  if (before === null) {
    const missing = needs[kind].find(
      (name) => !secretNames.some((one) => one === name && typeof secrets[one] === 'string'),
    );
    if (missing) throw wrong(missing, 'This is needed.');
  } else {
    const cleared = needs[kind].find((name) => secretNames.some((one) => one === name && secrets[one] === null));
    if (cleared) throw wrong(cleared, 'This is needed; give another one.');
  }
  const merged = { ...before, ...Object.fromEntries(asked.filter(([name]) => !isSecret(name))), kind };
  const read = PublicConfig.safeParse(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)));
  if (!read.success) throw broken(read.error.issues);
  const config = read.data;
  if (
    config.kind === 'sfmc' &&
    config.grant === 'server' &&
    before === null &&
    typeof secrets.clientSecret !== 'string'
  )
    throw wrong('clientSecret', 'A server-to-server package signs in by its secret.');
  return { config, secrets };
}

/** Whether a change asks the service anew who we are: another account, address or way of signing in. */
export function needsSignIn(before: PublicConfig, after: PublicConfig): boolean {
  if (before.kind === 'sfmc' && after.kind === 'sfmc')
    return (
      before.clientId !== after.clientId ||
      before.authUrl !== after.authUrl ||
      before.grant !== after.grant ||
      before.accountId !== after.accountId
    );
  if (before.kind === 'amc' && after.kind === 'amc')
    return (
      before.clientId !== after.clientId ||
      before.region !== after.region ||
      JSON.stringify(before.endpoints) !== JSON.stringify(after.endpoints)
    );
  return false;
}

/** Whether a change leads to another account: what is known of the old one's units is of no use. */
export const isElsewhere = (before: PublicConfig, after: PublicConfig): boolean =>
  needsSignIn({ ...before, accountId: null } as PublicConfig, { ...after, accountId: null } as PublicConfig);

const wrong = (field: string, why: string) => broken([{ path: [field], code: 'invalid', message: why }]);
const broken = (issues: readonly { path: PropertyKey[]; code?: string; message: string }[]) =>
  problem(
    'contract.broken',
    {},
    issues.map(({ path, code = 'invalid', message }) => ({
      path: `/body/config/${path.map(String).join('/')}`,
      code,
      message,
    })),
  );
