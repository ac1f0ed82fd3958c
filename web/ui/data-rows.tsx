import { memo, useEffect, type ReactNode, type RefObject } from 'react';
import { DataRow, type RowActs, type RowLook } from './data-row.tsx';
import type { DataColumn } from './data-table.tsx';
import { useHaste } from './row-haste.ts';
import { useRowWindow } from './row-window.ts';

/** So many rows before the end of what is loaded the next page is asked for: it is there before the end is seen. */
const ROWS_AHEAD = 50;

interface DataRowsProps<T> {
  scroller: RefObject<HTMLDivElement | null>;
  rows: readonly T[];
  rowId: (row: T) => string;
  versionOf: ((row: T) => string) | undefined;
  height: number;
  template: string;
  columns: ReadonlyArray<DataColumn<T>>;
  active: string | undefined;
  selected: ReadonlySet<string> | undefined;
  onMore: (() => void) | undefined;
  look: RowLook<T>;
  acts: RowActs<T>;
}

/** The rows of a table that are in view. Scrolling draws these anew and nothing around them. */
export const DataRows = memo(function DataRows<T>(props: DataRowsProps<T>) {
  const { scroller, rows, rowId, height, active, selected, onMore } = props;
  const { from, to } = useRowWindow(scroller, rows.length, height, 16);
  const haste = useHaste(scroller);
  useEffect(() => {
    if (rows.length > 0 && to >= rows.length - ROWS_AHEAD) onMore?.();
  }, [to, rows.length, onMore]);
  return (
    <div role="rowgroup" className="relative" style={{ height: rows.length * height }}>
      {rows.slice(from, to).map((row, offset) => {
        const index = from + offset;
        const id = rowId(row);
        return (
          <DataRow<T>
            key={id}
            id={id}
            row={row}
            index={index}
            top={index * height}
            height={height}
            template={props.template}
            columns={props.columns}
            version={props.versionOf?.(row)}
            isActive={id === active}
            isSelected={selected?.has(id) === true}
            isTabStop={offset === 0 || id === active}
            look={props.look}
            acts={props.acts}
            haste={haste}
          />
        );
      })}
    </div>
  );
}) as <T>(props: DataRowsProps<T>) => ReactNode;
