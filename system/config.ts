import { resolve } from 'node:path';
import { z } from 'zod';
import { parseDuration } from '#contracts/kit/duration.ts';
import { Secret } from './secret.ts';
import { StartFailure } from './start-failure.ts';

/** Everything a process can do; `WINDLASS_ROLES` picks. */
export const ROLES = ['api', 'main', 'ssh', 'query', 'agent'] as const;
export type Role = (typeof ROLES)[number];

const port = z.coerce
  .number('must be a port number')
  .int('must be a port number')
  .min(1, 'must be 1 to 65535')
  .max(65_535, 'must be 1 to 65535');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const secret = z.string().transform((text) => new Secret(text));
const switchedOn = z
  .enum(['0', '1', 'true', 'false'], 'must be 1 or 0')
  .transform((text) => text === '1' || text === 'true');
const origin = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
  .transform((text) => text.replace(/\/+$/, ''));

const databaseUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol),
    'must look like postgresql://user:password@host:5432/windlass',
  )
  .pipe(secret);

const duration = (limit: string) =>
  z
    .string()
    .transform((text) => parseDuration(text))
    .refine(
      (ms) => ms !== undefined && ms >= 60_000 && ms <= (parseDuration(limit) ?? 0),
      `must be a duration from 1m to ${limit}`,
    )
    .transform(Number);

/** `true`, a number of proxies, or the addresses and networks of the proxies. */
const trustProxy = z.string().transform((text): boolean | number | string => {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
});

const Environment = z.object({
  PORT: port.default(3000),
  HOST: z.string().default('127.0.0.1'),
  WINDLASS_HOME: z.string().default('.windlass'),
  WINDLASS_ROLES: list
    .pipe(z.array(z.enum(ROLES, `must be a list of ${ROLES.join(', ')}`)).nonempty('must name a role'))
    .default([...ROLES]),
  WINDLASS_PG_PORT: port.optional(),
  WINDLASS_TEMPORAL_PORT: port.optional(),
  WINDLASS_TEMPORAL_UI_PORT: port.optional(),
  WINDLASS_METRICS_PORT: port.optional(),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_APP_URL: databaseUrl.optional(),
  DATABASE_SYSTEM_URL: databaseUrl.optional(),
  DATABASE_DIRECT_URL: databaseUrl.optional(),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/:]+:\d+$|^\[[0-9a-f:]+\]:\d+$/i, 'must look like host:7233')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_UI_URL: origin.optional(),
  WINDLASS_MASTER_KEY: secret.optional(),
  WINDLASS_MASTER_KEY_FILE: z.string().optional(),
  WINDLASS_PUBLIC_URL: origin.optional(),
  WINDLASS_TRUST_PROXY: trustProxy.default(false),
  WINDLASS_ACCESS_TTL: duration('24h').default(15 * 60_000),
  WINDLASS_DEMO: switchedOn.default(false),
  CORS_ORIGINS: list.pipe(z.array(origin)).default([]),
  SMTP_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol),
      'must look like smtp://user:password@host:587',
    )
    .pipe(secret)
    .optional(),
  WINDLASS_SYSLOG: z
    .string()
    .refine(
      (text) => text.split(',').every((one) => /^(?:tcp|udp):\/\/[^/\s]+:\d{1,5}\/[\w-]{20,100}$/.test(one.trim())),
      'must be a list like udp://0.0.0.0:5514/<token of a log source>',
    )
    .pipe(secret)
    .optional(),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url('must be an address').optional(),
});

/** A process's configuration: what `Environment` says, by names of the code. */
export type Config = ReturnType<typeof loadConfig>;

/** One broken setting or several: the message has a line for each. */
export class ConfigFailure extends StartFailure {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'), { exitCode: 78 }); // EX_CONFIG
    this.name = 'ConfigFailure';
  }
}

/** Reads and checks the whole configuration; a value that is set but empty counts as not set. Never prints a value. */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  const broken = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${String(path[0])} ${message}.`);
  if (!parsed.success) throw new ConfigFailure([...new Set(broken)]);
  const env = parsed.data;
  const working = ['DATABASE_APP_URL', 'DATABASE_SYSTEM_URL'] as const;
  const isExternal = env.DATABASE_URL !== undefined || working.some((name) => env[name] !== undefined);
  const missing = isExternal ? working.filter((name) => !env[name]) : [];
  if (missing.length > 0)
    throw new ConfigFailure(
      missing.map((name) => `${name} must be set where another database is: the owner migrates, these two roles work.`),
    );
  if (env.WINDLASS_MASTER_KEY && env.WINDLASS_MASTER_KEY_FILE)
    throw new ConfigFailure(['WINDLASS_MASTER_KEY and WINDLASS_MASTER_KEY_FILE are both set: set one.']);
  return {
    port: env.PORT,
    host: env.HOST,
    home: resolve(env.WINDLASS_HOME),
    roles: env.WINDLASS_ROLES as readonly Role[],
    pgPort: env.WINDLASS_PG_PORT,
    temporalPort: env.WINDLASS_TEMPORAL_PORT,
    temporalUiPort: env.WINDLASS_TEMPORAL_UI_PORT,
    /** Where processes without an API serve `/metrics` and `/healthz`; undefined: nowhere. */
    metricsPort: env.WINDLASS_METRICS_PORT,
    /** The owner's: for migrations. Undefined: the embedded server. */
    databaseUrl: env.DATABASE_URL,
    /** Set in every process but the supervisor of an embedded server, which sets it for them. */
    databaseAppUrl: env.DATABASE_APP_URL,
    databaseSystemUrl: env.DATABASE_SYSTEM_URL,
    /** Past a pooler, for LISTEN; the app's own URL where there is none. */
    databaseDirectUrl: env.DATABASE_DIRECT_URL,
    temporalAddress: env.TEMPORAL_ADDRESS,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    /** Where Temporal Web answers, its path included; the API proxies it under `/temporal/`. */
    temporalUiUrl: env.TEMPORAL_UI_URL,
    masterKey: env.WINDLASS_MASTER_KEY,
    masterKeyFile: env.WINDLASS_MASTER_KEY_FILE,
    publicUrl: env.WINDLASS_PUBLIC_URL,
    trustProxy: env.WINDLASS_TRUST_PROXY,
    accessTtlMs: env.WINDLASS_ACCESS_TTL,
    isDemo: env.WINDLASS_DEMO,
    corsOrigins: env.CORS_ORIGINS,
    smtpUrl: env.SMTP_URL,
    /** Where syslog is listened for, and as which log source each; undefined: nowhere. */
    syslog: env.WINDLASS_SYSLOG,
    logLevel: env.LOG_LEVEL,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

/** Names a child process may get from our environment; nothing else reaches it. */
export const CONFIG_NAMES: readonly string[] = Object.keys(Environment.shape);
