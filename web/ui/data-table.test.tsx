// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import { DataTable, type DataColumn } from './data-table.tsx';
import { TooltipProvider } from './tooltip.tsx';

interface Thing {
  id: string;
  name: string;
  size: number;
}
const things = (count: number): Thing[] =>
  Array.from({ length: count }, (_, index) => ({ id: `t${index}`, name: `Thing ${index}`, size: count - index }));
const columns: ReadonlyArray<DataColumn<Thing>> = [
  { id: 'name', head: 'Name', width: 200, grow: true, cell: ({ name }) => name },
  { id: 'size', head: 'Size', width: 80, cell: ({ size }) => size, sortValue: ({ size }) => size },
];

beforeAll(() => {
  // jsdom lays nothing out: the list is told a size.
  stubResizeObserver();
  for (const size of ['clientHeight', 'offsetHeight'])
    Object.defineProperty(HTMLElement.prototype, size, { value: 600, configurable: true });
  Element.prototype.scrollTo = () => undefined;
});
afterEach(cleanup);

const selections: Set<string>[] = [];
function Table({ rows, ...rest }: { rows: Thing[] } & Partial<Parameters<typeof DataTable<Thing>>[0]>) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [sort, setSort] = useState('');
  return (
    <TooltipProvider>
      <DataTable<Thing>
        label="Things"
        rows={rows}
        columns={columns}
        rowId={({ id }) => id}
        nameOf={({ name }) => name}
        selected={selected}
        onSelected={(next) => {
          selections.push(next);
          setSelected(next);
        }}
        sort={sort}
        onSort={setSort}
        {...rest}
      />
    </TooltipProvider>
  );
}
const row = (name: string) => screen.getByRole('row', { name });
const focused = (name: string) => waitFor(() => expect(document.activeElement).toBe(row(name)));
const press = (key: string, more: object = {}) => {
  if (document.activeElement) fireEvent.keyDown(document.activeElement, { key, ...more });
};

test('it is one tab stop, and J, K, arrows, Home and End move within it', async () => {
  render(<Table rows={things(12)} />);
  expect(document.querySelectorAll('[role=row][tabindex="0"]').length).toBe(1);
  row('Thing 0').focus();
  press('j');
  await focused('Thing 1');
  press('ArrowDown');
  await focused('Thing 2');
  press('k');
  await focused('Thing 1');
  press('ArrowUp');
  press('ArrowUp'); // not above the first
  await focused('Thing 0');
  press('End');
  await focused('Thing 11');
  press('Home');
  await focused('Thing 0');
});

test('X selects and takes back, with Shift all that lies between; the head selects what is shown, and says when it is only a part', () => {
  render(<Table rows={things(8)} />);
  row('Thing 1').focus();
  press('x');
  expect(row('Thing 1').getAttribute('aria-selected')).toBe('true');
  row('Thing 4').focus();
  press('X', { shiftKey: true });
  expect([...(selections.at(-1) ?? [])].toSorted()).toEqual(['t1', 't2', 't3', 't4']);
  const all = screen.getByLabelText<HTMLInputElement>('Select all that are shown');
  expect(all.indeterminate).toBe(true);
  row('Thing 2').focus();
  press('x');
  expect(row('Thing 2').getAttribute('aria-selected')).toBe('false');
  fireEvent.click(all);
  expect(selections.at(-1)?.size).toBe(8);
  fireEvent.click(all);
  expect(selections.at(-1)?.size).toBe(0);
});

test('a head that sorts turns the order, and says it to those who cannot see the arrow', () => {
  render(<Table rows={things(3)} />);
  const names = () =>
    screen
      .getAllByRole('row')
      .slice(1)
      .map((each) => each.getAttribute('aria-label'));
  const head = screen.getByRole('columnheader', { name: 'Size' });
  expect(head.getAttribute('aria-sort')).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Size' }));
  expect(head.getAttribute('aria-sort')).toBe('descending');
  expect(names()).toEqual(['Thing 0', 'Thing 1', 'Thing 2']);
  fireEvent.click(screen.getByRole('button', { name: 'Size' }));
  expect(head.getAttribute('aria-sort')).toBe('ascending');
  expect(names()).toEqual(['Thing 2', 'Thing 1', 'Thing 0']);
  expect(screen.queryByRole('button', { name: 'Name' })).toBeNull();
});

test('a press opens a row, Enter too; Space peeks where there is something to peek at; a link or a box in the row does its own', () => {
  const [open, peek] = [vi.fn<(thing: Thing) => void>(), vi.fn<(thing: Thing) => void>()];
  const withLink: ReadonlyArray<DataColumn<Thing>> = [
    { id: 'name', head: 'Name', width: 200, cell: ({ name }) => <a href="#there">{name}</a> },
    ...columns.slice(1),
  ];
  const rows = things(3);
  render(<Table rows={rows} columns={withLink} onOpen={open} onPeek={peek} />);
  fireEvent.click(row('Thing 1'));
  expect(open).toHaveBeenLastCalledWith(rows[1]);
  fireEvent.click(screen.getByText('Thing 2'));
  fireEvent.click(screen.getByLabelText('Select Thing 2'));
  expect(open).toHaveBeenCalledOnce();
  row('Thing 0').focus();
  press(' ');
  expect(peek).toHaveBeenLastCalledWith(rows[0]);
  press('Enter');
  expect(open).toHaveBeenCalledTimes(2);
  // Keys with a modifier belong to the browser.
  press('Enter', { ctrlKey: true });
  expect(open).toHaveBeenCalledTimes(2);
});

test('it tells how many rows there are in all, which place each has, and asks for more near the end of what is loaded', () => {
  const more = vi.fn<() => void>();
  render(<Table rows={things(30)} total={413} onMore={more} />);
  expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('413');
  expect(row('Thing 3').getAttribute('aria-rowindex')).toBe('5');
  expect(more).toHaveBeenCalled();
  cleanup();
  more.mockClear();
  render(<Table rows={things(500)} onMore={more} />);
  expect(more).not.toHaveBeenCalled();
});

test('scrolling draws the rows that come into view, and the list around them stays as it is', () => {
  const heads = vi.fn<() => string>(() => 'Name');
  const counted: ReadonlyArray<DataColumn<Thing>> = [
    {
      id: 'name',
      get head() {
        return heads();
      },
      width: 200,
      grow: true,
      cell: ({ name }) => name,
    },
  ];
  render(<Table rows={things(500)} columns={counted} />);
  const before = heads.mock.calls.length;
  const grid = screen.getByRole('grid');
  grid.scrollTop = 36 * 200;
  fireEvent.scroll(grid);
  expect(row('Thing 205')).toBeDefined();
  expect(screen.queryByRole('row', { name: 'Thing 0' })).toBeNull();
  expect(heads.mock.calls.length).toBe(before);
});

test('a column that is hidden is gone from head and rows', () => {
  render(<Table rows={things(2)} hidden={['size']} />);
  expect(screen.queryByRole('columnheader', { name: 'Size' })).toBeNull();
  expect(row('Thing 0').querySelectorAll('[role=gridcell]').length).toBe(2);
});
