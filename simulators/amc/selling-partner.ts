import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { type Answer, type Exchange, json, Refusal, read, type Route, route } from './exchange.ts';
import type { Files } from './results.ts';
import type { World } from './world.ts';

const base = '/sp/reports/2021-06-30';
const fail = (status: number, code: string, message: string, headers: Record<string, string> = {}): Refusal =>
  new Refusal(json({ errors: [{ code, message, details: '' }] }, status, headers));
const asInput = (_status: number, message: string): Refusal => fail(400, 'InvalidInput', message);

const Body = z.object({
  reportType: z.string().regex(/^GET_[A-Z0-9_]+$/),
  marketplaceIds: z.array(z.string()).min(1).max(25),
  dataStartTime: z.iso.datetime({ offset: true }).optional(),
  dataEndTime: z.iso.datetime({ offset: true }).optional(),
  reportOptions: z.record(z.string(), z.string()).optional(),
});
interface Report {
  readonly reportId: string;
  readonly body: z.infer<typeof Body>;
  readonly createdMs: number;
  isCancelled: boolean;
}
/** Tokens in a bucket: so many at once, then by rate. */
class Bucket {
  readonly rate: number;
  readonly #burst: number;
  readonly #world: World;
  #tokens: number;
  #atMs: number;
  constructor(world: World, rate: number, burst: number) {
    this.#world = world;
    this.rate = rate;
    this.#burst = this.#tokens = burst;
    this.#atMs = world.now();
  }
  take(): void {
    const now = this.#world.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#atMs) / 1_000) * this.rate);
    this.#atMs = now;
    if (this.#tokens < 1)
      throw fail(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.', {
        'x-amzn-RateLimit-Limit': String(this.rate),
      });
    this.#tokens -= 1;
  }
}

/** Reports of the Selling Partner API (AMC §9). A type with `FATAL` in its name ends so, with a document that says why. */
export function sellingPartnerRoutes(world: World, files: Files): readonly Route[] {
  const reports = new Map<string, Report>();
  const buckets = {
    create: new Bucket(world, 0.0167, 15),
    get: new Bucket(world, 2, 15),
    document: new Bucket(world, 0.0167, 15),
    cancel: new Bucket(world, 0.0222, 10),
  };
  const enter = ({ headers }: Exchange, bucket: Bucket): void => {
    const token = headers['x-amz-access-token'];
    const known = typeof token === 'string' ? world.accessTokens.get(token) : undefined;
    if (!known || known.grant.isRevoked || known.untilMs <= world.now())
      throw fail(403, 'Unauthorized', 'Access to requested resource is denied.');
    bucket.take();
  };
  const limited = (body: unknown, bucket: Bucket, status = 200): Answer =>
    json(body, status, { 'x-amzn-RateLimit-Limit': String(bucket.rate) });
  const stateOf = ({ body, createdMs, isCancelled }: Report): string => {
    const age = world.now() - createdMs;
    const step = world.knobs.reportStepMs;
    if (isCancelled) return 'CANCELLED';
    if (age < step) return 'IN_QUEUE';
    return age < 2 * step ? 'IN_PROGRESS' : body.reportType.includes('FATAL') ? 'FATAL' : 'DONE';
  };
  const known = ({ params }: Exchange): Report => {
    const report = reports.get(params[0] ?? '');
    if (!report) throw fail(404, 'NotFound', 'The requested report could not be found.');
    return report;
  };
  return [
    route('POST', `${base}/reports`, (exchange) => {
      enter(exchange, buckets.create);
      const report: Report = {
        reportId: String(50_000 + reports.size),
        body: read(exchange, Body, asInput),
        createdMs: world.now(),
        isCancelled: false,
      };
      reports.set(report.reportId, report);
      return limited({ reportId: report.reportId }, buckets.create, 202);
    }),
    route('GET', `${base}/reports/{id}`, (exchange) => {
      enter(exchange, buckets.get);
      const report = known(exchange);
      const processingStatus = stateOf(report);
      const hasDocument = processingStatus === 'DONE' || processingStatus === 'FATAL';
      return limited(
        {
          ...report.body,
          reportId: report.reportId,
          processingStatus,
          createdTime: world.stamp(report.createdMs),
          ...(hasDocument && { reportDocumentId: `doc-${report.reportId}` }),
        },
        buckets.get,
      );
    }),
    route('DELETE', `${base}/reports/{id}`, (exchange) => {
      enter(exchange, buckets.cancel);
      const report = known(exchange);
      if (stateOf(report) !== 'IN_QUEUE')
        throw fail(400, 'InvalidInput', 'Only a report in the queue can be cancelled.');
      report.isCancelled = true;
      return limited({}, buckets.cancel);
    }),
    route('GET', `${base}/documents/{id}`, (exchange) => {
      enter(exchange, buckets.document);
      const id = exchange.params[0] ?? '';
      const report = reports.get(id.replace(/^doc-/, ''));
      if (!report) throw fail(404, 'NotFound', 'The requested document could not be found.');
      const isFatal = stateOf(report) === 'FATAL';
      const text = isFatal
        ? JSON.stringify({ errorDetails: 'The report could not be made: the time range is too long.' })
        : [
            'sku\tasin\tquantity',
            ...Array.from({ length: 200 }, (_, at) => `SKU-${at}\tB0SIM${String(at).padStart(5, '0')}\t${at % 17}`),
          ].join('\r\n');
      const name = `selling-partner/${id}`;
      files.put(name, isFatal ? Buffer.from(text) : gzipSync(text), 'application/octet-stream');
      const url = files.url(exchange.origin, name, Math.min(300_000, world.knobs.urlLifeMs));
      return limited(
        { reportDocumentId: id, url, ...(!isFatal && { compressionAlgorithm: 'GZIP' }) },
        buckets.document,
      );
    }),
  ];
}
