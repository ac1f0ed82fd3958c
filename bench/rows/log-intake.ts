import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { readNdjson } from '#contracts/ingest/formats/ndjson.ts';
import { copyColumns, copyRow } from '#db/logs/copy-rows.ts';
import { ms, percentile, times } from '../kit/figures.ts';
import type { Api } from '../kit/api.ts';
import type { Row } from '../kit/row.ts';

const linesOfRequest = 1_000;
const inFlight = 12;
const bodyCount = 40;
const Made = z.object({
  address: z.object({ url: z.string(), token: z.string() }),
  source: z.object({ id: z.string() }),
});
const Found = z.object({ data: z.array(z.object({ text: z.string() })), nextCursor: z.string().nullable() });

/** Lines as a web shop's access log writes them, some 330 bytes each; `dated` gives them the time at which they are sent. */
const bodyOf = (number: number): string =>
  Array.from({ length: linesOfRequest }, (_, index) => {
    const n = number * linesOfRequest + index;
    return JSON.stringify({
      at: new Date(Date.now() - n).toISOString(),
      severity: n % 50 === 0 ? 'error' : 'info',
      host: `web-${n % 20}`,
      service: ['checkout', 'catalog', 'search', 'front'][n % 4],
      text: `GET /orders/${n} 200 in ${n % 300} ms from 192.0.2.${n % 255} "Mozilla/5.0 (X11; Linux x86_64) order-${n}"`,
      attributes: { 'http.method': 'GET', 'http.status': 200, 'http.path': `/orders/${n}`, ms: n % 300 },
    });
  }).join('\n');

const timeAt = '{"at":"'.length;

/** A copy of a body whose lines are of now. */
function dated(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const now = new Date().toISOString().slice(0, 23);
  for (let at = 0; at < copy.length;) {
    copy.write(now, at + timeAt, 'latin1');
    const end = copy.indexOf(10, at);
    at = end < 0 ? copy.length : end + 1;
  }
  return copy;
}

/** Looks for one line as the console does, page by page further back, until it is there. */
async function findLine(api: Api, text: string): Promise<{ took: number; pages: number }> {
  const begun = performance.now();
  let cursor = '';
  for (let pages = 1; pages <= 50; pages += 1) {
    const page = Found.parse(await api.get(`/logs?q=${encodeURIComponent(`"${text}"`)}&limit=1${cursor}`));
    if (page.data.length > 0) return { took: performance.now() - begun, pages };
    if (page.nextCursor === null) break;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
  throw new Error(`What was answered cannot be found: ${text}.`);
}

export const logIntake: Row = {
  name: 'log-intake',
  notes: [
    `Log intake: requests of ${linesOfRequest.toLocaleString('en')} lines of JSON (about 330 bytes each), ${inFlight} in flight over HTTP, each answered after its commit; the client, the product and PostgreSQL share the machine. The peer copies the same rows, encoded before it begins, in one \`COPY\` on one connection into a table of the same columns without any index, and into one with our key. Searchable: right afterwards the last line that was answered and one from before all others are found by their text over the API, and the days count no less than was answered.`,
  ],
  async measure(tools) {
    const { api, urls } = await tools.product();
    const made = Made.parse(await api.post('/log-sources', { name: `Bench ${Date.now()}`, sender: 'ndjson' }));
    const bodies = Array.from({ length: bodyCount }, (_, number) => bodyOf(number));
    const now = Date.now();
    const packed = bodies.map((body) => Buffer.from(readNdjson(body, now, null).events.map((event) => copyRow(event, made.source.id, now).line).join(''))); // prettier-ignore
    const owner = new pg.Client({ connectionString: urls.owner });
    await owner.connect();
    try {
      await owner.query('drop table if exists bench_plain, bench_keyed');
      for (const table of ['bench_plain', 'bench_keyed']) {
        await owner.query(`create table ${table} (like log_events including defaults)`);
        await owner.query(`alter table ${table} alter column workspace_id set default '${made.source.id}'`);
      }
      await owner.query('alter table bench_keyed add primary key (workspace_id, at, seq)');
      const seconds = Math.max(8, 60 * tools.scale);
      const peerSeconds = Math.max(4, seconds / 4);
      const plain = [await copyFor(owner, 'bench_plain', packed, peerSeconds)];
      const keyed = await copyFor(owner, 'bench_keyed', packed, peerSeconds);
      await bring(made.address.url, bodies, 3); // warm
      await bring(made.address.url, [bodyOf(bodyCount)], 0);
      const { perSecond, delays, sent } = await bring(made.address.url, bodies, seconds);
      await bring(made.address.url, [bodyOf(bodyCount + 1)], 0);
      const last = await findLine(api, `order-${(bodyCount + 2) * linesOfRequest - 1}`);
      const first = await findLine(api, `order-${(bodyCount + 1) * linesOfRequest - 1}`);
      const { rows } = await owner.query<{ events: number }>('select sum(events)::float8 as events from log_days where source_id = $1', [made.source.id]); // prettier-ignore
      if ((rows[0]?.events ?? 0) < sent) throw new Error(`Of ${sent} events ${rows[0]?.events} were written.`);
      plain.push(await copyFor(owner, 'bench_plain', packed, peerSeconds));
      const peer = Math.max(...plain);
      const rate = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`;
      tools.say(
        `answers p50 ${ms(percentile(delays, 50))}, p99 ${ms(percentile(delays, 99))} for ${linesOfRequest} lines`,
      );
      return [
        {
          what: `log events over HTTP, sustained ${Math.round(seconds)} s`,
          ours: rate(perSecond),
          peer: `COPY without an index ${rate(peer)}`,
          ratio: times(perSecond / peer),
          target: '≥ 0.5×',
          isMet: perSecond / peer >= 0.5,
        },
        {
          what: 'log events over HTTP, against the same key',
          ours: rate(perSecond),
          peer: `COPY with the key ${rate(keyed)}`,
          ratio: times(perSecond / keyed),
          target: '≥ 0.5×',
          isMet: perSecond / keyed >= 0.5,
        },
        {
          what: 'log events over HTTP',
          ours: `${rate(perSecond)}, p99 ${ms(percentile(delays, 99))}; the last line found in ${ms(last.took)}, the first in ${ms(first.took)} (${first.pages} pages)`,
          peer: '–',
          target: '≥ 10,000/s',
          isMet: perSecond >= 10_000,
        },
      ];
    } finally {
      await owner.query('drop table if exists bench_plain, bench_keyed');
      await owner.end();
    }
  },
};

/** Copies for so long in one statement. @returns rows a second */
async function copyFor(client: pg.Client, table: string, buffers: readonly Buffer[], seconds: number): Promise<number> {
  await client.query(`truncate ${table}`);
  const stream = client.query(copyFrom(`copy ${table} (${copyColumns}) from stdin`));
  const begun = performance.now();
  const finished = once(stream, 'finish');
  let copied = 0;
  for (let at = 0; performance.now() - begun < seconds * 1_000; at += 1) {
    if (!stream.write(buffers[at % buffers.length])) await once(stream, 'drain');
    copied += linesOfRequest;
  }
  stream.end();
  await finished;
  return (copied / (performance.now() - begun)) * 1_000;
}

async function bring(url: string, bodies: readonly string[], seconds: number) {
  const agent = new Agent({ connections: inFlight, pipelining: 1 });
  const buffers = bodies.map((body) => Buffer.from(body));
  const begun = performance.now();
  const delays: number[] = [];
  let sent = 0;
  let next = -1;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      // Each body once at least.
      while (next + 1 < buffers.length || performance.now() - begun < seconds * 1_000) {
        const body = dated(buffers[(next += 1) % buffers.length] ?? Buffer.alloc(0));
        const at = performance.now();
        const answer = await request(`${url}/ndjson`, { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/x-ndjson' }, body }); // prettier-ignore
        const text = await answer.body.text();
        if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text.slice(0, 300)}`);
        delays.push(performance.now() - at);
        sent += linesOfRequest;
      }
    }),
  );
  const perSecond = (sent / (performance.now() - begun)) * 1_000;
  await agent.close();
  return { perSecond, delays, sent };
}
