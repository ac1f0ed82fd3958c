import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import type { Connection, ConnectionState, TokenRefresh } from '#contracts/connections/connections.ts';
import { engineKinds, type EngineKind } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { api } from '../kit/api.ts';
import type { StatusFamily, StatusName } from '../ui/status.ts';

/** The state of the page, as it stands in the address. */
export const ConnectionsView = z.object({
  q: z.string().default(''),
  kind: z.enum(['', ...engineKinds]).default(''),
  /** The connection whose drawer is open. */
  sel: z.string().default(''),
  tab: z.enum(['overview', 'units', 'objects', 'refreshes', 'settings']).default('overview'),
  /** The unit whose objects are shown. */
  unit: z.string().default(''),
  /** The search of the drawer's objects. */
  find: z.string().default(''),
  /** What the way back from a sign-in brings. */
  connection: z.string().default(''),
  signIn: z.enum(['', 'ok', 'failed']).default(''),
  reason: z.string().max(100).default(''),
});
export type ConnectionsView = z.infer<typeof ConnectionsView>;
export type ConnectionTab = ConnectionsView['tab'];

/** Each kind in words: what it is called, what it gives, and what its units are. */
export const kindWords: Readonly<
  Record<EngineKind, { name: string; short: string; gives: string; unit: string; units: string }>
> = {
  sfmc: {
    name: 'Marketing Cloud',
    short: 'SFMC',
    gives: 'Data extensions and data views of Salesforce Marketing Cloud Engagement, by business unit.',
    unit: 'business unit',
    units: 'business units',
  },
  amc: {
    name: 'Amazon Marketing Cloud',
    short: 'AMC',
    gives: 'Ad events of your instances, aggregated as Amazon allows, with time windows.',
    unit: 'instance',
    units: 'instances',
  },
  postgres: {
    name: 'PostgreSQL',
    short: 'PostgreSQL',
    gives: 'Tables and views of any PostgreSQL database. Queries run in read-only transactions.',
    unit: 'schema',
    units: 'schemas',
  },
};

export const stateLooks: Readonly<Record<ConnectionState, { word: string; status: StatusName; family: StatusFamily }>> =
  {
    new: { word: 'Not signed in yet', status: 'pending', family: 'idle' },
    connected: { word: 'Connected', status: 'healthy', family: 'ok' },
    needs_reauth: { word: 'Needs a sign-in', status: 'waiting', family: 'wait' },
    unavailable: { word: 'Does not answer', status: 'unreachable', family: 'fail' },
    disconnecting: { word: 'Disconnecting', status: 'running', family: 'run' },
  };

/** Does somebody have to sign in at the service, in a browser? */
export const hasSignIn = ({ config }: Pick<Connection, 'config'>): boolean =>
  config.kind === 'amc' || (config.kind === 'sfmc' && config.grant === 'user');
/** It waits for a person to sign in. */
export const waitsForSignIn = (connection: Pick<Connection, 'config' | 'state'>): boolean =>
  hasSignIn(connection) && (connection.state === 'needs_reauth' || connection.state === 'new');

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);

/** Where somebody signs in: a host to look for in the browser's address line. */
export function signInHost({ config }: Pick<Connection, 'config'>): string {
  if (config.kind === 'sfmc') return hostOf(config.authUrl);
  if (config.kind === 'amc') return config.endpoints ? hostOf(config.endpoints.consent) : 'amazon.com';
  return config.host;
}

/** Can another unit be the default without anybody signing in again? A person's token of Marketing Cloud is of one unit. */
export const canChooseDefault = ({ config }: Pick<Connection, 'config'>): boolean =>
  config.kind === 'amc' || (config.kind === 'sfmc' && config.grant === 'server');

/** Why a way back from the service brought no sign-in, in words. */
export function signInFailure(
  { failure }: Pick<Connection, 'failure'>,
  reason: string,
): Pick<QueryFailureFacts, 'code' | 'message' | 'hint'> {
  if (reason === 'sign_in_expired')
    return {
      code: reason,
      message: 'This sign-in is not open any more.',
      hint: 'It is good once, for a few minutes, in the browser that began it. Begin it again.',
    };
  if (failure?.code === reason) return failure;
  return { code: reason, message: 'The service did not let you in.', hint: 'Sign in again.' };
}

/** The address it talks to, as a person would name it. */
export function placeOf({ config }: Pick<Connection, 'config'>): string {
  switch (config.kind) {
    case 'sfmc':
      return hostOf(config.authUrl).replace(/\.auth\.marketingcloudapis\.com$/, '');
    case 'amc':
      return { na: 'North America', eu: 'Europe', fe: 'Far East' }[config.region];
    case 'postgres':
      return `${config.host}${config.port === 5_432 ? '' : `:${config.port}`}/${config.database}`;
  }
}

export const refreshLooks: Readonly<Record<TokenRefresh['outcome'], { word: string; status: StatusName }>> = {
  renewed: { word: 'Renewed', status: 'succeeded' },
  refused: { word: 'Refused', status: 'failed' },
  failed: { word: 'No answer', status: 'unknown' },
};
export const causeWords: Readonly<Record<TokenRefresh['cause'], string>> = {
  ahead: 'ahead of time',
  asked: 'somebody asked',
  spent: 'the service refused the old one',
  sign_in: 'after a sign-in',
};

/** All connections: there are dozens at most, so they are searched here. */
export const useConnections = () =>
  useQuery({
    queryKey: ['connections', 'list'],
    queryFn: ({ signal }) => api.listConnections({ query: { limit: 200 }, signal }),
  });
export const useConnection = (id: string) =>
  useQuery({
    queryKey: ['connections', id],
    queryFn: ({ signal }) => api.getConnection({ params: { id }, signal }),
    enabled: id !== '',
  });
export const useUnits = (id: string, isOn = true) =>
  useQuery({
    queryKey: ['connections', id, 'units'],
    queryFn: ({ signal }) => api.listConnectionUnits({ params: { id }, signal }),
    enabled: isOn && id !== '',
  });
export const useRefreshes = (id: string, isOn = true) =>
  useQuery({
    queryKey: ['connections', id, 'refreshes'],
    queryFn: ({ signal }) => api.listTokenRefreshes({ params: { id }, signal }),
    enabled: isOn && id !== '',
  });

/** Where services send the browser back to: it must stand in the package or security profile, to the letter. */
export const redirectUri = (): string => `${location.origin}/api/v1/oauth/callback`;

/**
 * Leaves for the service's own sign-in.
 * @param returnTo where in the console the way back leads, below the origin
 * @param unit another business unit than the one signed in to first
 */
export async function leaveForSignIn(connectionId: string, returnTo: string, unit?: string): Promise<void> {
  const { url } = await api.authorizeConnection({ params: { id: connectionId }, query: { returnTo, unit } });
  location.assign(url);
}
