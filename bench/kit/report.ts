import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { keepRows, paper } from './kept-rows.ts';
import { machineLines } from './machine.ts';
import type { Result, Row } from './row.ts';

const Measured = z.object({
  what: z.string(),
  ours: z.string(),
  peer: z.string(),
  ratio: z.string().optional(),
  target: z.string(),
  isMet: z.boolean().nullable(),
});

/** Writes docs/performance.md: the table, and what its figures mean. Its figures are kept beside it as JSON. */
export function writeReport(
  measured: readonly { row: Row; results: readonly Result[] }[],
  { flags, rows }: { flags: readonly string[]; rows: readonly Row[] },
): void {
  const kept = keepRows<Result>('performance.json', Measured, measured, rows);
  const line = (on: string, { what, ours, peer, ratio, target, isMet }: Result): string =>
    `| ${[what, ours, peer, ratio ?? '–', target, isMet === null ? '–' : isMet ? 'met' : '**missed**', on].join(' | ')} |`;
  const shared = flags.filter(
    (flag) => /^[a-z].*=|pragma/i.test(flag) && !flag.endsWith('=Keyword') && !flag.startsWith('--'),
  );
  const text = `# Performance

Made by \`npm run bench\`; \`npm run bench -- exports\` measures a row again. Each figure stands beside its peer, measured in the same run, in turns, on the same server. The last column says when, in UTC, and of which commit.

${machineLines()}
- The product is the real one: \`npm start\`'s processes in a home of their own, real HTTP, an API key. Load generators, peers, PostgreSQL, Temporal and the product share the machine's cores.
- Temporal's flags, shared with the peer: \`${shared.join(' ')}\`.

| what | Windlass | peer | ratio | target | | on |
| --- | --- | --- | --- | --- | --- | --- |
${kept.flatMap(({ at, commit: of, results }) => results.map((result) => line(`${at}, ${of}`, result))).join('\n')}

Latencies are p50 / p95 / p99 unless said otherwise. What the rows mean:

${rows.flatMap(({ notes }) => notes.map((note) => `- ${note}`)).join('\n')}
`;
  writeFileSync(paper('performance.md'), text);
}
