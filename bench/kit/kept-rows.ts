import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { commit } from './machine.ts';

/** A file of the papers. */
export const paper = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

/** What was measured of a row, when (UTC, to the minute), and of which commit. */
export interface KeptRow<Result> {
  row: string;
  at: string;
  commit: string;
  results: Result[];
}

/**
 * Writes down what was measured now beside what was measured before: a row that is measured again replaces what stood
 * there, so that one row can be looked at without all others.
 * @returns all that stand, in the order of `rows`
 */
export function keepRows<Result>(
  file: string,
  result: z.ZodType<Result>,
  measured: readonly { row: { name: string }; results: readonly Result[] }[],
  rows: readonly { name: string }[],
): KeptRow<Result>[] {
  const Kept = z.array(z.object({ row: z.string(), at: z.string(), commit: z.string(), results: z.array(result) }));
  const json = paper(file);
  const before = existsSync(json) ? Kept.parse(JSON.parse(readFileSync(json, 'utf8'))) : [];
  const now = measured.map(({ row, results }) => ({
    row: row.name,
    at: new Date().toISOString().slice(0, 16).replace('T', ' '),
    commit: commit(),
    results: [...results],
  }));
  const kept = rows.flatMap(({ name }) => [...now, ...before].find(({ row }) => row === name) ?? []);
  writeFileSync(json, `${JSON.stringify(kept, null, 2)}\n`);
  return kept;
}
