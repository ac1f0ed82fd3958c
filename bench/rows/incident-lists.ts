import pg from 'pg';
import { cannon } from '../kit/cannon.ts';
import { median, ms } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';
import { insertIncidents } from '../kit/seed-incidents.ts';
import { databaseAsSuperuser } from '../kit/seed-runs.ts';

const incidents = 100_000;
const connections = 50;
const target = 100;
const pages: readonly { what: string; path: string | readonly string[]; isAsked?: false }[] = [
  { what: 'list, all', path: '/incidents?limit=50' },
  { what: 'list, active', path: '/incidents?limit=50&state=active' },
  { what: 'list, by words', path: '/incidents?limit=50&search=shop%2077777' },
  { what: 'board', path: '/incidents/board' },
  {
    what: 'list, by words, each another',
    isAsked: false,
    path: Array.from({ length: 400 }, (_, n) => `/incidents?limit=50&search=shop%20${77_000 + n}`),
  },
];

export const incidentLists: Row = {
  name: 'incident-lists',
  notes: [
    `Incidents: list and board of one workspace with ${incidents.toLocaleString('en')} incidents, of which 400 are not closed, ${connections} connections without a pause between requests; the whole request with its clocks. Whoever asks the same while an answer is made shares the next one, as consoles do that ask again after a change; the last line is without that.`,
  ],
  async measure(tools) {
    const product = await tools.product();
    const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
    await client.connect();
    try {
      await insertIncidents(client, product.workspaceId, incidents);
    } finally {
      await client.end();
    }
    await product.owner.patch('/settings', { requestsPerMinute: 600_000 });
    // As browsers ask.
    const { url, headers } = product.owner;
    const asker = { url, headers: { ...headers, 'accept-encoding': 'gzip' } };
    const results = [];
    for (const { what, path, isAsked = true } of pages) {
      const found = [];
      for (let round = 0; round <= rounds(tools, 4, 1); round++) {
        const measured = await cannon(asker, path, { connections, seconds: round === 0 ? 3 : 6 });
        if (round > 0) found.push(measured); // the first warms up
      }
      const p95 = median(found.map((each) => each.p95));
      const rate = median(found.map((each) => each.rate));
      results.push({
        what: `${incidents.toLocaleString('en')} incidents: ${what}, ${connections} connections, p95`,
        ours: `${ms(p95)} (${rate.toFixed(0)}/s)`,
        peer: '—',
        target: isAsked ? `≤ ${target} ms` : '—',
        isMet: isAsked ? p95 <= target : null,
      });
    }
    return results;
  },
};
