import { z } from 'zod';
import { PublicConfig } from '#contracts/connections/config.ts';
import type { Connection } from '#contracts/connections/connections.ts';
import { Name } from '#contracts/kit/schemas.ts';
import { EngineKind } from '#contracts/queries/engine.ts';

const text = z.string();

/** Every field that a form of a connection has, of all kinds; what its kind does not use is left out of the configuration. */
const Fields = z.object({
  kind: EngineKind,
  isNew: z.boolean(),
  name: Name,
  description: z.string().max(2_000),
  slots: z.union([z.literal(''), z.coerce.number<string | number>().int().min(1).max(100)]),
  clientId: text,
  clientSecret: text,
  authUrl: text,
  grant: z.enum(['user', 'server']),
  folder: text,
  region: z.enum(['na', 'eu', 'fe']),
  consent: text,
  token: text,
  ads: text,
  sellingPartner: text,
  host: text,
  port: z.union([z.literal(''), z.coerce.number<string | number>().int().min(1).max(65_535)]),
  database: text,
  user: text,
  password: text,
  tls: z.enum(['off', 'require', 'verify']),
  ca: text,
  statementTimeout: text,
});
type Fields = z.output<typeof Fields>;

/** What never leaves this page but to the server. */
export const secretFields = ['clientSecret', 'password'] as const;

/** A form of a connection. The contract's own schema judges the configuration, so that both sides refuse the same. */
export const ConnectionValues = Fields.superRefine((values, context) => {
  const judged = PublicConfig.safeParse(publicOf(values));
  for (const { path, message } of judged.error?.issues ?? []) {
    const field = path.at(-1);
    if (typeof field === 'string') context.addIssue({ code: 'custom', path: [field], message });
  }
  const needsSecret = values.kind === 'amc' || (values.kind === 'sfmc' && values.grant === 'server');
  if (values.isNew && needsSecret && values.clientSecret === '')
    context.addIssue({ code: 'custom', path: ['clientSecret'], message: 'The secret is needed to sign in.' });
  if (values.isNew && values.kind === 'postgres' && values.password === '')
    context.addIssue({ code: 'custom', path: ['password'], message: 'The password is needed to sign in.' });
});
export type ConnectionValues = z.input<typeof Fields>;

/** A tenant's subdomain alone is enough: the rest of the address is always the same. */
export const authUrlOf = (typed: string): string => {
  const word = typed.trim();
  if (/^mc[0-9a-z-]{26}$/i.test(word)) return `https://${word.toLowerCase()}.auth.marketingcloudapis.com/`;
  return word === '' || word.endsWith('/') ? word : `${word}/`;
};

/** The part that is shown of it, as the contract has it. */
function publicOf(values: Fields): Record<string, unknown> {
  const { kind, clientId } = values;
  switch (kind) {
    case 'sfmc':
      return {
        kind,
        clientId,
        authUrl: authUrlOf(values.authUrl),
        grant: values.grant,
        ...(values.folder.trim() !== '' && { folder: values.folder }),
      };
    case 'amc': {
      const { consent, token, ads, sellingPartner } = values;
      const endpoints = { consent, token, ads, sellingPartner };
      const isOwn = Object.values(endpoints).some((address) => address.trim() !== '');
      return { kind, clientId, region: values.region, endpoints: isOwn ? endpoints : null };
    }
    case 'postgres':
      return {
        kind,
        host: values.host,
        ...(values.port !== '' && { port: values.port }),
        database: values.database,
        user: values.user,
        tls: values.tls,
        ca: values.tls === 'verify' && values.ca.trim() !== '' ? values.ca : null,
        ...(values.statementTimeout.trim() !== '' && { statementTimeout: values.statementTimeout.trim() }),
      };
  }
}

/** What is sent: the public part, and the secrets that were typed. */
export function configOf(values: Fields): Record<string, unknown> {
  return {
    ...publicOf(values),
    ...Object.fromEntries(secretFields.flatMap((name) => (values[name] === '' ? [] : [[name, values[name]]]))),
  };
}

/** The values of a form for a connection, or for a new one of a kind. */
export function valuesOf(kind: EngineKind, connection: Connection | null): ConnectionValues {
  const blank: ConnectionValues = {
    kind,
    isNew: connection === null,
    name: connection?.name ?? '',
    description: connection?.description ?? '',
    slots: connection?.slots ?? '',
    clientId: '',
    clientSecret: '',
    authUrl: '',
    grant: 'user',
    folder: 'Windlass',
    region: 'eu',
    consent: '',
    token: '',
    ads: '',
    sellingPartner: '',
    host: '',
    port: 5_432,
    database: '',
    user: '',
    password: '',
    tls: 'verify',
    ca: '',
    statementTimeout: '10m',
  };
  const config = connection?.config;
  if (!config) return blank;
  switch (config.kind) {
    case 'sfmc':
      return {
        ...blank,
        clientId: config.clientId,
        authUrl: config.authUrl,
        grant: config.grant,
        folder: config.folder,
      };
    case 'amc':
      return { ...blank, clientId: config.clientId, region: config.region, ...config.endpoints };
    case 'postgres': {
      const { host, port, database, user, tls, ca, statementTimeout } = config;
      return { ...blank, host, port, database, user, tls, ca: ca ?? '', statementTimeout };
    }
  }
}

/** What may be kept in this browser of a form: everything but the secrets. */
export const withoutSecrets = (values: ConnectionValues): ConnectionValues => ({
  ...values,
  ...Object.fromEntries(secretFields.map((name) => [name, ''])),
});
