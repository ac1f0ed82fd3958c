import { z } from 'zod';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { AdsClient, type AdsClientOptions, part } from './ads-client.ts';
import { readFile } from './reports.ts';

/** The Selling Partner API is told who asks by a header of its own (AMC §9). */
export const sellingPartnerClient = (options: Omit<AdsClientOptions, 'authorize'>): AdsClient =>
  new AdsClient({ ...options, authorize: (token) => ({ 'x-amz-access-token': token.reveal() }) });

export interface AskedSellerReport {
  readonly reportType: string;
  readonly marketplaceIds: readonly string[];
  /** ISO 8601. */
  readonly dataStartTime?: string;
  readonly dataEndTime?: string;
  readonly reportOptions?: Readonly<Record<string, string>>;
}
const Report = z.looseObject({
  reportId: z.string(),
  processingStatus: z.string(),
  reportDocumentId: z.string().nullish(),
});
export type SellerReport = z.infer<typeof Report>;
const Document = z.object({ reportDocumentId: z.string(), url: z.url(), compressionAlgorithm: z.string().nullish() });
const base = '/reports/2021-06-30';

/** Never sent twice by itself: each makes a report, and one a minute is all that is allowed. */
export const createSellerReport = async (
  client: AdsClient,
  asked: AskedSellerReport,
  signal?: AbortSignal,
): Promise<string> =>
  (
    await client.send({
      method: 'POST',
      path: `${base}/reports`,
      body: asked,
      answer: z.object({ reportId: z.string() }),
      signal,
    })
  ).reportId;
export const readSellerReport = (client: AdsClient, reportId: string, signal?: AbortSignal): Promise<SellerReport> =>
  client.send({ method: 'GET', path: `${base}/reports/${part(reportId)}`, answer: Report, signal });

/** False where it could not be stopped: only what waits can. */
export async function cancelSellerReport(client: AdsClient, reportId: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await client.send({ method: 'DELETE', path: `${base}/reports/${part(reportId)}`, answer: z.unknown(), signal });
    return true;
  } catch (error) {
    if (error instanceof QueryFailure && (error.facts.kind === 'syntax' || error.facts.status === 404)) return false;
    throw error;
  }
}

/** A report's document as it streams in. Also a report that ended FATAL may have one: it says why. */
export async function* readSellerDocument(
  client: AdsClient,
  documentId: string,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const { url, compressionAlgorithm } = await client.send({
    method: 'GET',
    path: `${base}/documents/${part(documentId)}`,
    answer: Document,
    signal,
  });
  yield* readFile(url, { guard: client.guard, isGzip: compressionAlgorithm === 'GZIP', signal });
}

/** Why a report ended FATAL, from the beginning of its document; null where there is none. */
export async function readFatalReason(
  client: AdsClient,
  report: SellerReport,
  signal?: AbortSignal,
): Promise<string | null> {
  if (!report.reportDocumentId) return null;
  let text = '';
  for await (const chunk of readSellerDocument(client, report.reportDocumentId, signal)) {
    text += chunk.toString('utf8');
    if (text.length > 4_000) break;
  }
  const details = /"errorDetails"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  return (details ?? text).slice(0, 2_000);
}
