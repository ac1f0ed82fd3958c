import { z } from 'zod';

/** What each kind of connection is made of. What must never be shown is in `ConnectionSecrets` alone. */
const host = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .refine((text) => !/[\s/@]/.test(text), 'A host name or address.');
const secret = z
  .string()
  .min(1)
  .max(8_192)
  .refine((text) => !text.includes('\0'), 'A secret without NUL characters.');

const sfmcPublic = z.object({
  kind: z.literal('sfmc'),
  clientId: z.string().trim().min(1).max(200),
  /** The tenant's sign-in address, `https://mc….auth.marketingcloudapis.com/`. */
  authUrl: z.url().max(300),
  /** `user`: somebody signs in (authorization code with PKCE) · `server`: the package itself (client credentials). */
  grant: z.enum(['user', 'server']).default('user'),
  /** The business unit that tokens are taken for first; the user's own where absent. */
  accountId: z.int().positive().nullish(),
  /** Where our temporary data extensions lie, one folder in each business unit. */
  folder: z.string().trim().min(1).max(100).default('Windlass'),
});
const amcPublic = z.object({
  kind: z.literal('amc'),
  clientId: z.string().trim().min(1).max(200),
  region: z.enum(['na', 'eu', 'fe']),
  /** Other addresses than Amazon's, for a simulator. */
  endpoints: z.object({ consent: z.url(), token: z.url(), ads: z.url(), sellingPartner: z.url() }).nullish(),
});
const postgresPublic = z.object({
  kind: z.literal('postgres'),
  host,
  port: z.int().min(1).max(65_535).default(5_432),
  database: z.string().min(1).max(63),
  user: z.string().min(1).max(63),
  /** `verify`: encrypted, certificate and name checked · `require`: encrypted, unchecked · `off`. */
  tls: z.enum(['off', 'require', 'verify']).default('verify'),
  /** Whom to trust beside the public authorities, PEM. */
  ca: z.string().max(65_536).nullish(),
  statementTimeout: z.string().max(20).default('10m'),
});

/** What is shown of a connection's configuration. */
export const PublicConfig = z.discriminatedUnion('kind', [sfmcPublic, amcPublic, postgresPublic]);
export type PublicConfig = z.infer<typeof PublicConfig>;

/** What is kept sealed. `launchSecret` verifies the token that App Switcher posts. */
export const ConnectionSecrets = z.object({
  clientSecret: secret.optional(),
  launchSecret: secret.optional(),
  password: secret.optional(),
});
export type ConnectionSecrets = z.infer<typeof ConnectionSecrets>;

/** What is given to make one: the public part and the secrets together; `kind` may be left to the connection's own. */
export const ConnectionConfig = z.record(z.string(), z.unknown());
