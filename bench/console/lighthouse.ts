import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const version = '13.5.0';

/** Lighthouse from npm in a folder of its own, installed once and kept in the user's cache. @returns its command line */
export async function needLighthouse(say: (line: string) => void): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'windlass');
  const folder = join(cache, `lighthouse-${version}`);
  const program = join(folder, 'node_modules/lighthouse/cli/index.js');
  if (existsSync(join(folder, 'installed'))) return program;
  say(`installing lighthouse ${version} (once) …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '-E', `lighthouse@${version}`], {
    cwd: folder,
    timeout: 300_000,
  });
  writeFileSync(join(folder, 'installed.new'), version);
  renameSync(join(folder, 'installed.new'), join(folder, 'installed'));
  return program;
}

const categories = ['performance', 'accessibility', 'best-practices'] as const;
const Report = z.object({
  runtimeError: z.object({ message: z.string() }).optional(),
  categories: z.object({
    performance: z.object({ score: z.number().nullable() }),
    accessibility: z.object({ score: z.number().nullable() }),
    'best-practices': z.object({ score: z.number().nullable() }),
  }),
  audits: z.record(
    z.string(),
    z.object({
      score: z.number().nullable(),
      title: z.string(),
      displayValue: z.string().optional(),
      details: z.unknown().optional(),
    }),
  ),
});

export interface Scores {
  performance: number;
  accessibility: number;
  bestPractices: number;
  /** Audits below full marks: `unused-javascript 0.5 (Potential savings …)`. */
  lost: string[];
}

/** One pass of the desktop preset in a browser that listens on a port, with the cookies it has. */
export async function runLighthouse(program: string, address: string, port: number): Promise<Scores> {
  const file = join(tmpdir(), `windlass-lighthouse-${process.pid}.json`);
  const flags = [
    '--preset=desktop',
    '--disable-storage-reset',
    '--disable-full-page-screenshot',
    // The event stream never ends, and Lighthouse would wait 45 s for it.
    '--max-wait-for-load=20000',
    `--port=${port}`,
    `--only-categories=${categories.join(',')}`,
  ];
  try {
    await run(process.execPath, [program, address, ...flags, '--quiet', '--output=json', `--output-path=${file}`], {
      timeout: 240_000,
      maxBuffer: 1 << 26,
    });
    const report = Report.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (report.runtimeError) throw new Error(`Lighthouse on ${address}: ${report.runtimeError.message}`);
    const score = (name: (typeof categories)[number]): number => Math.round((report.categories[name].score ?? 0) * 100);
    return {
      performance: score('performance'),
      accessibility: score('accessibility'),
      bestPractices: score('best-practices'),
      lost: Object.entries(report.audits)
        .filter(([, audit]) => audit.score !== null && audit.score < 0.9)
        .map(([id, audit]) => `${id} ${audit.score} ${audit.displayValue ?? ''} ${snippets(audit.details)}`.trim()),
    };
  } finally {
    rmSync(file, { force: true });
  }
}

const Details = z.object({ items: z.array(z.object({ node: z.object({ snippet: z.string() }).optional() })) });
const snippets = (details: unknown): string =>
  (Details.safeParse(details).data?.items ?? [])
    .flatMap(({ node }) => node?.snippet.slice(0, 160) ?? [])
    .slice(0, 3)
    .join(' ');
