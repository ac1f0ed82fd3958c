import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { FOLDER_PREFIX } from './kit.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the broker of this run's servers listens. */
    brokerSocket: string;
  }
}

/** Starts the broker, which starts servers only when a test asks for one. It ends when its stdin does: with us. */
export default function setUp(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const ours = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
  const node = existsSync(ours) ? ours : process.execPath;
  // In a session of its own: Ctrl-C ends the tests first, and the broker after them.
  const broker = spawn(node, [fileURLToPath(new URL('broker.ts', import.meta.url)), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((done) => broker.once('exit', () => done()).once('error', () => done()));
  project.provide('brokerSocket', join(folder, 'broker.sock'));
  return async () => {
    broker.stdin?.end();
    await ended;
  };
}
