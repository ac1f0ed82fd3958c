import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const inRepo = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What loads first is split by how often it changes, so that a new build of ours leaves the vendors' chunks cached. */
const vendorChunks = [
  { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
  { name: 'tanstack', test: /node_modules\/@tanstack\/(react-)?(query|router|history|store)/ },
];

/** The console: `web/` in, `dist/web/` out. In development `/api` goes to the server of `npm start` (PORT, 3000). */
export default defineConfig({
  root: inRepo('web'),
  publicDir: inRepo('web/public'),
  plugins: [react(), tailwindcss()],
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
