// @vitest-environment jsdom
import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { saveResult } from './export-file.ts';

const run = { runId: '01900000-0000-7000-8000-000000000001', title: 'Opens' };
const file = new TextEncoder().encode('n\n1\n2\n');
const sha256 = createHash('sha256').update(file).digest('hex');

/** A browser that writes to the disk, and a server that sends this and says that of it. */
function browser(sent: Uint8Array, end: object | null) {
  const disk = { written: [] as number[], state: 'open' };
  const asked: string[] = [];
  const stream = () =>
    Object.assign(
      new WritableStream<Uint8Array>({
        write: (chunk) => void disk.written.push(...chunk),
        close: () => void (disk.state = 'kept'),
        abort: () => void (disk.state = 'thrown away'),
      }),
      {
        close: async () => void (disk.state = 'kept'),
        abort: async () => void (disk.state = 'thrown away'),
      },
    );
  vi.stubGlobal('showSaveFilePicker', async () => ({ createWritable: async () => stream() }));
  vi.stubGlobal('fetch', async (address: string) => {
    asked.push(String(address));
    if (!String(address).includes('/exports/')) return new Response(sent as BodyInit);
    const [, exportId] = /exports\/([^/?]+)/.exec(String(address)) ?? [];
    return end
      ? Response.json({ exportId, format: 'csv', endedAt: '2026-11-22T00:00:00Z', ...end })
      : new Response('', { status: 503 });
  });
  const save = () => saveResult(run, 'csv', () => undefined, new AbortController().signal);
  return { disk, asked, save };
}
afterEach(() => vi.unstubAllGlobals());
const whole = { state: 'whole', rows: 2, bytes: file.length, sha256 };

test('a file is kept once it was found equal to what was made, by the id that the page gave the export', async () => {
  const { disk, asked, save } = browser(file, whole);
  expect(await save()).toMatchObject({ how: 'saved', end: { rows: 2, sha256 } });
  expect([disk.state, Buffer.from(disk.written).toString()]).toEqual(['kept', 'n\n1\n2\n']);
  const [, exportId] = /exportId=([\w-]+)/.exec(asked[0] ?? '') ?? [];
  expect(asked[1]).toContain(`/exports/${exportId}`);
});

test('what differs from what was made, or was not made whole, becomes no file', async () => {
  for (const end of [
    { ...whole, sha256: 'f'.repeat(64) },
    { ...whole, bytes: 8 },
    { ...whole, state: 'broken', rows: null, bytes: null, sha256: null },
  ]) {
    const { disk, save } = browser(file, end);
    await expect(save()).rejects.toMatchObject({ code: 'export.differs' });
    expect(disk.state).toBe('thrown away');
  }
});

test('where the server cannot be asked the file stays, and is not called checked', async () => {
  const { disk, save } = browser(file, null);
  expect(await save()).toEqual({ how: 'saved', end: null });
  expect(disk.state).toBe('kept');
});
