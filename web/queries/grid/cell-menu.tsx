import { Copy, Expand, ListFilter, ListX } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Cell } from '#contracts/queries/engine.ts';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import type { CopyFormat } from './copy.ts';
import type { ColumnFilter } from './filter.ts';
import type { ResultStore } from './result-store.ts';
import type { CellPlace } from './selection.ts';

interface CellMenuProps {
  x: number;
  y: number;
  place: CellPlace;
  store: ResultStore;
  column: number;
  onCopy: (format: CopyFormat, withHead: boolean) => void;
  onInspect: () => void;
  onFilter: (filter: ColumnFilter) => void;
  onClose: () => void;
  onCloseFocus: () => void;
}

/** What can be done with a cell, where the pointer asked for it. */
export function CellMenu({
  x,
  y,
  place,
  store,
  column,
  onCopy,
  onInspect,
  onFilter,
  onClose,
  onCloseFocus,
}: CellMenuProps) {
  const [cell, setCell] = useState<Cell | undefined>();
  useEffect(() => {
    let isHere = true;
    store.cell(place.row, column).then(
      (answer) => isHere && setCell(answer),
      () => undefined, // without it the menu copies
    );
    return () => void (isHere = false);
  }, [store, place.row, column]);
  const said = cell === null ? 'null' : cell === '' ? 'empty text' : (cell ?? '').slice(0, 30);
  return (
    <Menu
      isOpen
      align="start"
      label="Cell"
      onOpen={(isOpen) => !isOpen && onClose()}
      onCloseFocus={onCloseFocus}
      trigger={<span aria-hidden="true" className="pointer-events-none fixed size-px" style={{ left: x, top: y }} />}
    >
      <MenuItem icon={Expand} keys="enter" onSelect={onInspect}>
        Show the whole cell
      </MenuItem>
      <MenuLine />
      <MenuItem icon={Copy} keys="mod+c" onSelect={() => onCopy('tsv', false)}>
        Copy
      </MenuItem>
      <MenuItem onSelect={() => onCopy('tsv', true)}>Copy with names</MenuItem>
      <MenuItem onSelect={() => onCopy('csv', true)}>Copy as CSV</MenuItem>
      <MenuItem onSelect={() => onCopy('json', true)}>Copy as JSON</MenuItem>
      <MenuItem onSelect={() => onCopy('markdown', true)}>Copy as Markdown</MenuItem>
      {cell !== undefined && (
        <>
          <MenuLine />
          <MenuItem
            icon={ListFilter}
            onSelect={() =>
              onFilter(
                cell === null ? { column, test: 'isNull', values: [] } : { column, test: 'equals', values: [cell] },
              )
            }
          >
            {`Only ${said}`}
          </MenuItem>
          <MenuItem
            icon={ListX}
            onSelect={() =>
              onFilter(
                cell === null ? { column, test: 'notNull', values: [] } : { column, test: 'differs', values: [cell] },
              )
            }
          >
            {`Without ${said}`}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
