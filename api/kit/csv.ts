import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** One field of a CSV: quoted where needed; a text that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line of a CSV, with its end (RFC 4180). */
export const csvLine = (fields: readonly unknown[]): string => `${fields.map(csvField).join(',')}\r\n`;

/** Answers with a CSV that is written as it is read, so that memory stays flat whatever its length. */
export const sendCsv = (reply: FastifyReply, name: string, lines: AsyncIterable<string>): FastifyReply =>
  reply
    .header('content-disposition', `attachment; filename="${name}"`)
    .type('text/csv; charset=utf-8')
    .serializer((value: unknown) => value as string)
    .send(Readable.from(lines));
