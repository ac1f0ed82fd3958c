import { createHash } from 'node:crypto';
import { createServer, get } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects, parquetMetadata } from 'hyparquet';
import { XMLParser } from 'fast-xml-parser';
import { expect, onTestFinished, test } from 'vitest';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { exportFormatNames, type ExportFormat } from '#contracts/queries/export-formats.ts';
import { unzip } from '#tests/kit/unzip.ts';
import type { CellBatch } from '../engines/cell-batch.ts';
import { type Export, exportRows } from './export-rows.ts';
import { unscaled } from './parquet-columns.ts';
import type { ExportAbout, ExportOptions, ExportSource, Pages } from './source.ts';
import { FileBuffer } from './file-buffer.ts';
import { microsOf, readTime, type ReadTime } from './times.ts';
import { xlsxOf } from './xlsx.ts';

const about: ExportAbout = {
  title: 'Sales / by [day]: all of the regions',
  connection: 'Warehouse',
  runId: 'run-1',
  sql: 'select *\nfrom sales -- "all" <of> them',
  parameters: { day: '2026-01-31' },
  executedAt: '2026-11-21T10:00:00.000Z',
  expectedRows: null,
};
const columns: readonly QueryColumn[] = [
  { name: 'id', type: 'integer', nativeType: 'bigint' },
  { name: 'name', type: 'text' },
  { name: 'price', type: 'decimal', nativeType: 'numeric(10,2)', precision: 10, scale: 2 },
  { name: 'ok', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'at', type: 'timestamp', nativeType: 'timestamp with time zone' },
  { name: 'doc', type: 'json' },
];
const rows: readonly (readonly Cell[])[] = [
  ['1', 'plain', '1.50', 'true', '2026-01-31', '2026-01-31T08:00:00.25+02:00', '{"a":\n1}'],
  ['9007199254740993', 'comma, "quote"\r\nline 😀', '-0.01', 'false', '1899-01-01', '2026-01-31T08:00:00Z', '[1]'],
  [null, '', null, null, null, null, null],
  ['3', '=1+1', '12345678.90', 'true', '2026-02-28', '1969-12-31T23:59:59.999+00:00', '"x"'],
];
async function* inPages(all: readonly (readonly Cell[])[], size = 2): AsyncGenerator<readonly (readonly Cell[])[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
const source = (pages: Pages = inPages(rows)): ExportSource => ({ kind: 'rows', pages });
interface Given {
  options?: ExportOptions;
  from?: ExportSource;
  columns?: readonly QueryColumn[];
  about?: Partial<ExportAbout>;
}
const begin = (format: ExportFormat, given: Given = {}): Export =>
  exportRows({
    format,
    columns: given.columns ?? columns,
    source: given.from ?? source(),
    about: { ...about, ...given.about },
    options: given.options ?? {},
  });
const fileOf = (format: ExportFormat, given?: Given) => buffer(begin(format, given).stream);
const textOf = async (format: ExportFormat, given?: Given) => (await fileOf(format, given)).toString();

const csvText =
  'id,name,price,ok,day,at,doc\n' +
  '1,plain,1.50,true,2026-01-31,2026-01-31T08:00:00.25+02:00,"{""a"":\n1}"\n' +
  '9007199254740993,"comma, ""quote""\r\nline 😀",-0.01,false,1899-01-01,2026-01-31T08:00:00Z,[1]\n' +
  ',"",,,,,\n' +
  '3,=1+1,12345678.90,true,2026-02-28,1969-12-31T23:59:59.999+00:00,"""x"""\n';

test('CSV is by RFC 4180; null is not the empty text', async () => {
  expect(await textOf('csv')).toBe(csvText);
});

test('CSV as the reader wants it: mark, delimiter, null, line ends, formulas', async () => {
  const options: ExportOptions = {
    csv: { hasBom: true, delimiter: ';', nullText: 'NULL', lineEnd: '\r\n', guardsFormulas: true },
  };
  const two: readonly QueryColumn[] = [
    { name: 'a;b', type: 'text' },
    { name: 'c', type: 'decimal' },
  ];
  const cells = [
    ['=1+1', '-5'],
    ['@SUM(a)', null],
    ['NULL', '+1e5'],
    ["-cmd|' /C", '1'],
  ];
  expect(await textOf('csv', { options, columns: two, from: source(inPages(cells)) })).toBe(
    `\ufeff"a;b";c\r\n'=1+1;-5\r\n'@SUM(a);NULL\r\n"NULL";+1e5\r\n'-cmd|' /C;1\r\n`,
  );
});

test('JSON keeps types, and every digit', async () => {
  const parsed: unknown = JSON.parse(await textOf('json'));
  expect(parsed).toEqual([
    {
      id: 1,
      name: 'plain',
      price: 1.5,
      ok: true,
      day: '2026-01-31',
      at: '2026-01-31T08:00:00.25+02:00',
      doc: { a: 1 },
    },
    {
      id: '9007199254740993',
      name: 'comma, "quote"\r\nline 😀',
      price: -0.01,
      ok: false,
      day: '1899-01-01',
      at: '2026-01-31T08:00:00Z',
      doc: [1],
    },
    { id: null, name: '', price: null, ok: null, day: null, at: null, doc: null },
    {
      id: 3,
      name: '=1+1',
      price: 12345678.9,
      ok: true,
      day: '2026-02-28',
      at: '1969-12-31T23:59:59.999+00:00',
      doc: 'x',
    },
  ]);
  const lines = (await textOf('ndjson')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(parsed);
  expect(JSON.parse(await textOf('json', { from: source(inPages([])) }))).toEqual([]);
  expect(
    await textOf('json', {
      columns: [{ name: 'n', type: 'decimal' }],
      from: source(inPages([['NaN'], ['007'], ['1e5']])),
    }),
  ).toBe('[\n{"n":"NaN"},\n{"n":"007"},\n{"n":"1e5"}\n]\n');
});

const compressors = { GZIP: (bytes: Uint8Array) => gunzipSync(bytes) };

test('Parquet has typed columns with nulls, and the query in its metadata', async () => {
  const file = await fileOf('parquet');
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
  expect(await parquetReadObjects({ file: bytes, compressors })).toEqual([
    {
      id: 1n,
      name: 'plain',
      price: 1.5,
      ok: true,
      day: new Date('2026-01-31'),
      at: new Date('2026-01-31T06:00:00.250Z'),
      doc: '{"a":\n1}',
    },
    {
      id: 9007199254740993n,
      name: 'comma, "quote"\r\nline 😀',
      price: -0.01,
      ok: false,
      day: new Date('1899-01-01'),
      at: new Date('2026-01-31T08:00:00Z'),
      doc: '[1]',
    },
    { id: null, name: '', price: null, ok: null, day: null, at: null, doc: null },
    {
      id: 3n,
      name: '=1+1',
      price: 12345678.9,
      ok: true,
      day: new Date('2026-02-28'),
      at: new Date('1969-12-31T23:59:59.999Z'),
      doc: '"x"',
    },
  ]);
  const metadata = parquetMetadata(bytes);
  expect(Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]))).toEqual({
    'windlass.title': about.title,
    'windlass.connection': 'Warehouse',
    'windlass.run': 'run-1',
    'windlass.query': about.sql,
    'windlass.parameters': '{"day":"2026-01-31"}',
    'windlass.executedAt': about.executedAt,
    'windlass.rows': '4',
    'windlass.rowsSha256': createHash('sha256')
      .update(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
      .digest('hex'),
  });
  expect(metadata.schema.find(({ name }) => name === 'at')?.logical_type).toMatchObject({
    type: 'TIMESTAMP',
    isAdjustedToUTC: true,
  });
});

test('Parquet writes row groups as they fill, decimals of any length, and no value that it cannot hold', async () => {
  const many = Array.from({ length: 45_000 }, (_, at) => [
    String(at),
    `${at}.000000000000000000001`,
    at % 10_000 === 9_999 ? 'x'.repeat(2_500_000) : at % 3 === 0 ? null : 'short',
  ]);
  const two: readonly QueryColumn[] = [
    { name: 'n', type: 'integer', nativeType: 'integer' },
    { name: 'd', type: 'decimal', nativeType: 'numeric(30,21)', precision: 30, scale: 21 },
    { name: 't', type: 'text' },
  ];
  const file = await fileOf('parquet', { columns: two, from: source(inPages(many, 1_000)) });
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
  const groups = parquetMetadata(bytes).row_groups.map(({ num_rows }) => Number(num_rows));
  expect(groups).toHaveLength(3);
  expect(groups.reduce((sum, rows) => sum + rows, 0)).toBe(45_000);
  const all = await parquetReadObjects({ file: bytes, compressors });
  expect(all.map(({ n, t }) => [String(n), t ?? null])).toEqual(many.map(([n, , t]) => [n, t]));
  expect(Number(all.at(-1)?.['d'])).toBeCloseTo(44_999, 6);
  const bad = (type: QueryColumn, cell: string) =>
    fileOf('parquet', { columns: [type], from: source(inPages([[cell]])) });
  await expect(bad({ name: 't', type: 'timestamp' }, 'infinity')).rejects.toMatchObject({ code: 'export.value_unfit' });
  await expect(bad({ name: 'd', type: 'decimal', precision: 4, scale: 1 }, 'NaN')).rejects.toThrow(
    'The column d holds NaN',
  );
  const none = await fileOf('parquet', { from: source(inPages([])) });
  expect(
    Number(parquetMetadata(none.buffer.slice(none.byteOffset, none.byteOffset + none.length) as ArrayBuffer).num_rows),
  ).toBe(0);
});

/** Microseconds since 1970 by the quick way, which knows the usual forms; else by the other. */
function readMicros(text: string): bigint | undefined {
  const bytes = Buffer.from(`before${text}after`);
  const found: ReadTime = { days: 0, micros: 0, offsetMinutes: 0, hasOffset: false };
  if (!readTime(bytes, 6, 6 + text.length, found)) return undefined;
  return BigInt(found.days) * 86_400_000_000n + BigInt(found.micros - found.offsetMinutes * 60_000_000);
}

test('times and decimals are read to their last digit', () => {
  for (const read of [microsOf, readMicros]) {
    expect(read('1969-12-31T23:59:59.999999Z')).toBe(-1n);
    expect(read('2026-01-31 08:00:00.123456-05:30')).toBe(1_769_866_200_123_456n);
    expect(read('2026-01-31T08:00')).toBe(1_769_846_400_000_000n);
    expect(read('2026-01-31T08:00:00+02')).toBe(1_769_839_200_000_000n);
    for (const none of [
      '0044-03-15 BC',
      '2026-01-31T08:00:',
      '2026-01-31T08:00:00.',
      '2026-01-31T08:00:00+',
      'infinity',
    ])
      expect(read(none)).toBeUndefined();
  }
  expect(microsOf('12026-01-31 08:00:00+00:53:28')).toBe(BigInt(Date.UTC(12_026, 0, 31, 8)) * 1_000n - 3_208_000_000n);
  expect([unscaled('-0.5', 2), unscaled('7', 2), unscaled('.25', 2), unscaled('1.234', 2), unscaled('-', 2)]).toEqual([
    -50n,
    700n,
    25n,
    undefined,
    undefined,
  ]);
});

test('every day of eight hundred years is read as the calendar has it, and whole numbers keep their digits', async () => {
  for (let day = -150_000; day < 150_000; day += 13) {
    const text = new Date(day * 86_400_000).toISOString();
    expect(readMicros(text)).toBe(BigInt(day) * 86_400_000_000n);
  }
  const cells = ['0', '-1', '4294967296', '-4294967297', '999999999999999', '9007199254740993', '-9223372036854775808'];
  const one: readonly QueryColumn[] = [{ name: 'n', type: 'integer', nativeType: 'bigint' }];
  const file = await fileOf('parquet', { columns: one, from: source(inPages(cells.map((cell) => [cell]))) });
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
  const read = await parquetReadObjects({ file: bytes, compressors });
  expect(read.map(({ n }) => String(n))).toEqual(cells);
  await expect(
    fileOf('parquet', { columns: one, from: source(inPages([['9223372036854775808']])) }),
  ).rejects.toMatchObject({ code: 'export.value_unfit' });
});

test('texts of every kind come through JSON and XLSX as they are', async () => {
  const one: readonly QueryColumn[] = [{ name: 't', type: 'text' }];
  const texts = [
    Array.from({ length: 0x80 }, (_, code) => String.fromCodePoint(code)).join(''),
    'a & b < c > d',
    ' led and followed ',
    '\u00a0\u2028é😀\ufeff\ufffe\uffff',
    '_x000D_ and _x_ and snake_case',
    '"\\"'.repeat(20_000),
  ];
  const from = () => source(inPages(texts.map((text) => [text])));
  expect(JSON.parse(await textOf('json', { columns: one, from: from() }))).toEqual(texts.map((t) => ({ t })));
  const lines = (await textOf('ndjson', { columns: one, from: from() })).split('\n');
  expect(lines.slice(0, -1)).toEqual(texts.map((t) => JSON.stringify({ t })));
  const [, ...cells] = cellsOf(
    unzip(await fileOf('xlsx', { columns: one, from: from() })).get('xl/worksheets/sheet1.xml'),
  );
  const said = (text: string) =>
    text.replaceAll(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  expect(
    cells
      .flat()
      .slice(0, 5)
      .map((cell) => said(String(cell))),
  ).toEqual(texts.slice(0, 5));
});

interface SheetXml {
  worksheet: { sheetData: { row: { c: { v?: number; '@_t'?: string; '@_s'?: string; is?: { t: unknown } }[] }[] } };
}
const parser = new XMLParser({
  ignoreAttributes: false,
  trimValues: false,
  parseTagValue: false,
  isArray: (name) => name === 'row' || name === 'c' || name === 'sheet',
});
const cellsOf = (xml: Buffer | undefined): unknown[][] =>
  (parser.parse(xml ?? Buffer.alloc(0)) as SheetXml).worksheet.sheetData.row.map(({ c }) =>
    c.map((cell) => {
      const text = cell.is?.t;
      const inline = typeof text === 'object' && text !== null ? (text as Record<string, unknown>)['#text'] : text;
      return cell['@_t'] === 'inlineStr'
        ? (inline ?? '')
        : cell.v === undefined
          ? null
          : `${cell['@_t'] ?? cell['@_s'] ?? 'n'}:${cell.v}`;
    }),
  );

test('XLSX keeps types as far as Excel has them, and tells about itself on its last sheet', async () => {
  const files = unzip(await fileOf('xlsx'));
  const book = files.get('xl/workbook.xml')?.toString() ?? '';
  expect([...book.matchAll(/<sheet name="([^"]*)"/g)].map(([, name]) => name)).toEqual([
    'Sales by day all of the regions',
    'About',
  ]);
  expect(cellsOf(files.get('xl/worksheets/sheet1.xml'))).toEqual([
    ['id', 'name', 'price', 'ok', 'day', 'at', 'doc'],
    ['n:1', 'plain', 'n:1.50', 'b:1', '1:46053', expect.stringMatching(/^2:46053\.25000289/), '{"a":\n1}'],
    [
      '9007199254740993',
      'comma, "quote"_x000D_\nline 😀',
      'n:-0.01',
      'b:0',
      '1899-01-01',
      expect.stringMatching(/^2:46053\.3333/),
      '[1]',
    ],
    [null, '', null, null, null, null, null],
    ['n:3', '=1+1', 'n:12345678.90', 'b:1', '1:46081', expect.stringMatching(/^2:25568\.99999/), '"x"'],
  ]);
  const told = Object.fromEntries(cellsOf(files.get('xl/worksheets/sheet2.xml')) as [string, string][]);
  expect(told).toMatchObject({
    Rows: '4',
    Query: about.sql,
    'Executed at': about.executedAt,
    Cut: 'Nothing',
  });
});

test('XLSX goes on in a further sheet where one is full, and says what a cell cut', async () => {
  const one: readonly QueryColumn[] = [{ name: 'n', type: 'integer' }];
  const twenty = Array.from({ length: 20 }, (_, at) => [String(at)]);
  const file = new FileBuffer();
  const work = { columns: one, source: source(inPages(twenty, 3)), about, options: {}, file, tell: () => undefined };
  for await (const _ of xlsxOf(work, { mostRows: 10 }));
  const files = unzip(file.take(true));
  expect(cellsOf(files.get('xl/worksheets/sheet1.xml'))).toHaveLength(11);
  expect(cellsOf(files.get('xl/worksheets/sheet2.xml')).at(-1)).toEqual(['n:19']);
  expect(files.get('xl/workbook.xml')?.toString()).toContain('"Sales by day all of the reg (2)"');
  expect(files.has('xl/worksheets/sheet4.xml')).toBe(false);
  const long = begin('xlsx', { columns: [{ name: 't', type: 'text' }], from: source(inPages([['x'.repeat(40_000)]])) });
  await buffer(long.stream);
  expect(long.summary()?.cuts).toEqual(['1 texts were longer than the 32767 characters of a cell and were cut.']);
});

test('a download goes on at a row with the very bytes of the tail, and the sum of the whole', async () => {
  for (const format of ['csv', 'ndjson'] as const) {
    const whole = begin(format);
    const bytes = await buffer(whole.stream);
    const tail = begin(format, { options: { from: 2 } });
    const rest = await buffer(tail.stream);
    expect(bytes.subarray(bytes.length - rest.length).equals(rest)).toBe(true);
    const count =
      format === 'csv' ? rest.toString().split('\n').length - 1 : rest.toString().trimEnd().split('\n').length;
    expect(count).toBe(2);
    expect(tail.summary()).toEqual(whole.summary());
    expect(tail.summary()?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
  expect(() => begin('xlsx', { options: { from: 2 } })).toThrow('cannot begin at a row');
});

test.each(exportFormatNames)('%s: the same rows make the same bytes, in whatever pieces they come', async (format) => {
  const many = Array.from({ length: 3_000 }, (_, at) =>
    columns.map((_, column) => (rows[at % rows.length]?.[column] ?? null) && (rows[at % 2]?.[column] ?? null)),
  );
  const [all, one] = await Promise.all([5_000, 7].map((size) => fileOf(format, { from: source(inPages(many, size)) })));
  expect(one?.equals(all ?? Buffer.alloc(0))).toBe(true);
  const tail = begin(format, { options: { fromByte: 1_000 }, from: source(inPages(many, 11)) });
  expect((await buffer(tail.stream)).equals(all?.subarray(1_000) ?? Buffer.alloc(0))).toBe(true);
  expect(tail.summary()).toMatchObject({
    bytes: all?.length,
    sha256: createHash('sha256')
      .update(all ?? '')
      .digest('hex'),
  });
});

test('bytes of PostgreSQL’s own are passed on, and skipped by rows, whatever is in their quotes', async () => {
  const raw = Buffer.from('1,"a\nb"\n2,"""\n"""\n3,c\n');
  async function* batches(pieces: readonly Buffer[]): AsyncGenerator<CellBatch> {
    for (const bytes of pieces) yield { bytes, rows: 1, columns: 1, spans: Int32Array.of(0, bytes.length) };
  }
  const csv = (pieces: readonly Buffer[]): ExportSource => ({
    kind: 'csv',
    batches: batches(pieces),
    rowCount: () => 3,
  });
  const two: readonly QueryColumn[] = [
    { name: 'n', type: 'integer' },
    { name: 't', type: 'text' },
  ];
  const single = [...raw].map((byte) => Buffer.from([byte]));
  expect(await textOf('csv', { columns: two, from: csv(single) })).toBe(`n,t\n${raw.toString()}`);
  for (const [from, rest] of [
    [1, '2,"""\n"""\n3,c\n'],
    [2, '3,c\n'],
    [3, ''],
  ] as const)
    expect(await textOf('csv', { columns: two, from: csv(single), options: { from } })).toBe(rest);
});

test.each(exportFormatNames)(
  '%s: rows that break off, or are not as many as were said, never end as a file',
  async (format) => {
    async function* breaking(): AsyncGenerator<readonly (readonly Cell[])[]> {
      yield rows;
      throw new Error('the server died');
    }
    const broken = begin(format, { from: source(breaking()) });
    await expect(buffer(broken.stream)).rejects.toThrow('the server died');
    expect(broken.summary()).toBeNull();
    const short = begin(format, { about: { expectedRows: 5 } });
    await expect(buffer(short.stream)).rejects.toMatchObject({ code: 'export.count_differs' });
    expect(await fileOf(format, { about: { expectedRows: 4 } })).not.toHaveLength(0);
  },
);

test.each(exportFormatNames)('%s over HTTP: a source that breaks is a broken download', async (format) => {
  async function* breaking(): AsyncGenerator<readonly (readonly Cell[])[]> {
    for (let page = 0; page < 50; page++) yield Array.from({ length: 1_000 }, () => rows[0] ?? []);
    throw new Error('the server died');
  }
  const server = createServer((_, response) => {
    pipeline(begin(format, { from: source(breaking()) }).stream, response).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const download = new Promise<Buffer>((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, (response) => buffer(response).then(resolve, reject)).once(
      'error',
      reject,
    );
  });
  await expect(download).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test.each(exportFormatNames)(
  '%s: a reader that waits makes the source wait; one that leaves ends it',
  async (format) => {
    let asked = 0;
    let isEnded = false;
    async function* endless(): AsyncGenerator<readonly (readonly Cell[])[]> {
      try {
        for (;;) {
          asked++;
          yield Array.from({ length: 1_000 }, (_, at) => [
            String(asked * 1_000 + at),
            Math.random().toString(36).repeat(20),
            '1.00',
            'true',
            '2026-01-31',
            '2026-01-31T08:00:00Z',
            '{}',
          ]);
        }
      } finally {
        isEnded = true;
      }
    }
    const { stream } = begin(format, { from: source(endless()) });
    await new Promise((resolve) => stream.once('readable', resolve));
    // Nobody takes more: soon nothing more is asked for.
    const isStill = async (): Promise<boolean> => {
      const before = asked;
      for (let turns = 0; turns < 20; turns++) await turn();
      return asked === before;
    };
    await expect.poll(isStill, { timeout: 30_000 }).toBe(true);
    expect(asked).toBeLessThan(100);
    stream.destroy();
    await expect.poll(() => isEnded).toBe(true);
  },
);
