import { createHash } from 'node:crypto';
import { CONFIG_NAMES, type Config } from '../config.ts';
import type { EmbeddedPostgres } from '../embedded/postgres.ts';
import type { EmbeddedTemporal } from '../embedded/temporal.ts';
import type { ChildSpec } from './start-child.ts';

/** A process of ours beside the servers, and the roles it takes of those that are asked for. */
export interface ChildPlan {
  readonly name: string;
  readonly entry: string;
  readonly roles: readonly string[];
}

/** Of the user's environment, what a program needs to work on this machine at all. */
const PLAIN_NAMES = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_ENV',
];
const OUR_OWN = [
  'DATABASE_URL',
  'WINDLASS_ROLES',
  'WINDLASS_PG_PORT',
  'WINDLASS_TEMPORAL_PORT',
  'WINDLASS_TEMPORAL_UI_PORT',
];

/** Where the embedded servers are now. */
export class Places {
  postgres: EmbeddedPostgres | undefined;
  temporal: EmbeddedTemporal | undefined;

  environment(): NodeJS.ProcessEnv {
    return {
      ...(this.postgres && {
        DATABASE_APP_URL: this.postgres.urls.app,
        DATABASE_SYSTEM_URL: this.postgres.urls.system,
      }),
      ...(this.temporal && { TEMPORAL_ADDRESS: this.temporal.address, TEMPORAL_UI_URL: this.temporal.uiUrl }),
    };
  }

  key(): string {
    return JSON.stringify(this.environment());
  }
}

/** The environment of a child: our settings but those that are the supervisor's own, and what any program needs. */
export const allowed = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    [
      ...CONFIG_NAMES.filter((name) => !OUR_OWN.includes(name)),
      ...PLAIN_NAMES,
      ...Object.keys(environment).filter((name) => /^(OTEL_|https?_proxy$|no_proxy$)/i.test(name)),
    ].flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );

/** What a child is started with: its settings, and a key that changes with them and with the code. */
export function specOf(
  { name, entry, roles }: ChildPlan,
  {
    config,
    environment,
    places,
    buildId,
  }: { config: Config; environment: NodeJS.ProcessEnv; places: Places; buildId: string },
): ChildSpec {
  const settings: NodeJS.ProcessEnv = {
    ...allowed(environment),
    ...places.environment(),
    WINDLASS_HOME: config.home,
    WINDLASS_ROLES: roles.join(','),
    WINDLASS_BUILD: buildId,
    ...(config.isDemo && { WINDLASS_DEMO: '1' }),
    // It has left our own environment, and a child that is started again later needs it too.
    ...(config.masterKey && { WINDLASS_MASTER_KEY: config.masterKey.reveal() }),
  };
  const named = [...CONFIG_NAMES].toSorted((a, b) => a.localeCompare(b)).map((setting) => [setting, settings[setting]]);
  const key = createHash('sha256')
    .update(JSON.stringify([buildId, entry, named]))
    .digest('hex');
  return { name, entry, environment: settings, key, ...(roles.includes('api') && { port: config.port }) };
}
