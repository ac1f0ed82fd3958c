import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeepQueryTab, QueryTab } from '#contracts/queries/saved-queries.ts';
import { smallestChange } from './merge-text.ts';
import { emptyTab, keptOf } from './open-tab.ts';
import { TabStore, type TabPorts } from './tab-store.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A server that keeps what it is sent, and lets a test say what it answers. */
function stand(answer: (body: KeepQueryTab) => Partial<QueryTab> & { hasConflict?: boolean } = () => ({})) {
  const sent: { id: string; body: KeepQueryTab }[] = [];
  const closed: string[] = [];
  let revision = 0;
  const ports: TabPorts = {
    send: async (id, body) => {
      sent.push({ id, body });
      revision += 1;
      const { base: _, ...kept } = { ...keptOf(emptyTab(id, 1)), ...body };
      return { id, updatedAt: '', revision, hasConflict: false, ...kept, ...answer(body) } as never;
    },
    close: async (id) => void closed.push(id),
    keepHere: vi.fn<TabPorts['keepHere']>(),
    onConflict: vi.fn<TabPorts['onConflict']>(),
  };
  return { store: new TabStore(ports), ports, sent, closed };
}

test('what is typed reaches the server within a second, however long one types on', async () => {
  const { store, sent } = stand();
  const { id } = store.open();
  for (let key = 0; key < 20; key += 1) {
    store.change(id, { sql: 'select '.slice(0, key) });
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(sent.length).toBeGreaterThanOrEqual(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent.at(-1)?.body.sql).toBe(store.find(id)?.sql);
  expect(store.find(id)?.isUnsent).toBe(false);
});

test('it is kept in this browser at once', async () => {
  const { store, ports } = stand();
  const { id } = store.open();
  store.change(id, { sql: 'select 1' });
  await vi.advanceTimersByTimeAsync(200);
  expect(ports.keepHere).toHaveBeenLastCalledWith([expect.objectContaining({ sql: 'select 1' })]);
});

test('what another browser typed in other lines is joined with what was typed while the answer was under way', async () => {
  const { store, sent } = stand((body) => (body.sql === 'a\nb\nc\nd\ne' ? { sql: 'a\nb\nc\nd\nE' } : {}));
  const { id } = store.open({ sql: 'a\nb\nc\nd\ne' });
  await vi.advanceTimersByTimeAsync(599);
  // Sent now; the next key comes before the answer.
  vi.advanceTimersByTime(1);
  store.change(id, { sql: 'A\nb\nc\nd\ne' });
  await vi.advanceTimersByTimeAsync(0);
  expect(store.find(id)?.sql).toBe('A\nb\nc\nd\nE');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent.at(-1)?.body).toMatchObject({ sql: 'A\nb\nc\nd\nE', base: 1 });
});

test('where both changed the same line, the server joins them: it is sent by the revision it was typed upon', async () => {
  const { store, sent } = stand((body) => (body.sql === 'mine' ? { sql: 'theirs' } : {}));
  const { id } = store.open({ sql: 'mine' });
  vi.advanceTimersByTime(600);
  store.change(id, { sql: 'mine too' });
  await vi.advanceTimersByTimeAsync(0);
  expect(store.find(id)).toMatchObject({ sql: 'mine too', base: 0, isUnsent: true });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent.at(-1)?.body).toMatchObject({ sql: 'mine too', base: 0 });
});

test('a closed tab can be taken back, and goes from the server only when it cannot any more', async () => {
  const { store, closed } = stand();
  const one = store.open({ sql: 'one' });
  const two = store.open({ sql: 'two' });
  const takeBack = store.close(one.id);
  expect(store.snapshot().tabs.map(({ id }) => id)).toEqual([two.id]);
  takeBack();
  expect(store.snapshot().tabs.map(({ sql }) => sql)).toEqual(['one', 'two']);
  store.close(two.id);
  await vi.advanceTimersByTimeAsync(7_000);
  expect(closed).toEqual([two.id]);
});

test('the order is changed by moving one tab alone', async () => {
  const { store } = stand();
  const [a, b, c] = [store.open({ title: 'a' }), store.open({ title: 'b' }), store.open({ title: 'c' })];
  store.move(c?.id ?? '', 0);
  store.move(a?.id ?? '', 2);
  expect(store.snapshot().tabs.map(({ title }) => title)).toEqual(['c', 'b', 'a']);
  expect(b).toBeDefined();
});

test('a text that never reached the server survives a reload; one that the server closed elsewhere does not', () => {
  const { store } = stand();
  store.load(
    [],
    [
      { ...emptyTab('1', 1), sql: 'unsent', base: 0 },
      { ...emptyTab('2', 2), sql: 'closed elsewhere', base: 4, isUnsent: false },
    ],
  );
  expect(store.snapshot().tabs.map(({ sql }) => sql)).toEqual(['unsent']);
});

test('another browser’s newer text is asked for where nothing of here is on its way, and comes without the cursor being moved', async () => {
  const { store } = stand();
  const { id } = store.open({ sql: 'a', cursor: { from: 1, to: 1 } });
  expect(store.isBehind(id, 7)).toBe(false);
  await vi.advanceTimersByTimeAsync(600);
  expect([
    store.isBehind(id, 1),
    store.isBehind(id, 2),
    store.isBehind('new', 1),
    store.isBehind('gone', null),
  ]).toEqual([false, true, true, false]);
  store.refresh([
    { ...keptOf(emptyTab(id, 1)), id, sql: 'a\nb', cursor: { from: 3, to: 3 }, updatedAt: '', revision: 2 } as never,
  ]);
  expect(store.find(id)).toMatchObject({ sql: 'a\nb', base: 2, cursor: { from: 1, to: 1 }, isUnsent: false });
});

test('a fork remembers what it was forked from after a reload', () => {
  const { store } = stand();
  const forkedFrom = { id: 'q', version: 3 };
  const { id } = store.open({ sql: 'a', forkedFrom });
  expect(keptOf(store.find(id) ?? emptyTab('', 1)).forkedFrom).toEqual(forkedFrom);
  const { store: after } = stand();
  after.load([{ ...keptOf(emptyTab(id, 1, { forkedFrom })), id, updatedAt: '', revision: 1 } as never], []);
  expect(after.find(id)?.forkedFrom).toEqual(forkedFrom);
});

test('the least stretch is replaced, so that a cursor outside of it stays', () => {
  expect(smallestChange('select a from t', 'select a, b from t')).toEqual({ from: 8, to: 8, text: ', b' });
  expect(smallestChange('aaa', 'aa')).toEqual({ from: 2, to: 3, text: '' });
  expect(smallestChange('same', 'same')).toBeNull();
});
