import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machineLines } from '../kit/report.ts';
import type { ConsoleResult, ConsoleRow } from './row.ts';

const file = fileURLToPath(new URL('../../docs/performance-console.md', import.meta.url));

/** Writes docs/performance-console.md: the table, and what its figures mean. */
export function writeConsoleReport(
  measured: readonly { row: ConsoleRow; results: readonly ConsoleResult[]; seconds: number }[],
  { isQuick, soakMinutes }: { isQuick: boolean; soakMinutes: number },
): void {
  const line = ({ what, figure, target, isMet }: ConsoleResult): string =>
    `| ${[what, figure, target, isMet ? 'met' : '**missed**'].join(' | ')} |`;
  const minutes = measured.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const kind = [isQuick && 'fewer rounds (`--quick`)', soakMinutes !== 30 && `a soak of ${soakMinutes} minutes`].filter(
    Boolean,
  );
  const text = `# Performance of the console

Made by \`npm run bench:console\` on ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC in ${minutes.toFixed(0)} minutes${kind.length > 0 ? `: a quick look with ${kind.join(' and ')}` : ''}.

${machineLines()}
- The product is the real one: \`npm start\`'s processes in a home of their own and the built console, in headless Chromium on the same machine, without a graphics card. Frames and scores measured beside other work are no final figures.

| what | measured | target | |
| --- | --- | --- | --- |
${measured.flatMap(({ results }) => results.map(line)).join('\n')}

What the rows mean:

${measured.flatMap(({ row }) => row.notes.map((note) => `- ${note}`)).join('\n')}

How people's own browsers see it is under Settings, Console speed.
`;
  mkdirSync(fileURLToPath(new URL('../../docs/', import.meta.url)), { recursive: true });
  writeFileSync(file, text);
}
