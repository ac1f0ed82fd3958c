import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { frameReader } from '#contracts/events/frame-reader.ts';
import { ms, spreadOf, spreadText } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';

const targetMs = 500;
/** Each of its own, so that none takes the measurement for a flood. */
const sources = 12;
const Made = z.object({ address: z.object({ token: z.string() }) });

export const alertToBoard: Row = {
  name: 'alert-to-board',
  notes: [
    "Alert to board: an alert of Alertmanager's format is posted to its source's address ten times a second, each one a new incident; the time runs from before the POST until the event `incident.opened` has come in an open event stream (SSE), which is what the board draws. Everything lies between: the alert's own commit, its rules, the incident with clocks and story, and the stream.",
  ],
  async measure(tools) {
    const { url, api } = await tools.product();
    const run = Date.now().toString(36);
    const tokens: string[] = [];
    for (let n = 0; n < sources; n++) {
      const made = Made.parse(await api.post('/alert-sources', { name: `Bench ${run} ${n}` }));
      tokens.push(made.address.token);
    }
    const arrived = new Map<string, number>();
    const closing = new AbortController();
    const stream = await fetch(`${url}/api/v1/events?types=incident.opened`, {
      headers: { ...api.headers, accept: 'text/event-stream' },
      signal: closing.signal,
    });
    if (!stream.ok || !stream.body) throw new Error(`The stream was answered ${stream.status}.`);
    const reading = readTitles(stream.body, (title) => arrived.set(title, performance.now()));
    try {
      const count = rounds(tools, 200);
      const sent = new Map<string, number>();
      for (let n = 0; n < count; n++) {
        const next = performance.now() + 100;
        const title = `bench-${run}-${n}`;
        const labels = { alertname: title, severity: 'critical' };
        sent.set(title, performance.now());
        const answer = await fetch(`${url}/api/v1/ingest/${tokens[n % sources]}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ version: '4', alerts: [{ status: 'firing', labels }] }),
        });
        if (!answer.ok) throw new Error(`An alert was answered ${answer.status}: ${await answer.text()}`);
        await sleep(Math.max(0, next - performance.now()));
      }
      for (const until = performance.now() + 30_000; arrived.size < count && performance.now() < until;)
        await sleep(50);
      if (arrived.size !== count) throw new Error(`${arrived.size} incidents came, not ${count}.`);
      const spread = spreadOf([...arrived].map(([title, at]) => at - (sent.get(title) ?? at)));
      return [
        {
          what: 'alert POST → incident in an open event stream, p50 / p95 / p99',
          ours: spreadText(spread),
          peer: '–',
          target: `p95 < ${ms(targetMs)}`,
          isMet: spread.p95 < targetMs,
        },
      ];
    } finally {
      closing.abort();
      await reading.catch(() => {});
    }
  },
};

async function readTitles(body: ReadableStream<Uint8Array>, onTitle: (title: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  const read = frameReader(({ data }) => {
    for (const [, title = ''] of data.matchAll(/"title":"(bench-[^"]+)"/g)) onTitle(title);
  });
  for await (const chunk of body) read(decoder.decode(chunk, { stream: true }));
}
