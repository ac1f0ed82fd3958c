import { readFileSync, realpathSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip as gzipCompress } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { pageFiles, workspaceFrame } from './web/pages.ts';

const [brotli, gzip] = [promisify(brotliCompress), promisify(gzipCompress)];
const inRepo = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What loads first is split by how often it changes, so that a new build of ours leaves the vendors' chunks cached. */
const vendorChunks = [
  { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\//, priority: 2 },
  { name: 'tanstack', test: /node_modules\/@tanstack\/(react-)?(query|router|history|store)/, priority: 2 },
];

/**
 * What every page of a workspace needs before it can be drawn is one script, what sign-in needs of it is another, and what
 * opens over a page (dialogs, menus), which the first picture does without, a third: in sixty small ones the browser's asking and answering takes longer than the bytes.
 */
const radix = {
  // What a tooltip needs, which every page has, and what dialogs and menus need. `radix-ui` names all its parts in one
  // module, so what a page needs of them cannot be told by following imports.
  base: /@floating-ui|@radix-ui\/(primitive|react-(tooltip|popper|dismissable-layer|slot|presence|portal|primitive|context|compose-refs|id|arrow|visually-hidden|use-))/,
  layers:
    /@radix-ui\/react-(dialog|alert-dialog|menu|dropdown-menu|popover|focus-|collection|roving-focus|direction)|(react-remove-scroll|react-style-singleton|aria-hidden|use-sidecar|use-callback-ref|get-nonce)|\/web\/ui\/(dialog|menu)\./,
};
/**
 * What nearly every page behind the first one needs, in a few scripts: a page of thirty small ones asks and waits longer
 * than it reads.
 */
const sharedChunks = [
  // What an address holds is read by zod, so that every page with filters has it.
  {
    name: 'zod',
    test: /node_modules\/zod\/|\/contracts\/kit\/|\/web\/kit\/(no-eval|url-state)\./,
    priority: 0.9,
  },
  // Sign-in has it too, and would bring the frame with the others.
  { name: 'card', test: /\/web\/ui\/card\./, priority: 0.85 },
  { name: 'parts', test: /\/web\/(ui\/(answer|meter|page|segmented|strand)|kit\/after-paint)\./, priority: 0.8 },
  {
    name: 'more-parts',
    test: /\/web\/(ui\/(choice|code-block|diff-lines|filter-chip|key-value|row-window|tabs)|kit\/(drafts|later)|playbooks\/playbooks)\./,
    priority: 0.7,
  },
  // The document of a playbook: read, written, compared.
  {
    name: 'playbook',
    test: /node_modules\/(yaml|diff)\/|\/web\/playbooks\/(document\/|editor-view|forms\/kind-looks)|\/contracts\/playbooks\/(canonical|yaml|shape\/|validation\/outline)/,
    priority: 0.6,
  },
];
const firstPages = ['identity/home-page.tsx', 'overview/overview-page.tsx'];
const isIcon = /lucide-react\/dist\/esm\/icons\//;
/** Every icon by its name, as the library's one module names them, with the module that draws it. */
const icons = () => {
  const library = realpathSync(inRepo('node_modules/lucide-react/dist/esm/lucide-react.mjs'));
  const fileOf = new Map<string, string>();
  for (const [, names = '', file = ''] of readFileSync(library, 'utf8').matchAll(
    /export \{([^}]+)\} from '(\.[^']+)'/g,
  ))
    for (const [, name = ''] of names.matchAll(/default as (\w+)/g)) fileOf.set(name, resolve(dirname(library), file));
  return {
    library,
    /** The icons that a module of ours names. */
    namedIn: (module: string): string[] =>
      [...readFileSync(module, 'utf8').matchAll(/import \{([^}]+)\} from 'lucide-react'/g)].flatMap(([, names = '']) =>
        names.split(',').flatMap((part) => fileOf.get(/\w+/.exec(part.replace(/^\s*type /, ''))?.[0] ?? '') ?? []),
      ),
  };
};
const frameChunks = () => {
  const chunkOf = new Map<string, 'base' | 'frame'>();
  const { library, namedIn } = icons();
  return (id: string, bundle: { getModuleInfo: (id: string) => { importedIds: string[] } | null }) => {
    if (chunkOf.size === 0) {
      const needsOf = (files: readonly string[]): Set<string> => {
        const seen = new Set<string>();
        const walk = (of: string): void => {
          // What names all of a library's parts in one module tells nothing of what is needed.
          if (seen.has(of) || of === library || /radix-ui\/dist\/index/.test(of)) return;
          seen.add(of);
          for (const next of bundle.getModuleInfo(of)?.importedIds ?? []) walk(next);
          if (of.startsWith(inRepo('web/')) && /\.tsx?$/.test(of)) for (const icon of namedIn(of)) walk(icon);
        };
        for (const file of files) walk(inRepo(`web/${file}`));
        return seen;
      };
      const first = needsOf(['main.tsx']);
      const entry = needsOf(['identity/sign-in-page.tsx']);
      // Fields are in every form, and so in sign-in too: with the dialogs they would bring those.
      for (const of of [...first, ...needsOf([workspaceFrame.file, 'ui/input.tsx'])])
        chunkOf.set(of, first.has(of) || entry.has(of) ? 'base' : 'frame');
      // The first page's icons are few; in the script of all other pages' icons they would bring those with them.
      for (const of of needsOf(firstPages)) if (isIcon.test(of) && !chunkOf.has(of)) chunkOf.set(of, 'frame');
      // These stay what they are: the first script, and the module that the router asks for.
      for (const file of ['main.tsx', workspaceFrame.file]) chunkOf.delete(inRepo(`web/${file}`));
    }
    if (radix.base.test(id)) return 'base';
    // The icons of pages are one script as well: each by itself would be a question to the server.
    return chunkOf.get(id) ?? (radix.layers.test(id) ? 'layers' : isIcon.test(id) ? 'icons' : null);
  };
};

/**
 * Puts the route table into the build as data, without the schemas: see `web/kit/route-table.ts`. Its module is run here,
 * in Node, and what it exports is written in its place.
 */
const routesAsData = (): Plugin => ({
  name: 'windlass-routes-as-data',
  apply: 'build',
  async load(id) {
    if (id !== inRepo('web/kit/route-table.ts')) return null;
    const { routeTable } = (await import('./web/kit/route-table.ts')) as typeof import('./web/kit/route-table.ts');
    return `export const routeTable = ${JSON.stringify(routeTable)};`;
  },
});

/**
 * Writes which scripts each page needs, as `preloads.json` beside the page: the server names them in the page's head
 * (`api/roots/console.ts`), so that the browser fetches them at once and not only when the first script has run.
 */
const pagePreloads = (): Plugin => ({
  name: 'windlass-page-preloads',
  apply: 'build',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
    const scripts = (of: string | undefined, seen = new Set<string>()): Set<string> => {
      const chunk = chunks.find(({ fileName }) => fileName === of);
      if (!chunk || seen.has(chunk.fileName)) return seen;
      seen.add(chunk.fileName);
      for (const next of chunk.imports) scripts(next, seen);
      return seen;
    };
    const first = scripts(chunks.find(({ isEntry }) => isEntry)?.fileName);
    const preloads = pageFiles().map(({ path, files }) => {
      const own = files.map((file) => chunks.find(({ facadeModuleId }) => facadeModuleId === inRepo(`web/${file}`)));
      const needed = new Set(own.flatMap((chunk) => [...scripts(chunk?.fileName)]));
      return { path, scripts: [...needed].filter((file) => !first.has(file)).map((file) => `/${file}`) };
    });
    this.emitFile({ type: 'asset', fileName: 'preloads.json', source: JSON.stringify(preloads) });
  },
});

/** Below this a file is sent as it is, as the server does with its answers. */
const worthPacking = 2_048;
/** The best packing of a megabyte takes a second: the few that are larger are packed a little less. */
const smallBytes = 256_000;

/**
 * Writes each script and style packed beside itself (`.br`, `.gz`): the server sends what is there
 * (`api/roots/console.ts`), and packs nothing while a page waits.
 */
const packed = (): Plugin => ({
  name: 'windlass-packed',
  apply: 'build',
  async writeBundle({ dir = '' }, bundle) {
    const packEach = Object.keys(bundle).map(async (name) => {
      if (!/\.(js|css|svg)$/.test(name)) return;
      const source = await readFile(resolve(dir, name));
      if (source.length < worthPacking) return;
      const quality = source.length <= smallBytes ? 11 : 9;
      const [br, gz] = await Promise.all([
        brotli(source, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
        gzip(source, { level: 9 }),
      ]);
      await Promise.all([writeFile(resolve(dir, `${name}.br`), br), writeFile(resolve(dir, `${name}.gz`), gz)]);
    });
    await Promise.all(packEach);
  },
});

/** The console: `web/` in, `dist/web/` out. In development `/api` goes to the server of `npm start` (PORT, 3000). */
export default defineConfig({
  root: inRepo('web'),
  publicDir: inRepo('web/public'),
  plugins: [routesAsData(), pagePreloads(), react(), tailwindcss(), packed()],
  resolve: {
    // monaco-yaml still asks for the paths of before monaco-editor 0.57.
    alias: [{ find: /^monaco-editor\/esm\/vs\//, replacement: 'monaco-editor/' }],
  },
  worker: { format: 'es' },
  build: {
    outDir: inRepo('dist/web'),
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    chunkSizeWarningLimit: 4_000,
    rolldownOptions: {
      output: { codeSplitting: { groups: [...vendorChunks, { name: frameChunks(), priority: 1 }, ...sharedChunks] } },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: `http://127.0.0.1:${process.env.PORT ?? 3000}`, ws: true } },
  },
});
