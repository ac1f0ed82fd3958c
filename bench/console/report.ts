import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { commit, machineLines } from '../kit/report.ts';
import type { ConsoleResult, ConsoleRow } from './row.ts';

const docs = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

/** What was measured last, row by row: a row that is measured again replaces what stood there. */
const Kept = z.array(
  z.object({
    row: z.string(),
    /** When, to the minute, and of which commit. */
    at: z.string(),
    commit: z.string(),
    results: z.array(z.object({ what: z.string(), figure: z.string(), target: z.string(), isMet: z.boolean() })),
  }),
);

/** Writes docs/performance-console.md: the table, and what its figures mean. Its figures are kept beside it as JSON. */
export function writeConsoleReport(
  measured: readonly { row: ConsoleRow; results: readonly ConsoleResult[] }[],
  rows: readonly ConsoleRow[],
): void {
  const json = docs('performance-console.json');
  const before = existsSync(json) ? Kept.parse(JSON.parse(readFileSync(json, 'utf8'))) : [];
  const now = measured.map(({ row, results }) => ({
    row: row.name,
    at: new Date().toISOString().slice(0, 16).replace('T', ' '),
    commit: commit(),
    results: [...results],
  }));
  const kept = rows.flatMap(({ name }) => [...now, ...before].find(({ row }) => row === name) ?? []);
  writeFileSync(json, `${JSON.stringify(kept, null, 2)}\n`);
  const line = (on: string, { what, figure, target, isMet }: ConsoleResult): string =>
    `| ${[what, figure, target, isMet ? 'met' : '**missed**', on].join(' | ')} |`;
  const text = `# Performance of the console

Made by \`npm run bench:console\`; \`npm run bench:console -- scrolling\` measures a row again. The last column says when, in UTC, and of which commit.

${machineLines()}
- The product is the real one: \`npm start\`'s processes in a home of their own and the built console, in headless Chromium on the same machine, without a graphics card. Frames and scores measured beside other work are no final figures.

| what | measured | target | | on |
| --- | --- | --- | --- | --- |
${kept.flatMap(({ at, commit: of, results }) => results.map((result) => line(`${at}, ${of}`, result))).join('\n')}

What the rows mean:

${rows.flatMap(({ notes }) => notes.map((note) => `- ${note}`)).join('\n')}

How people's own browsers see it is under Settings, Console speed.
`;
  writeFileSync(docs('performance-console.md'), text);
}
