import {
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ChartColumn,
  ChartNoAxesColumn,
  ChevronsLeftRight,
  Copy,
  EyeOff,
  ListFilter,
  Pin,
  PinOff,
  X,
} from 'lucide-react';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { MenuItem, MenuLabel, MenuLine, MenuRadio } from '../../ui/menu.tsx';
import { copyText } from '../../ui/copy.tsx';
import type { ColumnAct } from './column-layout.ts';
import type { Arrangement } from './grid-engine.ts';

interface ColumnMenuProps {
  column: number;
  shape: QueryColumn;
  /** Its place on screen. */
  at: number;
  isPinned: boolean;
  arrangement: Arrangement;
  onArrange: (arrangement: Arrangement) => void;
  onColumns: (act: ColumnAct) => void;
  onFit: () => void;
  onFilter: () => void;
  onProfile: () => void;
  onChart: () => void;
}

/** All that can be done with one column; each act of the mouse on a head is here for the keyboard. */
export function ColumnMenu({ column, shape, at, isPinned, arrangement, ...acts }: ColumnMenuProps) {
  const { sort, filters } = arrangement;
  const key = sort.find((each) => each.column === column);
  const others = sort.filter((each) => each.column !== column);
  const sortBy = (isDescending: boolean, rest: Arrangement['sort'] = []) =>
    acts.onArrange({ ...arrangement, sort: [...rest, { column, isDescending }] });
  const isText = !['integer', 'decimal', 'boolean', 'date', 'timestamp'].includes(shape.type);
  const filtered = filters.some((filter) => filter.column === column);
  return (
    <>
      <MenuItem icon={ArrowUp} onSelect={() => sortBy(false)}>
        Sort ascending
      </MenuItem>
      <MenuItem icon={ArrowDown} onSelect={() => sortBy(true)}>
        Sort descending
      </MenuItem>
      {others.length > 0 && !key && (
        <>
          <MenuItem icon={ArrowUp} onSelect={() => sortBy(false, others)}>
            Then ascending by this
          </MenuItem>
          <MenuItem icon={ArrowDown} onSelect={() => sortBy(true, others)}>
            Then descending by this
          </MenuItem>
        </>
      )}
      {key && (
        <MenuItem icon={X} onSelect={() => acts.onArrange({ ...arrangement, sort: others })}>
          Do not sort by this
        </MenuItem>
      )}
      {isText && key && (
        <>
          <MenuLabel>Order of text</MenuLabel>
          <MenuRadio
            value={arrangement.textOrder}
            onValue={(textOrder) => acts.onArrange({ ...arrangement, textOrder })}
            options={[
              { value: 'language', label: 'As in a dictionary' },
              { value: 'codes', label: 'By character codes' },
            ]}
          />
        </>
      )}
      <MenuLine />
      <MenuItem icon={ListFilter} onSelect={acts.onFilter}>
        Filter…
      </MenuItem>
      {filtered && (
        <MenuItem
          icon={X}
          onSelect={() =>
            acts.onArrange({ ...arrangement, filters: filters.filter((filter) => filter.column !== column) })
          }
        >
          Clear its filters
        </MenuItem>
      )}
      <MenuItem icon={ChartNoAxesColumn} onSelect={acts.onProfile}>
        Profile
      </MenuItem>
      <MenuItem icon={ChartColumn} onSelect={acts.onChart}>
        Chart by this
      </MenuItem>
      <MenuLine />
      <MenuItem
        icon={isPinned ? PinOff : Pin}
        onSelect={() => acts.onColumns({ do: isPinned ? 'unpin' : 'pin', column })}
      >
        {isPinned ? 'Unpin' : 'Pin to the left'}
      </MenuItem>
      <MenuItem icon={ArrowLeft} keys="alt+left" onSelect={() => acts.onColumns({ do: 'move', column, to: at - 1 })}>
        Move left
      </MenuItem>
      <MenuItem icon={ArrowRight} keys="alt+right" onSelect={() => acts.onColumns({ do: 'move', column, to: at + 1 })}>
        Move right
      </MenuItem>
      <MenuItem icon={ChevronsLeftRight} onSelect={acts.onFit}>
        Fit to content
      </MenuItem>
      <MenuItem icon={EyeOff} onSelect={() => acts.onColumns({ do: 'hide', column })}>
        Hide
      </MenuItem>
      <MenuItem icon={Copy} onSelect={() => void copyText(shape.name)}>
        Copy name
      </MenuItem>
    </>
  );
}
