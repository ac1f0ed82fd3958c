import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const inRepo = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What loads first is split by how often it changes, so that a new build of ours leaves the vendors' chunks cached. */
const vendorChunks = [
  { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
  { name: 'tanstack', test: /node_modules\/@tanstack\/(react-)?(query|router|history|store)/ },
];

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

/** The console: `web/` in, `dist/web/` out. In development `/api` goes to the server of `npm start` (PORT, 3000). */
export default defineConfig({
  root: inRepo('web'),
  publicDir: inRepo('web/public'),
  plugins: [routesAsData(), react(), tailwindcss()],
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
    rolldownOptions: { output: { codeSplitting: { groups: vendorChunks } } },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: `http://127.0.0.1:${process.env.PORT ?? 3000}`, ws: true } },
  },
});
