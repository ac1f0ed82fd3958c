import { CsvError, parse } from 'csv-parse/sync';
import { delimiterOf, guardedField, unguarded } from '#contracts/kit/csv-text.ts';
import { Tag } from '#contracts/kit/schemas.ts';
import { HostKeyText } from '#contracts/servers/host-key.ts';
import {
  type ImportColumn,
  type ImportLine,
  type LineError,
  importColumns,
  lineError,
  mostLines,
} from '#contracts/servers/import-servers.ts';
import { HostAddress, Port, ServerName } from '#contracts/servers/server-fields.ts';
import type { Server } from '#contracts/servers/servers.ts';
import type { z } from 'zod';

/** A file as it was read: its lines, and what is wrong with the file itself, in which case nothing can be taken. */
export interface ReadFile {
  lines: ImportLine[];
  fileErrors: LineError[];
}

/** Reads a CSV of servers: comma, semicolon or tab, with or without a byte order mark; errors by line and column. */
export function readServersCsv(text: string): ReadFile {
  const broken = (...fileErrors: LineError[]): ReadFile => ({ lines: [], fileErrors });
  let records: CsvRecord[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
      info: true,
    }) as unknown as CsvRecord[];
  } catch (error) {
    if (error instanceof CsvError)
      return broken(lineError(typeof error.lines === 'number' ? error.lines : 1, null, 'csv.row_broken'));
    throw error;
  }
  const [header, ...rest] = records;
  const columns = header?.record.map(columnOf) ?? [];
  const unknown = columns.flatMap((column, index) =>
    column ? [] : [lineError(1, header?.record[index] ?? '', 'csv.header_unknown', { column: header?.record[index] })],
  );
  const missing = (['name', 'host'] as const)
    .filter((column) => !columns.includes(column))
    .map((column) => lineError(1, column, 'csv.header_missing', { column }));
  if (unknown.length + missing.length > 0) return broken(...missing, ...unknown);
  if (rest.length > mostLines) return broken(lineError(mostLines + 2, null, 'csv.too_many_rows', { limit: mostLines }));
  return { lines: rest.map((record) => readLine(record, columns as ImportColumn[])), fileErrors: [] };
}

interface CsvRecord {
  record: string[];
  /** `lines` is the number of the record's last line. */
  info: { lines: number };
}

const columnOf = (title: string): ImportColumn | undefined => {
  const plain = title.toLowerCase().replaceAll(/[\s_-]/g, '');
  return importColumns.find((column) => column.toLowerCase() === plain);
};

function readLine({ record, info }: CsvRecord, columns: readonly ImportColumn[]): ImportLine {
  // The record's first line, as an editor shows it: quoted fields may hold line breaks.
  const at = info.lines - record.join('').split('\n').length + 1;
  const errors: LineError[] = record.length === columns.length ? [] : [lineError(at, null, 'csv.row_broken')];
  const field = (column: ImportColumn): string | undefined => {
    const index = columns.indexOf(column);
    return index < 0 ? undefined : (record[index] ?? '');
  };
  const checked = <T>(column: ImportColumn, schema: z.ZodType<T>, value: unknown, otherwise: T): T => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    errors.push(
      lineError(at, column, 'csv.value_refused', {
        reason: result.error.issues[0]?.message ?? 'The value is refused.',
      }),
    );
    return otherwise;
  };
  const optional = (column: ImportColumn): string | null | undefined => {
    const value = field(column);
    return value === undefined ? undefined : value === '' ? null : value;
  };
  const port = field('port');
  const tags = field('tags');
  const description = field('description');
  const hostKey = optional('hostKey');
  return {
    line: at,
    name: checked('name', ServerName, unguarded(field('name') ?? ''), field('name') ?? ''),
    host: checked('host', HostAddress, field('host'), field('host') ?? ''),
    ...(port !== undefined && {
      port: port === '' ? 22 : checked('port', Port, /^\d+$/.test(port) ? Number(port) : Number.NaN, 22),
    }),
    ...(tags !== undefined && {
      tags: [
        ...new Set(
          tags
            .split(/[\s,;|]+/)
            .filter(Boolean)
            .map((tag) => checked('tags', Tag, tag, '')),
        ),
      ].sort(),
    }),
    ...(description !== undefined && { description: unguarded(description).slice(0, 2_000) }),
    credential: optional('credential'),
    jump: optional('jump'),
    hostKey: hostKey ? checked('hostKey', HostKeyText, hostKey, hostKey) : hostKey,
    errors,
  };
}

/** Servers as CSV that `readServersCsv` takes back unchanged. */
export const csvHeader = `${importColumns.join(',')}\r\n`;
export const csvLine = (server: Server): string =>
  `${[
    server.name,
    server.host,
    String(server.port),
    server.tags.join(';'),
    server.credential?.name ?? '',
    server.jumpServer?.name ?? '',
    server.hostKey
      ? server.hostKey.key
        ? `${server.hostKey.algorithm} ${server.hostKey.key}`
        : server.hostKey.fingerprint
      : '',
    server.description,
  ]
    .map(guardedField)
    .join(',')}\r\n`;
