import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consoleFallback, consoleRoot } from './console.ts';

const folder = mkdtempSync(join(tmpdir(), 'windlass-console-'));
let app: FastifyInstance;

/** A build of the console in the folder. */
function build(mark: string, runs: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'assets', 'page.js'), 'export {};');
  const preloads = [
    { path: '/w/$workspace/runs/$runId', scripts: ['/assets/run.js'] },
    { path: '/w/$workspace/runs/compare', scripts: ['/assets/compare.js'] },
    { path: '/w/$workspace/runs', scripts: [runs] },
  ];
  writeFileSync(join(folder, 'preloads.json'), JSON.stringify(preloads));
  writeFileSync(join(folder, 'index.html'), `<html><head><title>${mark}</title></head><body></body></html>`);
}

beforeAll(async () => {
  build('first', '/assets/runs.js');
  app = Fastify();
  const fallback = consoleFallback(folder);
  app.setNotFoundHandler((request, reply) => fallback(request, reply) || reply.code(404).send('nothing'));
  await app.register(consoleRoot(folder));
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (url: string, accept = 'text/html') => app.inject({ url, headers: { accept } });
const scriptsOf = (html: string) =>
  [...html.matchAll(/rel="modulepreload" crossorigin href="([^"]+)"/g)].map(([, at]) => at);

test('an address of the console is answered by the page, which names the scripts of that address', async () => {
  const answer = await get('/w/home/runs?status=failed');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-cache');
  expect(scriptsOf(answer.body)).toEqual(['/assets/runs.js']);
});

test('an address in words is not taken for the id of a run, and one that no page has names nothing', async () => {
  expect(scriptsOf((await get('/w/home/runs/compare')).body)).toEqual(['/assets/compare.js']);
  expect(scriptsOf((await get('/w/home/runs/0198')).body)).toEqual(['/assets/run.js']);
  expect(scriptsOf((await get('/w/home/runs/0198/more')).body)).toEqual([]);
  expect(scriptsOf((await get('/nowhere')).body)).toEqual([]);
});

test('what is no page is not answered by it: the API, files, and who asks for something else than a page', async () => {
  for (const url of ['/api/v1/nothing', '/assets/gone.js', '/temporal/x', '/.well-known/x'])
    expect((await get(url)).statusCode, url).toBe(404);
  expect((await get('/w/home/runs', 'application/json')).statusCode).toBe(404);
  expect((await app.inject({ method: 'POST', url: '/w/home/runs' })).statusCode).toBe(404);
  expect((await get('/assets/page.js', '*/*')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('a new build is served without a restart', async () => {
  build('second', '/assets/runs-2.js');
  utimesSync(join(folder, 'index.html'), new Date(), new Date(Date.now() + 5_000));
  const { body } = await get('/w/home/runs');
  expect(body).toContain('<title>second</title>');
  expect(scriptsOf(body)).toEqual(['/assets/runs-2.js']);
});
