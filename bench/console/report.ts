import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { keepRows, paper } from '../kit/kept-rows.ts';
import { machineLines } from '../kit/machine.ts';
import type { ConsoleResult, ConsoleRow } from './row.ts';

const Result = z.object({ what: z.string(), figure: z.string(), target: z.string(), isMet: z.boolean() });

/** Writes docs/performance-console.md: the table, and what its figures mean. Its figures are kept beside it as JSON. */
export function writeConsoleReport(
  measured: readonly { row: ConsoleRow; results: readonly ConsoleResult[] }[],
  rows: readonly ConsoleRow[],
): void {
  const kept = keepRows('performance-console.json', Result, measured, rows);
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
  writeFileSync(paper('performance-console.md'), text);
}
