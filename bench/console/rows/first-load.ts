import { gzipSync } from 'node:zlib';
import { openConsole } from '../seed.ts';
import type { ConsoleRow } from '../row.ts';

const most = 200_000;
const heavy = /monaco|yaml-editor|recharts|charts?-|graph|xyflow|elk/i;

export const firstLoad: ConsoleRow = {
  name: 'first-load',
  notes: [
    'First load: the scripts that Chromium asks for from an empty cache before the page’s main content is painted, each compressed by gzip at its default level; what it asks for later by itself, when idle, is told apart. “Heavy” are chunks of Monaco, Recharts, React Flow and elk, which none of these scripts may be: the overview draws its charts once it is painted.',
  ],
  async measure({ world, browser }) {
    const results = [];
    for (const [what, address, isSignedIn] of [
      ['sign-in', `${world.product.url}/sign-in`, false],
      ['overview', world.base, true],
    ] as const) {
      const { page } = await browser({ isSignedIn });
      const sizes = new Map<string, Promise<number>>();
      page.on('response', (response) => {
        if (response.request().resourceType() === 'script')
          sizes.set(
            response.url(),
            response.body().then((body) => gzipSync(body).length),
          );
      });
      await openConsole(page, address);
      // The event stream never ends, so the network is never idle: until no script has come for two seconds.
      for (let seen = -1; seen !== sizes.size; await page.waitForTimeout(2_000)) seen = sizes.size;
      const first = await page.evaluate(scriptsUntilLargestPaint);
      const sum = async (urls: readonly string[]) =>
        (await Promise.all(urls.map(async (url) => (await sizes.get(url)) ?? 0))).reduce((all, size) => all + size, 0);
      const later = [...sizes.keys()].filter((url) => !first.includes(url));
      const [bytes, laterBytes] = [await sum(first), await sum(later)];
      const weights = first.filter((url) => heavy.test(url));
      results.push({
        what: `first-load JavaScript of ${what}, gzip`,
        figure: `${kilobytes(bytes)} in ${first.length} files${later.length > 0 ? `; ${kilobytes(laterBytes)} more when idle` : ''}${weights.length > 0 ? `; heavy: ${weights.map((url) => url.split('/').at(-1)).join(', ')}` : ''}`,
        target: '≤ 200 kB, nothing heavy',
        isMet: bytes <= most && weights.length === 0,
      });
    }
    return results;
  },
};

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;

/** In the page: the scripts that were asked for before its main content was painted. */
function scriptsUntilLargestPaint(): Promise<string[]> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const paintedAt = list.getEntries().at(-1)?.startTime ?? Infinity;
      const resources = performance.getEntriesByType('resource');
      resolve(
        resources
          .filter(({ name, startTime }) => name.endsWith('.js') && startTime < paintedAt)
          .map(({ name }) => name),
      );
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
}
