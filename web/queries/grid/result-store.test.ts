import { expect, test } from 'vitest';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { createResultStore } from './result-store.ts';

const columns: QueryColumn[] = [
  { name: 'n', type: 'integer' },
  { name: 't', type: 'text' },
];

test('earlier rows are shown while later ones come; filters take the new ones in at once', async () => {
  const store = createResultStore(columns);
  const heard: number[] = [];
  store.subscribe(() => heard.push(store.state.shown));
  await store.append([['1', 'a'], ['2', 'b']]); // prettier-ignore
  await store.arrange({ sort: [], textOrder: 'language', filters: [{ column: 0, test: 'atLeast', values: ['2'] }] });
  await store.append([['0', 'c'], ['5', 'd']]); // prettier-ignore
  expect(store.state).toMatchObject({ loaded: 4, shown: 2, waiting: 0 });
  expect((await store.block(0, 9, [1])).cells).toEqual([['b', 'd']]);
  expect(heard).toEqual([2, 1, 2]);
  store.dispose();
});

test('a large page goes in pieces, whole and in order', async () => {
  const store = createResultStore(columns);
  await store.append(Array.from({ length: 25_000 }, (_, at) => [String(at), 'x']));
  expect(store.state.loaded).toBe(25_000);
  expect((await store.block(24_999, 25_000, [0])).cells).toEqual([['24999']]);
  expect(store.state.bytes).toBeLessThan(400_000);
  store.dispose();
});

test('a long text is drawn cut and read whole', async () => {
  const store = createResultStore(columns);
  const long = 'x'.repeat(5_000);
  await store.append([['1', long]]);
  expect((await store.block(0, 1, [1])).cells[0]?.[0]).toHaveLength(401);
  expect(await store.cell(0, 1)).toBe(long);
  store.dispose();
});

test('a result that was closed answers nothing more, another one does', async () => {
  const [first, second] = [createResultStore(columns), createResultStore(columns)];
  await Promise.all([first.append([['1', 'a']]), second.append([['2', 'b']])]);
  first.dispose();
  await expect(first.cell(0, 0)).rejects.toThrow('no longer open');
  expect(await second.cell(0, 0)).toBe('2');
  second.dispose();
});
