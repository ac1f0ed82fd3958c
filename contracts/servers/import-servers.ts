import { z } from 'zod';
import { fillMessage } from '../kit/error-def.ts';
import { serversErrors } from './errors.ts';

/** The columns of a CSV of servers, in the order of the export. Only `name` and `host` must be there. */
export const importColumns = ['name', 'host', 'port', 'tags', 'credential', 'jump', 'hostKey', 'description'] as const;
export type ImportColumn = (typeof importColumns)[number];

/** As JSON. As `text/csv` the body is the file, and the flags go into the query. */
export const ImportRequest = z.object({
  csv: z.string().max(8_000_000),
  /** Says what would happen and changes nothing. */
  dryRun: z.boolean().optional(),
  /** Refuses the whole file where one line is wrong; otherwise the good lines are taken. */
  allOrNothing: z.boolean().optional(),
});
export type ImportRequest = z.infer<typeof ImportRequest>;

export const LineError = z.object({
  /** As an editor counts: the header is line 1. */
  line: z.number().int(),
  column: z.string().nullable(),
  code: z.string(),
  message: z.string(),
});
export type LineError = z.infer<typeof LineError>;

export const ImportRow = z.object({
  line: z.number().int(),
  name: z.string(),
  host: z.string(),
  act: z.enum(['create', 'update', 'unchanged', 'refuse']),
  /** What differs from the server as it is. */
  changes: z.array(z.string()),
  errors: z.array(LineError),
});
export type ImportRow = z.infer<typeof ImportRow>;

export const ImportReport = z.object({
  dryRun: z.boolean(),
  created: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  refused: z.number().int(),
  rows: z.array(ImportRow),
  /** Every error of every line, in the order of the file. */
  errors: z.array(LineError),
});
export type ImportReport = z.infer<typeof ImportReport>;

/** A line as it was read. A column that the file has not is undefined, an empty field null (or its default). */
export interface ImportLine {
  line: number;
  name: string;
  host: string;
  port?: number;
  tags?: string[];
  credential?: string | null;
  jump?: string | null;
  hostKey?: string | null;
  description?: string;
  errors: LineError[];
}

/** One error of a line, in the words of `contracts/errors.ts`. */
export const lineError = (
  line: number,
  column: string | null,
  code: ErrorCode,
  facts: Record<string, unknown> = {},
): LineError => ({
  line,
  column,
  code,
  message: fillMessage(serversErrors[code].message, facts),
});
type ErrorCode = keyof typeof serversErrors;

/** Servers in one file. */
export const mostLines = 5_000;
