/** Kinds of files that a whole result can be taken as. */
export const exportFormatNames = ['csv', 'json', 'ndjson', 'xlsx', 'parquet'] as const;
export type ExportFormat = (typeof exportFormatNames)[number];

export const exportFormats: Readonly<Record<ExportFormat, { title: string; mime: string; extension: string }>> = {
  csv: { title: 'CSV', mime: 'text/csv; charset=utf-8', extension: 'csv' },
  json: { title: 'JSON', mime: 'application/json', extension: 'json' },
  ndjson: { title: 'JSON lines', mime: 'application/x-ndjson', extension: 'ndjson' },
  xlsx: {
    title: 'Excel',
    mime: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    extension: 'xlsx',
  },
  parquet: { title: 'Parquet', mime: 'application/vnd.apache.parquet', extension: 'parquet' },
};
