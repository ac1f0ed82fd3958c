import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, IdParams, Instant } from '../kit/schemas.ts';
import { exportFormatNames } from './export-formats.ts';

/** Headers of a download, and the two that come behind its last byte as trailers, for clients that read those. */
export const exportHeaders = { id: 'x-export-id', rows: 'x-export-rows', sha256: 'x-export-sha256' } as const;

/**
 * How an export ended: what a download is checked against. It is told apart from the file, because no format says it all of
 * itself and no browser gives a page the trailers of an answer.
 */
export const ExportEnd = z.object({
  exportId: Id,
  format: z.enum(exportFormatNames),
  /** `whole`: all was made and given to the client · `broken`: what the client has is no whole file. */
  state: z.enum(['whole', 'broken']),
  /** Of the whole file, those before `from` or `fromByte` included; null where it broke. */
  rows: z.number().int().nullable(),
  bytes: z.number().int().nullable(),
  /** SHA-256 of the whole file as it is stored, in lower-case hex: what `sha256sum` prints. */
  sha256: z.string().nullable(),
  endedAt: Instant,
});
export type ExportEnd = z.infer<typeof ExportEnd>;

export const queryExportRoutes = defineRoutes({
  getQueryExport: {
    method: 'GET',
    path: '/query-runs/:id/exports/:exportId',
    access: 'queries:export',
    summary:
      'Rows, size and checksum of a file that was exported, by the `x-export-id` of its download; 404 until it has ended',
    params: IdParams.extend({ exportId: Id }),
    response: ExportEnd,
  },
});
