import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { PassThrough, Readable } from 'node:stream';
import { z } from 'zod';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { GuardOptions } from '../http/guarded-request.ts';
import { guardedStream } from '../http/guarded-stream.ts';
import { type AdsClient, part } from './ads-client.ts';
import { failureOf, networkFailure, unreadable } from './failures.ts';

/** What a report is made of (AMC §8). */
export interface AskedReport {
  readonly name?: string;
  /** `2026-01-01`; 31 days at most, not more than 95 days ago. */
  readonly startDate: string;
  readonly endDate: string;
  readonly adProduct:
    | 'SPONSORED_PRODUCTS'
    | 'SPONSORED_BRANDS'
    | 'SPONSORED_DISPLAY'
    | 'SPONSORED_TELEVISION'
    | 'DEMAND_SIDE_PLATFORM'
    | 'ALL';
  readonly reportTypeId: string;
  readonly groupBy: readonly string[];
  readonly columns: readonly string[];
  readonly timeUnit: 'SUMMARY' | 'DAILY';
  readonly filters?: readonly { readonly field: string; readonly values: readonly string[] }[];
}
const text = z.string().nullish();
const Report = z.looseObject({
  reportId: z.string().min(1).max(200),
  status: z.string(),
  url: text,
  urlExpiresAt: text,
  fileSize: z.number().nullish(),
  failureReason: text,
});
export type AdsReport = z.infer<typeof Report>;

const path = '/reporting/reports';
const contentType = 'application/vnd.createasyncreportrequest.v3+json';
const scope = (profileId: string) => ({ 'Amazon-Advertising-API-Scope': profileId });

/**
 * Asks for a report; the same one asked for a short time ago is adopted: the refusal (425) names it.
 * @returns its id
 */
export async function createReport(
  client: AdsClient,
  profileId: string,
  asked: AskedReport,
  signal?: AbortSignal,
): Promise<{ reportId: string; isAdopted: boolean }> {
  const { name, startDate, endDate, ...configuration } = asked;
  const body = { ...(name && { name }), startDate, endDate, configuration: { ...configuration, format: 'GZIP_JSON' } };
  try {
    // Asking twice makes one report: the second time is refused as a duplicate.
    const made = await client.send({
      method: 'POST',
      path,
      headers: scope(profileId),
      body,
      contentType,
      answer: Report,
      signal,
      isRepeatable: true,
    });
    return { reportId: made.reportId, isAdopted: false };
  } catch (error) {
    const id =
      error instanceof QueryFailure && error.facts.status === 425
        ? /[0-9a-f]{8}-[0-9a-f-]{27}/i.exec(error.facts.message)?.[0]
        : undefined;
    if (id === undefined) throw error;
    return { reportId: id, isAdopted: true };
  }
}
export const readReport = (
  client: AdsClient,
  profileId: string,
  reportId: string,
  signal?: AbortSignal,
): Promise<AdsReport> =>
  client.send({ method: 'GET', path: `${path}/${part(reportId)}`, headers: scope(profileId), answer: Report, signal });

/** False where it could not be stopped any more. */
export async function cancelReport(
  client: AdsClient,
  profileId: string,
  reportId: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await client.send({
      method: 'DELETE',
      path: `${path}/${part(reportId)}`,
      headers: scope(profileId),
      answer: z.unknown(),
      signal,
    });
    return true;
  } catch (error) {
    if (error instanceof QueryFailure && (error.facts.kind === 'syntax' || error.facts.status === 404)) return false;
    throw error;
  }
}

export interface FileOptions {
  readonly guard: GuardOptions;
  readonly isGzip: boolean;
  /** Unpacked bytes that are taken: a small file can unpack to any size. */
  readonly mostBytes?: number;
  readonly signal?: AbortSignal | undefined;
}
/**
 * A report's file, unpacked as it comes. Its address needs no token.
 * @throws QueryFailure also in the middle: whoever writes it on must not let it look whole then
 */
export async function* readFile(
  url: string,
  { guard, isGzip, mostBytes = 4 * 1_073_741_824, signal }: FileOptions,
): AsyncGenerator<Buffer> {
  const answer = await guardedStream({ url, timeoutMs: 60_000, silenceMs: 60_000, signal }, guard).catch(
    (error: unknown) => {
      signal?.throwIfAborted();
      throw networkFailure(error, true);
    },
  );
  try {
    if (answer.status === 403)
      throw new QueryFailure({
        kind: 'provider',
        code: 'url_expired',
        message: 'The address of the file has expired.',
        hint: 'Ask for its address again.',
        retryable: true,
        status: 403,
      });
    if (answer.status !== 200)
      throw failureOf({ status: answer.status, body: '', retryAfterMs: answer.retryAfterMs }, true);
    const out = new PassThrough();
    const source = Readable.from(answer.body);
    // Its end is that of the loop below: what breaks here is thrown there.
    const piped = (isGzip ? pipeline(source, createGunzip(), out) : pipeline(source, out)).catch(() => undefined);
    let bytes = 0;
    for await (const chunk of out as AsyncIterable<Buffer>) {
      if ((bytes += chunk.length) > mostBytes) throw unreadable('The file unpacks to more than it may.', true);
      yield chunk;
    }
    await piped;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof QueryFailure) throw error;
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
      ? unreadable('The file is not what it says, or was cut.', true, error)
      : networkFailure(error, true);
  } finally {
    answer.close();
  }
}
