import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { type Exchange, json, read, refuse, refuseAds, Refusal, type Route, route, signedIn } from './exchange.ts';
import type { Files } from './results.ts';
import type { World } from './world.ts';

const date = z.iso.date();
const dayMs = 86_400_000;
const ReportBody = z.object({
  name: z.string().optional(),
  startDate: date,
  endDate: date,
  configuration: z.object({
    adProduct: z.enum([
      'SPONSORED_PRODUCTS',
      'SPONSORED_BRANDS',
      'SPONSORED_DISPLAY',
      'SPONSORED_TELEVISION',
      'DEMAND_SIDE_PLATFORM',
      'ALL',
    ]),
    reportTypeId: z.enum([
      'spCampaigns',
      'spAdvertisedProduct',
      'spSearchTerm',
      'spTargeting',
      'spPurchasedProduct',
      'sbPurchasedProduct',
      'sbCampaigns',
      'sdCampaigns',
    ]),
    groupBy: z.array(z.string()).min(1),
    columns: z.array(z.string()).min(1),
    timeUnit: z.enum(['SUMMARY', 'DAILY']),
    format: z.literal('GZIP_JSON'),
    filters: z.array(z.object({ field: z.string(), values: z.array(z.string()) })).optional(),
  }),
});
type ReportBody = z.infer<typeof ReportBody>;
interface Report {
  readonly reportId: string;
  readonly body: ReportBody;
  readonly profile: string;
  readonly createdMs: number;
  isCancelled: boolean;
}

/** Rows that follow from the day and the campaign alone. */
function rowsOf({ startDate, endDate, configuration }: ReportBody): Record<string, string | number>[] {
  const days: string[] = [];
  for (let ms = Date.parse(startDate); ms <= Date.parse(endDate); ms += dayMs)
    days.push(new Date(ms).toISOString().slice(0, 10));
  return [1, 2, 3, 4].flatMap((campaign) =>
    (configuration.timeUnit === 'DAILY' ? days : [startDate]).map((day, at) =>
      Object.fromEntries(
        configuration.columns.map((column): [string, string | number] => {
          if (column === 'date') return [column, day];
          if (/name$/i.test(column)) return [column, `Campaign ${campaign}`];
          if (/id$/i.test(column)) return [column, 7_000_000 + campaign];
          if (column === 'impressions') return [column, campaign * 1_000 + at];
          if (column === 'clicks') return [column, campaign * 10];
          return [column, Math.round((campaign + at / 10) * 100) / 100];
        }),
      ),
    ),
  );
}

/** Asynchronous reports of the Ads API, version 3 (AMC §8). */
export function reportRoutes(world: World, files: Files): readonly Route[] {
  const reports = new Map<string, Report>();
  const enter = (exchange: Exchange): string => {
    signedIn(exchange);
    const scope = exchange.headers['amazon-advertising-api-scope'];
    const known = world.profiles[exchange.region].some(({ profileId }) => String(profileId) === scope);
    if (typeof scope !== 'string') throw refuse(400, 'Header Amazon-Advertising-API-Scope is required.');
    if (!known)
      throw refuse(
        401,
        'Not authorized to manage this profile. Please check permissions and consent from the advertiser',
      );
    return scope;
  };
  const shown = (exchange: Exchange, { reportId, body, createdMs, isCancelled }: Report) => {
    const age = world.now() - createdMs;
    const step = world.knobs.reportStepMs;
    const isDone = age >= 2 * step;
    const status = isCancelled ? 'FAILED' : isDone ? 'COMPLETED' : age >= step ? 'PROCESSING' : 'PENDING';
    const file = `reports/${reportId}.json.gz`;
    const packed = status === 'COMPLETED' ? gzipSync(JSON.stringify(rowsOf(body))) : undefined;
    if (packed) files.put(file, packed, 'application/octet-stream');
    const life = Math.max(world.knobs.urlLifeMs, 1);
    return {
      reportId,
      name: body.name ?? null,
      startDate: body.startDate,
      endDate: body.endDate,
      configuration: body.configuration,
      status,
      createdAt: world.stamp(createdMs),
      updatedAt: world.stamp(),
      generatedAt: packed ? world.stamp() : null,
      url: packed ? files.url(exchange.origin, file, life) : null,
      urlExpiresAt: packed ? world.stamp(world.now() + life) : null,
      fileSize: packed?.length ?? null,
      failureReason: isCancelled ? 'The report was cancelled.' : null,
    };
  };
  const known = (exchange: Exchange): Report => {
    const profile = enter(exchange);
    const report = reports.get(exchange.params[0] ?? '');
    if (!report || report.profile !== profile) throw refuseAds(404, 'The report was not found.');
    return report;
  };
  return [
    route('POST', '/reporting/reports', (exchange) => {
      const profile = enter(exchange);
      if (exchange.headers['content-type'] !== 'application/vnd.createasyncreportrequest.v3+json')
        throw new Refusal(json({ code: '415', detail: 'Cannot consume content type' }, 415));
      const body = read(exchange, ReportBody, refuseAds);
      const [start, end] = [Date.parse(body.startDate), Date.parse(body.endDate)];
      if (end < start) throw refuseAds(400, 'configuration startDate must not be after endDate');
      if ((end - start) / dayMs > 31)
        throw refuseAds(400, 'configuration startDate to endDate range cannot exceed 31 days');
      if (world.now() - start > 96 * dayMs)
        throw refuseAds(400, 'configuration startDate is beyond the retention of 95 days');
      const same = [...reports.values()].find(
        (one) =>
          one.profile === profile &&
          !one.isCancelled &&
          world.now() - one.createdMs < 2 * world.knobs.reportStepMs + 60_000 &&
          JSON.stringify({ ...one.body, name: '' }) === JSON.stringify({ ...body, name: '' }),
      );
      if (same) throw refuseAds(425, `The Request is a duplicate of : ${same.reportId}`);
      const report: Report = { reportId: world.id(), body, profile, createdMs: world.now(), isCancelled: false };
      reports.set(report.reportId, report);
      return json(shown(exchange, report));
    }),
    route('GET', '/reporting/reports/{id}', (exchange) => json(shown(exchange, known(exchange)))),
    route('DELETE', '/reporting/reports/{id}', (exchange) => {
      const report = known(exchange);
      if (shown(exchange, report).status === 'COMPLETED')
        throw refuseAds(400, 'The report is completed and cannot be cancelled.');
      report.isCancelled = true;
      return json(shown(exchange, report));
    }),
  ];
}
