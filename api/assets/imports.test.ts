import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssetImport } from '#contracts/assets/imports.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let typeId = '';
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  const attributes = [
    { name: 'size', kind: 'number' },
    { name: 'zones', kind: 'list' },
  ];
  typeId = (await app.ok('POST', '/asset-types', { key: 'box', name: 'Box', attributes })).id;
});
afterAll(() => app?.close());

const send = async (text: string, query = ''): Promise<AssetImport> => {
  const { id, runId } = await app.ok('POST', `/asset-imports?${query}`, text, {
    headers: { 'content-type': 'text/csv' },
  });
  await app.untilRun(runId, ({ status }) => status === 'succeeded' || status === 'failed');
  return app.ok('GET', `/asset-imports/${id}`);
};
const act = async (id: string, what: 'apply' | 'undo'): Promise<AssetImport> => {
  const { runId } = await app.ok('POST', `/asset-imports/${id}/${what}`);
  await app.untilRun(runId, ({ status }) => status === 'succeeded' || status === 'failed');
  return app.ok('GET', `/asset-imports/${id}`);
};
const linesOf = async (id: string, rest = '') =>
  (await app.ok('GET', `/asset-imports/${id}/rows?limit=200${rest}`)).data;
const byKey = async (key: string) =>
  (await app.ok('GET', `/assets?q=${key}`)).data.find((asset: { key: string }) => asset.key === key);

test('a file is read first, line by line with before and after, and changes nothing until it is confirmed', async () => {
  await app.ok('POST', '/assets', { key: 'old', name: 'Old', typeId, tags: ['a'], attributes: { size: 1 } });
  const csv = [
    'key,name,type,tags,criticality,relations,attr.size,attr.zones',
    'old,Old,box,a;b,medium,,2,',
    'new-1,New 1,box,,high,depends_on old;depends_on new-2,7,a;b',
    'new-2,New 2,box,,,,,',
    'bad,Bad,crate,,,,,',
    'worse,Worse,box,,,,many,',
    'new-2,Twice,box,,,,,',
  ].join('\n');
  const read = await send(csv);
  expect(read).toMatchObject({ status: 'ready', counts: { rows: 6, create: 2, update: 1, refuse: 3, applied: 0 } });
  const lines = await linesOf(read.id);
  expect(lines[0]).toMatchObject({
    line: 2,
    act: 'update',
    changes: [
      { field: 'tags', before: ['a'], after: ['a', 'b'] },
      { field: 'attributes.size', before: 1, after: 2 },
    ],
  });
  expect(
    (await linesOf(read.id, '&act=refuse')).map(({ line, errors }: never) => [
      line,
      (errors as { field: string }[])[0]?.field,
    ]),
  ).toEqual([
    [5, 'type'],
    [6, 'attr.size'],
    [7, 'key'],
  ]);
  expect(await byKey('new-1')).toBeUndefined();

  expect(await act(read.id, 'apply')).toMatchObject({ status: 'applied', counts: { applied: 3, refuse: 3 } });
  expect(await byKey('old')).toMatchObject({
    tags: ['a', 'b'],
    attributes: { size: 2 },
    attributeSources: { size: 'import' },
  });
  const made = await byKey('new-1');
  expect(made).toMatchObject({ criticality: 'high', attributes: { size: 7, zones: ['a', 'b'] } });
  expect((await app.ok('GET', `/assets/${made.id}/relations`)).data).toHaveLength(2);
  expect(await app.call('POST', `/asset-imports/${read.id}/apply`)).toMatchObject({
    status: 409,
    body: { error: 'asset_import.not_ready' },
  });

  await app.ok('PATCH', `/assets/${made.id}`, { description: 'Somebody was here.' });
  expect(await act(read.id, 'undo')).toMatchObject({ status: 'undone', counts: { undone: 2, kept: 1 } });
  expect(await byKey('old')).toMatchObject({
    tags: ['a'],
    attributes: { size: 1 },
    attributeSources: { size: 'person' },
  });
  expect(await byKey('new-2')).toBeUndefined();
  expect(await byKey('new-1')).toBeDefined();
});

test('all or nothing: a file with a wrong line imports nothing, and says so', async () => {
  const csv = 'key,name,type\nwhole-1,Whole,box\nwhole-2,,nothing\n';
  const read = await send(csv, 'allOrNothing=true&apply=true');
  expect(read).toMatchObject({ status: 'ready', failure: { code: 'asset_import.has_errors' }, counts: { applied: 0 } });
  expect(await app.call('POST', `/asset-imports/${read.id}/apply`)).toMatchObject({ status: 409 });
  expect(await byKey('whole-1')).toBeUndefined();
});

test.each(['csv', 'json'])('what is exported as %s is imported unchanged', async (format) => {
  const odd = { size: 0.5, zones: ['x;y', 'z'], code: '007', yes: 'true', note: '=1+1', quoted: 'a,"b"\nc', on: false };
  await app.ok('POST', '/assets', {
    key: `odd-${format}`,
    name: `'=Odd, ${format}`,
    typeId,
    attributes: odd,
    owner: { team: 'Team; one' },
    tags: ['t'],
  });
  const { text } = await app.call('GET', `/assets/export?format=${format}`);
  const read = await send(text, `format=${format}`);
  expect(read.counts).toMatchObject({ create: 0, update: 0, refuse: 0 });
  expect(read.counts.unchanged).toBeGreaterThan(0);
});

test('a file that cannot be read fails with its reason', async () => {
  expect(await send('name,colour\nA,red\n')).toMatchObject({
    status: 'failed',
    failure: { code: 'asset_import.file_refused' },
  });
});

test('an import that is canceled in the middle keeps what is done, goes on where it was, and nothing comes twice', async () => {
  const lines = Array.from({ length: 2_300 }, (_, n) => `many-${n},Many ${n},box,${n}`);
  const read = await send(`key,name,type,attr.size\n${lines.join('\n')}\n`);
  const { runId } = await app.ok('POST', `/asset-imports/${read.id}/apply`);
  // Some portions are done. Workers that die are in `workflows/assets/import-assets.test.ts`.
  await until(async () => (await app.ok('GET', '/assets/counts?q=many-')).matching > 0, 10);
  await app.ok('POST', `/runs/${runId}/cancel`);
  await app.untilRun(runId, ({ status }) => status === 'canceled' || status === 'succeeded');
  const left: AssetImport = await app.ok('GET', `/asset-imports/${read.id}`);
  if (left.status === 'ready') await act(read.id, 'apply');
  expect(await app.ok('GET', '/assets/counts?q=many-')).toMatchObject({ matching: 2_300 });
  expect(await app.ok('GET', `/asset-imports/${read.id}`)).toMatchObject({
    status: 'applied',
    counts: { applied: 2_300 },
  });
});
