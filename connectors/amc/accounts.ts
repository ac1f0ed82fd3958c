import { z } from 'zod';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type AdsClient, allPages, queryOf } from './ads-client.ts';
import { type AmcRegion, amcRegions } from './endpoints.ts';

const nextToken = z.string().nullish();

export const AmcProfile = z.object({
  profileId: z.union([z.number(), z.string()]).transform(String),
  countryCode: z.string(),
  currencyCode: z.string().nullish(),
  timezone: z.string().nullish(),
  accountInfo: z.object({
    marketplaceStringId: z.string().nullish(),
    id: z.string(),
    type: z.string(),
    name: z.string().nullish(),
  }),
});
export type AmcProfile = z.infer<typeof AmcProfile> & { readonly region: AmcRegion };

/** Advertising profiles of all regions: one token is good in each (AMC §1.1). A region without access has none. */
export async function listProfiles(
  clients: Readonly<Record<AmcRegion, AdsClient>>,
  signal?: AbortSignal,
): Promise<AmcProfile[]> {
  const found: AmcProfile[] = [];
  for (const region of amcRegions) {
    try {
      const profiles = await clients[region].send({
        method: 'GET',
        path: '/v2/profiles',
        answer: z.array(AmcProfile).max(5_000),
        signal,
      });
      found.push(...profiles.map((profile) => ({ ...profile, region })));
    } catch (error) {
      if (!isNoAccess(error)) throw error;
    }
  }
  return found;
}

const AmcAccount = z.object({ accountId: z.string(), accountName: z.string().nullish(), marketplaceId: z.string() });
export type AmcAccount = z.infer<typeof AmcAccount>;
export const listAccounts = (client: AdsClient, signal?: AbortSignal): Promise<AmcAccount[]> =>
  allPages(async (token) => {
    const answer = await client.send({
      method: 'GET',
      path: `/amc/accounts${queryOf({ nextToken: token })}`,
      answer: z.object({ amcAccounts: z.array(AmcAccount), nextToken }),
      signal,
    });
    return { items: answer.amcAccounts, nextToken: answer.nextToken };
  });

/** What every AMC call says about whose data it wants (AMC §2.1). The `Scope` header is never sent there. */
export const accountHeaders = ({ accountId, marketplaceId }: Pick<AmcAccount, 'accountId' | 'marketplaceId'>) => ({
  'Amazon-Advertising-API-AdvertiserId': accountId,
  'Amazon-Advertising-API-MarketplaceId': marketplaceId,
});

const Instance = z.object({
  instanceId: z.string().min(1).max(100),
  instanceName: z.string().nullish(),
  instanceType: z.string().nullish(),
  creationStatus: z.string().nullish(),
  creationDatetime: z.string().nullish(),
});
export interface AmcInstance {
  readonly instanceId: string;
  readonly name: string;
  /** A sandbox has synthetic data, and every execution there must ask for them. */
  readonly isSandbox: boolean;
  readonly isReady: boolean;
  readonly account: AmcAccount;
}
export interface FoundInstances {
  readonly instances: readonly AmcInstance[];
  /** Accounts whose instances this grant may not see: normal while looking around. */
  readonly skipped: readonly AmcAccount[];
}

/** Instances of all accounts, one account after the other: asked for at once the service answers 429 (AMC §3). */
export async function listInstances(
  client: AdsClient,
  accounts: readonly AmcAccount[],
  signal?: AbortSignal,
): Promise<FoundInstances> {
  const instances: AmcInstance[] = [];
  const skipped: AmcAccount[] = [];
  for (const account of accounts) {
    try {
      const found = await allPages(async (token) => {
        const answer = await client.send({
          method: 'GET',
          path: `/amc/instances${queryOf({ limit: 100, nextToken: token })}`,
          headers: accountHeaders(account),
          answer: z.object({ instances: z.array(Instance), nextToken }),
          signal,
        });
        return { items: answer.instances, nextToken: answer.nextToken };
      });
      instances.push(
        ...found.map((instance) => ({
          instanceId: instance.instanceId,
          name: instance.instanceName ?? instance.instanceId,
          isSandbox: /sandbox/i.test(instance.instanceType ?? ''),
          isReady: ['COMPLETED', 'SUCCEEDED', null, undefined].includes(instance.creationStatus),
          account,
        })),
      );
    } catch (error) {
      if (!isNoAccess(error)) throw error;
      skipped.push(account);
    }
  }
  return { instances, skipped };
}

/** 401, 403 and 404 while looking around mean "not for you", once the token itself has been refreshed. */
function isNoAccess(error: unknown): boolean {
  if (!(error instanceof QueryFailure)) return false;
  const { status, code } = error.facts;
  return (
    code !== 'invalid_grant' && code !== 'terms_not_accepted' && status !== null && [401, 403, 404].includes(status)
  );
}
