// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { TooltipProvider } from '../../ui/tooltip.tsx';
import { ResultGrid, ROW_HEIGHT } from './result-grid.tsx';
import { createResultStore, type ResultStore } from './result-store.ts';

beforeAll(() => {
  stubResizeObserver();
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { value: 600, configurable: true });
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { value: 1_000, configurable: true });
  Element.prototype.scrollTo = () => undefined;
});

const stores: ResultStore[] = [];
afterEach(() => {
  cleanup();
  for (const store of stores.splice(0)) store.dispose();
});
const columns: QueryColumn[] = Array.from({ length: 30 }, (_, at) => ({
  name: `c${at}`,
  type: at === 0 ? 'integer' : 'text',
}));
async function show(count = 5_000) {
  const store = createResultStore(columns);
  stores.push(store);
  await store.append(
    Array.from({ length: count }, (_, row) => columns.map((_column, at) => `${row * (at === 0 ? 1 : 10)}`)),
  );
  render(
    <TooltipProvider>
      <ResultGrid store={store} status={{ loaded: count, total: count, isComplete: true }} />
    </TooltipProvider>,
  );
  await waitFor(() => expect(textAt(0, 1)).toBe('0'));
  return store;
}
const grid = () => screen.getByRole('grid');
const rowAt = (place: number) => document.querySelector<HTMLElement>(`[data-place="${place}"]`);
const cellAt = (place: number, at: number) =>
  document.querySelector(`[aria-rowindex="${place + 2}"] [role="gridcell"][aria-colindex="${at + 2}"]`);
const textAt = (place: number, at: number) => cellAt(place, at)?.textContent;
const scrollTo = (change: { scrollTop?: number; scrollLeft?: number }) => {
  Object.assign(grid(), change);
  fireEvent.scroll(grid());
};
const placesInPage = (name: string) =>
  [...document.querySelectorAll<HTMLElement>(`[${name}]`)].map((row) => Number(row.getAttribute(name)));

test('a scrolled grid keeps its elements: rows that come take those of the rows that go, with their place and texts', async () => {
  await show();
  scrollTo({ scrollTop: 100 * ROW_HEIGHT });
  await waitFor(() => expect(textAt(100, 1)).toBe('1000'));
  const before = new Set(document.querySelectorAll('[role="gridcell"]'));
  scrollTo({ scrollTop: 112 * ROW_HEIGHT });
  await waitFor(() => expect(textAt(130, 1)).toBe('1300'));
  expect([...document.querySelectorAll('[role="gridcell"]')].filter((cell) => !before.has(cell))).toEqual([]);
  expect(rowAt(112)?.style.top).toBe(`${112 * ROW_HEIGHT}px`);
  expect(rowAt(0)).toBeNull();
});

test('at rest the rows stand in the page in their order, as a screen reader reads them, numbers and cells alike', async () => {
  await show();
  for (const top of [40, 52, 64]) scrollTo({ scrollTop: top * ROW_HEIGHT });
  await waitFor(() => {
    const places = placesInPage('data-place');
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(placesInPage('data-side-place')).toEqual(places);
  });
  expect(placesInPage('data-place')).toContain(64);
});

test('columns that come into view sideways stand in their order, in the elements of those that went', async () => {
  await show();
  const cells = () => [...(rowAt(3)?.querySelectorAll('[role="gridcell"]') ?? [])];
  const before = new Set(cells());
  scrollTo({ scrollLeft: 1_000 });
  await waitFor(() => expect(cells()[0]?.getAttribute('aria-colindex')).not.toBe('2'));
  const at = cells().map((cell) => Number(cell.getAttribute('aria-colindex')));
  expect(at).toEqual(Array.from({ length: at.length }, (_, index) => (at[0] ?? 0) + index));
  await waitFor(() => expect(cells().map((cell) => cell.textContent)).toEqual(at.map(() => '30')));
  expect(cells().filter((cell) => !before.has(cell)).length).toBeLessThanOrEqual(1);
});

test('a pinned column stays when one scrolls sideways, and is named as the active cell like any other', async () => {
  await show();
  grid().focus();
  fireEvent.keyDown(grid(), { key: 'ArrowUp' });
  fireEvent.keyDown(grid(), { key: 'Enter' });
  fireEvent.click(await screen.findByRole('menuitem', { name: /Pin/ }));
  await waitFor(() => expect(cellAt(2, 0)?.closest('[data-side-place]')).not.toBeNull());
  scrollTo({ scrollLeft: 1_500 });
  await waitFor(() => expect(textAt(2, 20)).toBe('20'));
  expect(textAt(2, 0)).toBe('2');
  grid().focus();
  fireEvent.keyDown(grid(), { key: 'Home', ctrlKey: true });
  expect(grid().getAttribute('aria-activedescendant')).toBe(cellAt(0, 0)?.id);
});

test('the active cell is not named while it is out of view, as nothing of that name is in the page', async () => {
  await show();
  grid().focus();
  fireEvent.keyDown(grid(), { key: 'ArrowDown' });
  expect(grid().getAttribute('aria-activedescendant')).toBe(cellAt(1, 0)?.id);
  scrollTo({ scrollTop: 900 * ROW_HEIGHT });
  await waitFor(() => expect(textAt(900, 1)).toBe('9000'));
  expect(grid().getAttribute('aria-activedescendant')).toBeNull();
  scrollTo({ scrollTop: 0 });
  expect(grid().getAttribute('aria-activedescendant')).toBe(cellAt(1, 0)?.id);
});

test('a text in a script that is written from the right has its own direction', async () => {
  const store = createResultStore([{ name: 'a', type: 'text' }]);
  stores.push(store);
  await store.append([['שלום'], ['plain'], ['naïve']]);
  render(
    <TooltipProvider>
      <ResultGrid store={store} status={{ loaded: 3, total: 3, isComplete: true }} />
    </TooltipProvider>,
  );
  await waitFor(() => expect(textAt(0, 0)).toBe('שלום'));
  expect([0, 1, 2].map((place) => cellAt(place, 0)?.getAttribute('dir'))).toEqual(['auto', null, null]);
});

test('the keys for a menu open that of the active cell where it stands', async () => {
  await show();
  grid().focus();
  fireEvent.keyDown(grid(), { key: 'ArrowDown' });
  fireEvent.keyDown(grid(), { key: 'F10', shiftKey: true });
  expect(await screen.findByRole('menuitem', { name: 'Copy as Markdown' })).toBeTruthy();
});
