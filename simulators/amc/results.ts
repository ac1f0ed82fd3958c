import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Answer, type Exchange, instanceOf, json, page, refuse, type Route, route } from './exchange.ts';
import type { Queue } from './queue.ts';
import type { World } from './world.ts';

const xml = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

/** Files behind addresses that are good for a while, as S3 serves them. */
export class Files {
  readonly #world: World;
  readonly #key = randomBytes(32);
  readonly #files = new Map<string, { body: Buffer; type: string; etag: string; encoding?: string }>();
  constructor(world: World) {
    this.#world = world;
  }
  get count(): number {
    return this.#files.size;
  }
  put(name: string, body: Buffer, type: string): void {
    if (!this.#files.has(name))
      this.#files.set(name, { body, type, etag: `"${createHash('md5').update(body).digest('hex')}"` });
  }
  #sign(name: string, untilMs: number): string {
    return createHmac('sha256', this.#key).update(`${name}\n${untilMs}`).digest('hex');
  }
  /** An address for a file, good until then. */
  url(origin: string, name: string, lifeMs: number): string {
    const untilMs = this.#world.now() + lifeMs;
    const signed = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=${Math.ceil(lifeMs / 1_000)}&X-Amz-Until=${untilMs}&X-Amz-Signature=${this.#sign(name, untilMs)}`;
    return `${origin}/s3/${name}?${signed}`;
  }

  /** Answers a request for a file. An address is its own right: with a second one, S3 refuses. */
  answer({ path, query, headers }: Exchange): Answer {
    if (headers.authorization !== undefined)
      return xml(
        400,
        'InvalidArgument',
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      );
    const name = path.slice('/s3/'.length);
    const untilMs = Number(query.get('X-Amz-Until'));
    const [given, expected] = [Buffer.from(query.get('X-Amz-Signature') ?? ''), Buffer.from(this.#sign(name, untilMs))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      return xml(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match.');
    if (this.#world.now() >= untilMs) return xml(403, 'AccessDenied', 'Request has expired');
    const file = this.#files.get(name);
    if (!file) return xml(404, 'NoSuchKey', 'The specified key does not exist.');
    const { body, type, etag } = file;
    if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
      return xml(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    const usual = { 'content-type': type, etag, 'accept-ranges': 'bytes' };
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
    if (!range) return { status: 200, headers: usual, body };
    const from = Number(range[1]);
    const to = range[2] ? Math.min(Number(range[2]), body.length - 1) : body.length - 1;
    if (from >= body.length || from > to)
      return {
        ...xml(416, 'InvalidRange', 'The requested range is not satisfiable'),
        headers: { 'content-type': 'application/xml', 'content-range': `bytes */${body.length}` },
      };
    return {
      status: 206,
      headers: { ...usual, 'content-range': `bytes ${from}-${to}/${body.length}` },
      body: body.subarray(from, to + 1),
    };
  }
}

/** Where results are (AMC §4.4). */
export function resultRoutes(world: World, queue: Queue, files: Files): readonly Route[] {
  return [
    route('GET', '/amc/reporting/{instance}/workflowExecutions/{id}/downloadUrls', (exchange) => {
      const { instanceId } = instanceOf(exchange);
      const id = exchange.params[1] ?? '';
      const execution = queue.find(instanceId, id);
      if (!execution) throw refuse(404, `Execution with ID ${id} does not exist.`);
      const isEarly = execution.succeededMs === null || world.now() - execution.succeededMs < world.knobs.unavailableMs;
      if (isEarly || execution.isDryRun) throw refuse(400, `Execution with ID ${id} is unavailable for download`);
      const folder = `amc-${instanceId}-sim/workflow=${execution.workflowId}/schedule=adhoc`;
      const names = execution.parts.map((part, at) => {
        const name = `${folder}/${id}-${at + 1}-ver1.csv`;
        files.put(name, part, 'text/csv');
        return name;
      });
      const { items, nextToken } = page(exchange, names, 5);
      const metadata = `${folder}/${id}-metadata.json`;
      files.put(
        metadata,
        Buffer.from(JSON.stringify({ workflowExecutionId: id, rows: execution.rows })),
        'application/json',
      );
      return json({
        downloadUrls: items.map((name) => files.url(exchange.origin, name, world.knobs.urlLifeMs)),
        metadataDownloadUrls: [files.url(exchange.origin, metadata, world.knobs.urlLifeMs)],
        ...(nextToken && { nextToken }),
      });
    }),
  ];
}
