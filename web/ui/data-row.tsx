import { memo, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Checkbox } from './choice.tsx';
import type { DataColumn } from './data-table.tsx';
import { useFilledIn, type Haste } from './row-haste.ts';

/** What the rows of a table can do: one object for as long as the table is there. */
export interface RowActs<T> {
  toggle: (id: string, extend: boolean) => void;
  onKeyDown: (event: KeyboardEvent, index: number, id: string, row: T) => void;
  open: (row: T) => void;
}
/** What all rows of a table have in common. */
export interface RowLook<T> {
  canOpen: boolean;
  canSelect: boolean;
  rowMenu: ((row: T) => ReactNode) | undefined;
  rowAttributes: ((row: T) => Record<`data-${string}`, string>) | undefined;
  nameOf: ((row: T) => string) | undefined;
}

interface DataRowProps<T> {
  id: string;
  row: T;
  index: number;
  top: number;
  height: number;
  template: string;
  columns: ReadonlyArray<DataColumn<T>>;
  version: string | undefined;
  isActive: boolean;
  isSelected: boolean;
  isTabStop: boolean;
  look: RowLook<T>;
  acts: RowActs<T>;
  haste: Haste;
}

/** One row of a table. It is drawn again only when something that it shows has changed. */
export const DataRow = memo(function DataRow<T>(props: DataRowProps<T>) {
  const { id, row, index, look, acts, isSelected } = props;
  const isFilledIn = useFilledIn(props.haste);
  return (
    <div
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={look.canSelect ? isSelected : undefined}
      aria-label={look.nameOf?.(row)}
      tabIndex={props.isTabStop ? 0 : -1}
      onKeyDown={(event) => acts.onKeyDown(event, index, id, row)}
      onClick={(event) => {
        if ((event.target as HTMLElement).closest('a,button,input,label,[role=checkbox]')) return;
        acts.open(row);
      }}
      {...look.rowAttributes?.(row)}
      style={{ gridTemplateColumns: props.template, height: props.height, top: props.top }}
      className={cx(
        // What happens in a row changes no other: laid out by itself. Painted with the others: a layer of its own for each
        // row would cost more at every scroll than it spares.
        'group/row absolute [contain:size_layout_style] inset-x-0 grid items-center border-b border-line focus-visible:outline-offset-[-2px]',
        look.canOpen && 'cursor-pointer',
        props.isActive || isSelected ? 'bg-accent-soft' : 'hover:bg-sunken',
      )}
    >
      {!isFilledIn && <NameAlone name={look.nameOf?.(row)} columns={props.columns} indent={look.canSelect} />}
      {isFilledIn && look.canSelect && (
        <span role="gridcell" className="pl-5">
          <Checkbox
            hideLabel
            label={`Select ${look.nameOf?.(row) ?? 'row'}`}
            checked={isSelected}
            onChecked={() => acts.toggle(id, false)}
          />
        </span>
      )}
      {isFilledIn && (
        <Cells
          row={row}
          version={props.version}
          columns={props.columns}
          indent={!look.canSelect}
          outdent={!look.rowMenu}
        />
      )}
      {isFilledIn && look.rowMenu && (
        <span role="gridcell" className="flex justify-center pr-2">
          {look.rowMenu(row)}
        </span>
      )}
    </div>
  );
}) as <T>(props: DataRowProps<T>) => ReactNode;

/** What can be seen of a row that flies by. */
function NameAlone<T>({
  name,
  columns,
  indent,
}: {
  name: string | undefined;
  columns: ReadonlyArray<DataColumn<T>>;
  indent: boolean;
}) {
  const at =
    Math.max(
      0,
      columns.findIndex(({ grow }) => grow),
    ) + (indent ? 2 : 1);
  return (
    <span role="gridcell" style={{ gridColumn: at }} className="truncate px-2.5 font-medium">
      {name}
    </span>
  );
}

interface CellsProps<T> {
  row: T;
  version: string | undefined;
  columns: ReadonlyArray<DataColumn<T>>;
  indent: boolean;
  outdent: boolean;
}
const Cells = memo(
  function Cells<T>({ row, columns, indent, outdent }: CellsProps<T>) {
    return columns.map((column, index) => (
      <span
        key={column.id}
        role="gridcell"
        className={cx(
          'min-w-0 truncate px-2.5',
          column.align === 'right' && 'num text-right',
          indent && index === 0 && 'pl-5',
          outdent && index === columns.length - 1 && 'pr-5',
        )}
      >
        {column.cell(row)}
      </span>
    ));
  },
  (before, after) =>
    before.version !== undefined &&
    before.version === after.version &&
    before.row === after.row &&
    before.columns === after.columns,
) as <T>(props: CellsProps<T>) => ReactNode;
