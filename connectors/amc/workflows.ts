import { z } from 'zod';
import type { InputParameter } from '#contracts/queries/amc/parameters.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type AdsClient, allPages, part, queryOf } from './ads-client.ts';
import { accountHeaders, type AmcInstance } from './accounts.ts';

/** A query as the service keeps it (AMC §4.2). */
export interface AmcWorkflow {
  /** One line, without a semicolon. */
  readonly sqlQuery: string;
  readonly inputParameters?: readonly InputParameter[];
  readonly privacyFilteringBehavior?: 'REMOVE_ROWS' | 'REMOVE_VALUES';
  readonly filteredMetricsDiscriminatorColumn?: string;
  readonly distinctUserCountColumn?: string;
  readonly filteredReasonColumn?: string;
}
const SavedWorkflow = z.looseObject({ workflowId: z.string(), sqlQuery: z.string().nullish() });
export type SavedWorkflow = z.infer<typeof SavedWorkflow>;
const Nothing = z.unknown();

const pathOf = ({ instanceId }: AmcInstance): string => `/amc/reporting/${part(instanceId)}/workflows`;
export const isNotFound = (error: unknown): boolean => error instanceof QueryFailure && error.facts.status === 404;

export const listWorkflows = (
  client: AdsClient,
  instance: AmcInstance,
  signal?: AbortSignal,
): Promise<SavedWorkflow[]> =>
  allPages(async (token) => {
    const answer = await client.send({
      method: 'GET',
      path: `${pathOf(instance)}${queryOf({ limit: 100, nextToken: token })}`,
      headers: accountHeaders(instance.account),
      answer: z.object({ workflows: z.array(SavedWorkflow), nextToken: z.string().nullish() }),
      signal,
      mostBytes: 64 * 1_048_576,
    });
    return { items: answer.workflows, nextToken: answer.nextToken };
  });

/** Null where there is none of that id. */
export async function readWorkflow(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<SavedWorkflow | null> {
  try {
    return await client.send({
      method: 'GET',
      path: `${pathOf(instance)}/${part(id)}`,
      headers: accountHeaders(instance.account),
      answer: SavedWorkflow,
      signal,
    });
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/**
 * Saves a query under an id of ours. Repeatable: what stands there already is replaced by what is asked for.
 * @throws QueryFailure `syntax` where the service cannot read the query; its places are those of the flat text
 */
export async function saveWorkflow(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  workflow: AmcWorkflow,
  signal?: AbortSignal,
): Promise<void> {
  const body = { workflowId: id, ...workflow };
  const headers = accountHeaders(instance.account);
  try {
    await client.send({
      method: 'POST',
      path: pathOf(instance),
      headers,
      body,
      answer: Nothing,
      signal,
      isRepeatable: true,
    });
  } catch (error) {
    // Refused because it is there, by an earlier attempt whose answer was lost? Only looking tells, not the words.
    const isRefused = error instanceof QueryFailure && error.facts.kind === 'syntax';
    const there = isRefused ? await readWorkflow(client, instance, id, signal) : null;
    if (!there) throw error;
    if (there.sqlQuery !== workflow.sqlQuery)
      await client.send({
        method: 'PUT',
        path: `${pathOf(instance)}/${part(id)}`,
        headers,
        body,
        answer: Nothing,
        signal,
      });
  }
}

/** True where there was one. A schedule of the service that uses it makes it refuse. */
export async function deleteWorkflow(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await client.send({
      method: 'DELETE',
      path: `${pathOf(instance)}/${part(id)}`,
      headers: accountHeaders(instance.account),
      answer: Nothing,
      signal,
    });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
