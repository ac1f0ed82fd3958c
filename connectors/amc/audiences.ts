import { z } from 'zod';
import type { InputParameter, ParameterValue } from '#contracts/queries/amc/parameters.ts';
import { type AdsClient, allPages, part, queryOf } from './ads-client.ts';
import type { AmcInstance } from './accounts.ts';

export interface AskedAudience {
  readonly audienceName: string;
  readonly audienceDescription?: string;
  readonly advertiserId: string;
  /** One line; reads tables for audiences alone and gives `user_id`. */
  readonly query: string;
  /** `2026-01-01T00:00:00Z` */
  readonly timeWindowStart: string;
  readonly timeWindowEnd: string;
  readonly timeWindowRelative?: boolean;
  /** 0 to 21 days. */
  readonly refreshRateDays?: number;
  readonly countryCode?: string;
  readonly inputParameters?: readonly InputParameter[];
  readonly parameterValues?: Readonly<Record<string, ParameterValue>>;
}
export interface AskedLookalike {
  readonly audienceName: string;
  readonly advertiserId: string;
  readonly seedAudienceId: string;
  /** 7 to 21 days. */
  readonly refreshRateDays?: number;
  readonly lookalikeAudienceExpectedReach: 'MOST_SIMILAR' | 'SIMILAR' | 'BALANCED' | 'BROAD' | 'MOST_BROAD';
}
const Audience = z.looseObject({
  audienceExecutionId: z.string().min(1),
  audienceExecutionDescription: z.string().nullish(),
  audienceName: z.string().nullish(),
  status: z.string(),
});
export type AmcAudience = z.infer<typeof Audience>;

const base = '/amc/audiences';
/** The audience service has headers of its own for whose data it is (AMC §2.1). */
const headersOf = (instance: AmcInstance) => ({
  'Amazon-Marketing-Cloud-Audience-InstanceId': instance.instanceId,
  'Amazon-Advertising-API-EntityId': instance.account.accountId,
});

/** Never sent twice by itself: each makes an audience. After a lost answer look for its name with `listAudiences`. */
export const createAudience = (
  client: AdsClient,
  instance: AmcInstance,
  asked: AskedAudience,
  signal?: AbortSignal,
): Promise<AmcAudience> =>
  client.send({
    method: 'POST',
    path: `${base}/query`,
    headers: headersOf(instance),
    body: asked,
    answer: Audience,
    signal,
  });
export const createLookalike = (
  client: AdsClient,
  instance: AmcInstance,
  asked: AskedLookalike,
  signal?: AbortSignal,
): Promise<AmcAudience> =>
  client.send({
    method: 'POST',
    path: `${base}/lookalike`,
    headers: headersOf(instance),
    body: asked,
    answer: Audience,
    signal,
  });
export const readAudience = (
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<AmcAudience> =>
  client.send({
    method: 'GET',
    path: `${base}/query/${part(id)}`,
    headers: headersOf(instance),
    answer: Audience,
    signal,
  });
export const listAudiences = (client: AdsClient, instance: AmcInstance, signal?: AbortSignal): Promise<AmcAudience[]> =>
  allPages(async (token) => {
    const answer = await client.send({
      method: 'GET',
      path: `${base}/query${queryOf({ nextToken: token })}`,
      headers: headersOf(instance),
      answer: z.object({ executionMetadata: z.array(Audience), nextToken: z.string().nullish() }),
      signal,
    });
    return { items: answer.executionMetadata, nextToken: answer.nextToken };
  });
/** Only one that failed can be changed or deleted. */
export const repeatAudience = (
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  asked: AskedAudience,
  signal?: AbortSignal,
): Promise<AmcAudience> =>
  client.send({
    method: 'PUT',
    path: `${base}/query/${part(id)}`,
    headers: headersOf(instance),
    body: asked,
    answer: Audience,
    signal,
  });
export async function deleteAudience(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  await client.send({
    method: 'DELETE',
    path: `${base}/query/${part(id)}`,
    headers: headersOf(instance),
    answer: z.unknown(),
    signal,
  });
}
