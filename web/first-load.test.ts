import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { build, type Manifest } from 'vite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { consolePageList } from '#contracts/vitals/console-pages.ts';

let folder = '';
let manifest: Manifest = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-web-'));
  // Vitest says `test` here, and React would then be built with all its development aids.
  vi.stubEnv('NODE_ENV', 'production');
  await build({
    configFile: new URL('../vite.config.ts', import.meta.url).pathname,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Manifest;
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The files that these entries need before they can run: themselves and all they import, not what they load later. */
function filesOf(entries: readonly string[]): { js: string[]; css: string[] } {
  const seen = new Set<string>();
  const walk = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk || seen.has(name)) return;
    seen.add(name);
    for (const next of chunk.imports ?? []) walk(next);
  };
  for (const entry of entries) walk(entry);
  const chunks = [...seen].flatMap((name) => manifest[name] ?? []);
  return {
    js: [...new Set(chunks.map(({ file }) => file))],
    css: [...new Set(chunks.flatMap(({ css }) => css ?? []))],
  };
}
const gzipped = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);

const firstPage = ['index.html', 'identity/home-page.tsx', 'shell/shell.tsx', 'overview/overview-page.tsx'];

test('the first page and sign-in need at most 200 kB of script and 25 kB of style, gzipped', () => {
  for (const entry of firstPage) expect(manifest[entry], entry).toBeDefined();
  const { js, css } = filesOf(firstPage);
  expect(gzipped(js), js.join('\n')).toBeLessThanOrEqual(200_000);
  const signIn = filesOf(['index.html', 'identity/sign-in-page.tsx']).js;
  expect(gzipped(signIn), signIn.join('\n')).toBeLessThanOrEqual(200_000);
  expect(gzipped(css), css.join('\n')).toBeLessThanOrEqual(25_000);
});

test('nothing heavy is in the first load: editor, YAML, charts, graph, expression language', () => {
  const script = filesOf(firstPage)
    .js.map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  expect(script.length).toBeGreaterThan(100_000);
  for (const trace of ['createWebWorker', 'LineCounter', 'recharts', 'react-flow', 'cel-js', 'OptionalNone'])
    expect(script.includes(trace), trace).toBe(false);
});

test('nor what opens over a page, nor the icons of other pages', () => {
  const { js } = filesOf(firstPage);
  expect(js.filter((file) => /\/(layers|icons)-/.test(file))).toEqual([]);
  // They are there, under these names, for the pages that need them.
  const all = Object.values(manifest).map(({ file }) => file);
  for (const name of ['layers', 'icons'])
    expect(
      all.some((file) => file.includes(`/${name}-`)),
      name,
    ).toBe(true);
});

test('the page’s own script for the theme is a file, so that the CSP needs no inline script', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(html).toContain('<script src="/theme.js"></script>');
  expect(html.replaceAll(/<script[^>]*\ssrc=[^>]*><\/script>/g, '')).not.toContain('<script');
  expect(readFileSync(join(folder, 'theme.js'), 'utf8')).toContain('wl.theme');
});

test('the editor and its worker stay within 1 MB of script, gzipped, and load with their page alone', () => {
  const before = filesOf([...firstPage, 'playbooks/playbook-page.tsx']).js;
  const editor = filesOf(['playbooks/yaml-editor.tsx']).js.filter((file) => !before.includes(file));
  expect(gzipped(editor)).toBeLessThanOrEqual(1_000_000);
});

test('each page names scripts of its own that come with the first, and none that the first page has by itself', () => {
  const preloads = JSON.parse(readFileSync(join(folder, 'preloads.json'), 'utf8')) as {
    path: string;
    scripts: string[];
  }[];
  expect(preloads.map(({ path }) => path).toSorted()).toEqual(consolePageList.toSorted());
  const first = filesOf(['index.html']).js;
  for (const { path, scripts } of preloads) {
    expect(scripts.length, path).toBeGreaterThan(0);
    expect(
      scripts.filter((script) => first.includes(script.slice(1))),
      path,
    ).toEqual([]);
  }
  const overview = filesOf(['shell/shell.tsx', 'overview/overview-page.tsx']).js.filter(
    (file) => !first.includes(file),
  );
  expect(preloads.find(({ path }) => path === '/w/$workspace')?.scripts.toSorted()).toEqual(
    overview.map((file) => `/${file}`).toSorted(),
  );
});

test('what a page loads lies there packed, so that the server packs nothing while somebody waits', () => {
  const { js, css } = filesOf(firstPage);
  const large = [...js, ...css].filter((file) => readFileSync(join(folder, file)).length >= 2_048);
  expect(large.length).toBeGreaterThan(5);
  for (const file of large) {
    const whole = readFileSync(join(folder, file));
    expect(brotliDecompressSync(readFileSync(join(folder, `${file}.br`))).equals(whole), file).toBe(true);
    expect(gunzipSync(readFileSync(join(folder, `${file}.gz`))).equals(whole), file).toBe(true);
  }
});

test('a page is a few scripts: each is a question to the server', () => {
  for (const page of ['playbooks/playbook-page.tsx', 'overview/overview-page.tsx'])
    expect(filesOf(['index.html', 'shell/shell.tsx', page]).js.length, page).toBeLessThanOrEqual(16);
});
