// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { TooltipProvider } from '../../ui/tooltip.tsx';
import { ResultGrid, type ResultGridProps } from './result-grid.tsx';
import { createResultStore, type ResultStore } from './result-store.ts';

const copied = vi.fn<(text: string) => Promise<void>>();
beforeAll(() => {
  stubResizeObserver();
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { value: 600, configurable: true });
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { value: 1_000, configurable: true });
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: copied }, configurable: true });
});
beforeEach(() => copied.mockReset().mockResolvedValue());

const columns: QueryColumn[] = [
  { name: 'Key', type: 'text' },
  { name: 'Opens', type: 'integer' },
  { name: 'Note', type: 'text' },
];
const rows: Cell[][] = [
  ['c', '12', 'one\ntwo'],
  ['a', '4', ''],
  ['b', null, null],
  ['d', '1010', '{"k":1}'],
];
const stores: ResultStore[] = [];
afterEach(() => {
  cleanup();
  for (const store of stores.splice(0)) store.dispose();
});
async function show(props: Partial<ResultGridProps> = {}, of = columns, cells = rows) {
  const store = createResultStore(of);
  stores.push(store);
  await store.append(cells);
  const status = { loaded: cells.length, total: cells.length, isComplete: true };
  render(
    <TooltipProvider>
      <ResultGrid store={store} status={status} {...props} />
    </TooltipProvider>,
  );
  await waitFor(() => expect(cell(0, 0).textContent).not.toBe(''));
  return store;
}
const grid = () => screen.getByRole('grid');
const cell = (row: number, column: number): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-place="${row}"] [aria-colindex="${column + 2}"]`);
  if (!found) throw new Error(`no cell ${row}, ${column}`);
  return found;
};
const shown = (column: number) =>
  [...document.querySelectorAll('[data-place]')]
    .sort((a, b) => Number(a.getAttribute('data-place')) - Number(b.getAttribute('data-place')))
    .map((row) => row.querySelector(`[aria-colindex="${column + 2}"]`)?.textContent);
const press = (key: string, keys: object = {}) => fireEvent.keyDown(grid(), { key, ...keys });

test('it is a grid of so many rows and columns, each cell with its place; null and empty are told apart', async () => {
  await show();
  expect(grid().getAttribute('aria-rowcount')).toBe('5');
  expect(grid().getAttribute('aria-colcount')).toBe('4');
  expect(screen.getAllByRole('columnheader').map((head) => head.getAttribute('aria-colindex'))).toEqual([
    '1',
    '2',
    '3',
    '4',
  ]);
  expect(document.querySelector('[data-place="2"]')?.getAttribute('aria-rowindex')).toBe('4');
  expect(cell(3, 1).textContent).toBe('1,010');
  expect(cell(2, 2).textContent).toBe('null');
  expect([cell(1, 2).textContent, cell(1, 2).getAttribute('aria-label')]).toEqual(['', 'empty text']);
  expect(screen.getByTestId('queries.grid-foot').textContent).toContain('3 columns · 4 rows');
});

test('a click on a head sorts up, down and not at all', async () => {
  await show();
  const head = () =>
    within(screen.getAllByRole('columnheader')[2] as HTMLElement).getAllByRole('button')[0] as HTMLElement;
  fireEvent.click(head());
  await waitFor(() => expect(shown(1)).toEqual(['4', '12', '1,010', 'null']));
  expect(screen.getAllByRole('columnheader')[2]?.getAttribute('aria-sort')).toBe('ascending');
  fireEvent.click(head());
  await waitFor(() => expect(shown(1)).toEqual(['1,010', '12', '4', 'null']));
  fireEvent.click(head());
  await waitFor(() => expect(shown(1)).toEqual(['12', '4', 'null', '1,010']));
});

test('arrows move and Shift extends; cells, sum and average of the selection are told', async () => {
  await show();
  grid().focus();
  press('ArrowRight');
  expect(grid().getAttribute('aria-activedescendant')).toBe(cell(0, 1).id);
  press('ArrowDown', { shiftKey: true });
  press('ArrowDown', { shiftKey: true });
  expect(cell(1, 1).getAttribute('aria-selected')).toBe('true');
  expect(cell(1, 0).getAttribute('aria-selected')).toBe('false');
  await waitFor(() => expect(screen.getByTestId('queries.selection').textContent).toBe('3 cells · sum 16 · average 8'));
  press('a', { ctrlKey: true });
  await waitFor(() => expect(screen.getByTestId('queries.selection').textContent).toContain('12 cells'));
});

test('what is selected is copied as the service gave it', async () => {
  await show();
  grid().focus();
  press('End', { ctrlKey: true });
  press('ArrowLeft', { shiftKey: true });
  press('c', { ctrlKey: true });
  await waitFor(() => expect(copied).toHaveBeenCalledWith('1010\t"{""k"":1}"'));
});

test('Enter shows the whole of a cell; on a head it opens the acts of the column, which hide it', async () => {
  await show();
  grid().focus();
  press('End', { ctrlKey: true });
  press('Enter');
  const dialog = await screen.findByRole('dialog', { name: 'Note' });
  await waitFor(() => expect(dialog.textContent).toContain('"k": 1'));
  fireEvent.keyDown(dialog, { key: 'Escape' });
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  press('Home', { ctrlKey: true });
  press('ArrowUp');
  press('Enter');
  fireEvent.click(await screen.findByRole('menuitem', { name: /Hide/ }));
  await waitFor(() => expect(grid().getAttribute('aria-colcount')).toBe('3'));
  expect(screen.getByTestId('queries.grid-foot').textContent).toContain('2 columns');
});

test('what is looked for is found, counted and gone to', async () => {
  await show();
  grid().focus();
  press('f', { ctrlKey: true });
  fireEvent.change(await screen.findByLabelText('Find in loaded rows', { selector: 'input' }), {
    target: { value: '1010' },
  });
  await waitFor(() => expect(screen.getByText('1 of 1')).toBeTruthy());
  expect(cell(3, 1).className).toContain('bg-');
  expect(grid().getAttribute('aria-activedescendant')).toBe(cell(3, 1).id);
});

test('filtered to nothing it says so and offers the way back', async () => {
  const store = await show();
  await store.arrange({ ...store.state.arrangement, filters: [{ column: 0, test: 'equals', values: ['zzz'] }] });
  await screen.findByText('No row matches');
  expect(screen.getByTestId('queries.arrangement').textContent).toContain('Key is zzz');
  fireEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  await waitFor(() => expect(shown(0)).toEqual(['c', 'a', 'b', 'd']));
});

test('a cut is stated with how much is here, and what can be done about it', async () => {
  await show({
    status: { loaded: 4, total: 1_204_311, isComplete: false, cut: 'Figures are of these.' },
    cutActs: <button type="button">Load more</button>,
  });
  expect(screen.getByTestId('queries.cut').textContent).toBe(
    'First 4 of 1,204,311 rows loaded. Figures are of these.Load more',
  );
});

test('rows that privacy hid are marked with the reason and counted; the columns that tell it are not shown', async () => {
  const amc: QueryColumn[] = [
    { name: 'campaign', type: 'text' },
    { name: 'windlass_filtered', type: 'boolean' },
    { name: 'windlass_users', type: 'integer' },
    { name: 'windlass_filter_reason', type: 'text' },
  ];
  await show({}, amc, [
    ['x', 'false', '100', null],
    ['y', 'true', '97', 'users < 100'],
  ]);
  expect(grid().getAttribute('aria-colcount')).toBe('2');
  await screen.findByText('Hidden by privacy · users < 100 · 97 users');
  expect(screen.getByTestId('queries.grid').textContent).toContain('1 of 2 rows (50%) hold figures that privacy hides');
});

test('rows that come while it is sorted wait, and are sorted in when all are there', async () => {
  const store = await show({ status: { loaded: 4, total: 5, isComplete: false } });
  await store.arrange({ ...store.state.arrangement, sort: [{ column: 0, isDescending: false }] });
  await store.append([['aa', '1', 'x']]);
  await screen.findByRole('button', { name: 'Sort in 1 new row' });
  expect(store.state).toMatchObject({ loaded: 5, shown: 4, waiting: 1 });
  fireEvent.click(screen.getByRole('button', { name: 'Sort in 1 new row' }));
  await waitFor(() => expect(shown(0)).toEqual(['a', 'aa', 'b', 'c', 'd']));
});
