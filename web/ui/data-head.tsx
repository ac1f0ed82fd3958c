import type { Header, RowData } from '@tanstack/react-table';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { Checkbox } from './choice.tsx';
import type { DataColumn, Features } from './data-table.tsx';
import { Icon } from './icon.tsx';

export type DataHeader<T extends RowData> = Header<Features, T, unknown>;

interface DataHeadProps<T extends RowData> {
  /** Of the columns that are shown, in their order. */
  headers: readonly DataHeader<T>[];
  columns: ReadonlyArray<DataColumn<T>>;
  template: string;
  sorting: { id: string; desc: boolean } | undefined;
  onSort: ((sort: string) => void) | undefined;
  checked: boolean | 'indeterminate';
  /** Selects all that are shown, or none; without it there is nothing to select. */
  onAll: ((on: boolean) => void) | undefined;
  hasMenu: boolean;
}

/** The head of a table: names of its columns, which sort and are drawn wider where they may. */
export function DataHead<T extends RowData>(props: DataHeadProps<T>) {
  const { headers, columns, sorting, onSort, onAll, hasMenu } = props;
  return (
    <div role="rowgroup" className="sticky top-0 z-(--wl-z-sticky)">
      <div
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: props.template }}
        className="grid h-8 items-center border-y max-sm:h-[46px] border-line bg-sunken text-meta font-medium text-text-3"
      >
        {onAll && (
          <span role="columnheader" className="pl-5">
            <Checkbox hideLabel label="Select all that are shown" checked={props.checked} onChecked={onAll} />
          </span>
        )}
        {headers.map((header, index) => {
          const column = columns[index];
          if (!column) return null;
          const isSorted = sorting?.id === column.id ? (sorting.desc ? 'descending' : 'ascending') : undefined;
          return (
            <span
              key={column.id}
              role="columnheader"
              aria-sort={isSorted}
              className={cx(
                'group relative flex min-w-0 items-center px-2.5',
                column.align === 'right' && 'justify-end',
                !onAll && index === 0 && 'pl-5',
                !hasMenu && index === columns.length - 1 && 'pr-5',
              )}
            >
              {onSort && header.column.getCanSort() ? (
                <button
                  type="button"
                  className="inline-flex min-w-0 items-center gap-1 hover:text-text max-sm:h-11"
                  onClick={() => onSort(isSorted === 'descending' ? column.id : `-${column.id}`)}
                >
                  <span className="truncate">{column.head}</span>
                  {isSorted && <Icon of={isSorted === 'descending' ? ChevronDown : ChevronUp} size={12} />}
                </button>
              ) : (
                <span className="truncate">{column.head}</span>
              )}
              <span
                aria-hidden="true"
                onMouseDown={header.getResizeHandler()}
                onTouchStart={header.getResizeHandler()}
                className="absolute inset-y-[-8px] right-0 w-1.5 cursor-col-resize opacity-0 group-hover:border-r group-hover:border-line-strong group-hover:opacity-100"
              />
            </span>
          );
        })}
        {hasMenu && (
          <span role="columnheader">
            <span className="sr-only">Acts</span>
          </span>
        )}
      </div>
    </div>
  );
}
