import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { FileBuffer } from './file-buffer.ts';
import { packingOf, release } from './packing.ts';
import { ParquetColumn } from './parquet-columns.ts';
import { RowsHash } from './rows-hash.ts';
import { cellsOf, checkCount, type ExportWork } from './source.ts';

const compress = promisify(gzip);
/** A row group is written when its values take about so many bytes: that is what is held at a time. */
const mostBytes = 4 * 1_048_576;
/** Pages that are packed at a time. */
const atOnce = 4;

type RowGroup = ParquetWriter['row_groups'][number];
type ColumnChunk = RowGroup['columns'][number];

/**
 * Parquet with typed columns, all nullable. A decimal of known precision is one; of unknown precision it is text, which
 * keeps its digits. The query and what is known of it stand in the key-value metadata, which comes last with the footer:
 * a file that broke off has none and is no Parquet file. Pages are packed by gzip, which every reader knows and which is
 * done off this thread.
 */
export async function* parquetOf(work: ExportWork): AsyncGenerator<void> {
  const { columns: told, about, file, tell } = work;
  const columns = told.map((column) => new ParquetColumn(column));
  const hash = new RowsHash();
  const head = new ByteWriter();
  const footer = new ParquetWriter({ writer: head, schema: [], kvMetadata: [], createdBy: 'windlass' });
  file.put(head.getBytes());
  let rows = 0;
  let inGroup = 0;
  let groupBytes = 0;
  for await (const batch of cellsOf(work)) {
    const { bytes, spans, columns: width } = batch;
    for (let row = 0; row < batch.rows; row++) {
      for (let column = 0, place = 2 * row * width; column < width; column++, place += 2) {
        const from = spans[place] ?? -1;
        const to = spans[place + 1] ?? -1;
        columns[column]?.add(bytes, from, to);
        if (from >= 0) groupBytes += Math.max(8, to - from + 4);
      }
      hash.add(batch, row);
      rows++;
      inGroup++;
      if (groupBytes < mostBytes) continue;
      yield* writeGroup(file, footer, columns, inGroup);
      inGroup = groupBytes = 0;
    }
  }
  if (inGroup > 0) yield* writeGroup(file, footer, columns, inGroup);
  checkCount(about, rows);
  tell({ rows });
  const end = new ByteWriter();
  footer.writer = end;
  footer.schema = [{ name: 'root', num_children: columns.length }, ...columns.map(({ element }) => element)];
  footer.kvMetadata = Object.entries({
    'windlass.title': about.title,
    'windlass.connection': about.connection,
    'windlass.run': about.runId,
    'windlass.query': about.sql,
    'windlass.parameters': JSON.stringify(about.parameters),
    'windlass.executedAt': about.executedAt,
    'windlass.rows': String(rows),
    'windlass.rowsSha256': hash.digest(),
  }).map(([key, value]) => ({ key, value }));
  await footer.finish();
  file.copy(end.getBytes(), 0, end.index);
}

/** Writes the row group that was gathered, a page for each column. */
async function* writeGroup(
  file: FileBuffer,
  footer: ParquetWriter,
  columns: readonly ParquetColumn[],
  rows: number,
): AsyncGenerator<void> {
  const groupAt = file.size;
  const packing: Promise<Buffer>[] = [];
  const chunks: ColumnChunk[] = [];
  let bytes = 0;
  for (const [at, column] of columns.entries()) {
    // The next ones are packed while this one is sent.
    for (let next = packing.length; next < Math.min(columns.length, at + atOnce); next++) {
      const content = contentOf(columns[next]);
      const packed = compress(content, packingOf(content));
      packed.catch(() => undefined); // where the reader left, nobody asks for it
      packing.push(packed);
    }
    const content = contentOf(column);
    const packed = (await packing[at]) ?? content;
    const levels = levelsOf(column);
    const begin = file.size;
    const header = new ByteWriter();
    writePageHeader(header, {
      type: 'DATA_PAGE_V2',
      uncompressed_page_size: levels.length + content.length,
      compressed_page_size: levels.length + packed.length,
      data_page_header_v2: {
        num_values: rows,
        num_nulls: column.nulls,
        num_rows: rows,
        encoding: 'PLAIN',
        definition_levels_byte_length: levels.length,
        repetition_levels_byte_length: 0,
        is_compressed: true,
      },
    });
    file.put(header.getBytes());
    file.put(levels);
    file.copy(packed, 0, packed.length);
    release(packed);
    const uncompressed = header.index + levels.length + content.length;
    bytes += uncompressed;
    chunks.push(chunkOf(column, { rows, begin, size: file.size - begin, uncompressed }));
    column.clear();
    if (file.isFull) yield;
  }
  footer.num_rows += BigInt(rows);
  footer.row_groups.push({
    columns: chunks,
    total_byte_size: BigInt(bytes),
    num_rows: BigInt(rows),
    total_compressed_size: BigInt(file.size - groupAt),
  });
}

const contentOf = (column: ParquetColumn | undefined): Buffer =>
  column ? column.values.bytes.subarray(0, column.values.at) : Buffer.alloc(0);

function chunkOf(
  { name, element, nulls, min, max }: ParquetColumn,
  { rows, begin, size, uncompressed }: { rows: number; begin: number; size: number; uncompressed: number },
): ColumnChunk {
  const isWide = element.type === 'INT64';
  const bound = (value: number | bigint | undefined) => (isWide && typeof value === 'number' ? BigInt(value) : value);
  return {
    file_offset: BigInt(begin),
    meta_data: {
      type: element.type,
      encodings: ['PLAIN', 'RLE'],
      path_in_schema: [name],
      codec: 'GZIP',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(uncompressed),
      total_compressed_size: BigInt(size),
      data_page_offset: BigInt(begin),
      statistics: {
        null_count: BigInt(nulls),
        ...(min !== undefined && max !== undefined && { min_value: bound(min), max_value: bound(max) }),
      },
    },
  };
}

/** Whether each row has a value, as RLE and bit-packing have it: one run where all have. */
function levelsOf({ rows, nulls, present }: ParquetColumn): Uint8Array {
  const levels = new ByteWriter();
  if (nulls === 0 || nulls === rows) {
    levels.appendVarInt(rows << 1);
    levels.appendUint8(nulls === 0 ? 1 : 0);
  } else {
    levels.appendVarInt((present.at << 1) | 1);
    levels.appendBytes(present.bytes.subarray(0, present.at));
  }
  return levels.getBytes();
}
