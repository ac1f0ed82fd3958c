import { ChartColumn, Columns3, Copy, Maximize2, Minimize2, Search, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { bytesText } from '../../kit/time.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from '../../ui/menu.tsx';
import { countWords, groupDigits } from './cell-text.ts';
import type { ColumnAct, ColumnState } from './column-layout.ts';
import type { CopyFormat } from './copy.ts';
import type { SelectionFigures } from './figures.ts';
import type { StoreState } from './grid-engine.ts';
import { isPrivacyColumn } from './privacy.ts';

interface GridFootProps {
  columns: readonly QueryColumn[];
  columnState: ColumnState;
  shownColumns: number;
  state: StoreState;
  figures: SelectionFigures | null;
  isGrouped: boolean;
  canCopy: boolean;
  onGrouped: (isGrouped: boolean) => void;
  onColumns: (act: ColumnAct) => void;
  onFind: () => void;
  onChart: () => void;
  onCopy: (format: CopyFormat, withHead: boolean) => void;
  /** Whether the grid fills the window. */
  isFull: boolean;
  onFull: () => void;
  children?: ReactNode;
}

/** Below the rows: that nothing is stored, what is selected, how much there is, and what can be done with it. */
export function GridFoot({ columns, columnState, state, figures, ...rest }: GridFootProps) {
  const { loaded, shown, bytes } = state;
  return (
    <div
      data-testid="queries.grid-foot"
      className="flex min-h-8 flex-none flex-wrap items-center gap-x-3.5 border-t border-line bg-surface pr-2 pl-3.5 text-meta text-text-2"
    >
      <span className="flex items-center gap-1.5" title={`${bytesText(bytes)} in the memory of this tab`}>
        <Icon of={ShieldCheck} size={14} className="text-ok-fg" />
        <span className="max-sm:hidden">Rows live in this tab only; nothing is stored</span>
        <span className="sm:hidden">Nothing is stored</span>
      </span>
      {rest.children}
      <span className="flex-1" />
      {figures && (
        <span className="num text-text" data-testid="queries.selection">
          {figuresText(figures)}
        </span>
      )}
      <span className="num">
        {countWords(rest.shownColumns, 'column')} ·{' '}
        {shown === loaded
          ? countWords(loaded, 'row')
          : `${shown.toLocaleString('en-GB')} of ${countWords(loaded, 'row')}`}
      </span>
      <span className="flex items-center">
        <IconButton icon={Search} size="sm" label="Find in loaded rows" keys="mod+f" onClick={rest.onFind} />
        <Menu
          label="Copy"
          trigger={
            <Button size="sm" look="ghost" icon={Copy} aria-label="Copy the selected cells" className="gap-0! px-2!" />
          }
        >
          <MenuLabel>{rest.canCopy ? 'Copy the selected cells' : 'Copy all loaded rows'}</MenuLabel>
          <MenuItem keys="mod+c" onSelect={() => rest.onCopy('tsv', false)}>
            Cells as they are (TSV)
          </MenuItem>
          <MenuItem onSelect={() => rest.onCopy('tsv', true)}>TSV with names</MenuItem>
          <MenuItem onSelect={() => rest.onCopy('csv', true)}>CSV</MenuItem>
          <MenuItem onSelect={() => rest.onCopy('json', true)}>JSON</MenuItem>
          <MenuItem onSelect={() => rest.onCopy('markdown', true)}>Markdown</MenuItem>
        </Menu>
        <IconButton icon={ChartColumn} size="sm" label="Chart" onClick={rest.onChart} />
        <Menu
          label="Columns"
          trigger={<Button size="sm" look="ghost" icon={Columns3} aria-label="Columns" className="gap-0! px-2!" />}
        >
          <div className="max-h-[50vh] overflow-auto">
            {columns.map(
              (column, at) =>
                !isPrivacyColumn(column) && (
                  <MenuCheck
                    key={column.name}
                    checked={!columnState.hidden.has(at)}
                    onChecked={(isOn) => rest.onColumns({ do: isOn ? 'show' : 'hide', column: at })}
                  >
                    <span className="max-w-64 truncate">{column.name}</span>
                  </MenuCheck>
                ),
            )}
          </div>
          <MenuLine />
          <MenuItem onSelect={() => rest.onColumns({ do: 'showAll', columns })}>Show all columns</MenuItem>
          <MenuCheck checked={rest.isGrouped} onChecked={rest.onGrouped}>
            Digits of numbers in groups
          </MenuCheck>
        </Menu>
        <IconButton
          icon={rest.isFull ? Minimize2 : Maximize2}
          size="sm"
          label={rest.isFull ? 'Leave the full window' : 'Fill the window with the rows'}
          aria-pressed={rest.isFull}
          onClick={rest.onFull}
        />
      </span>
    </div>
  );
}

/** "5 cells · sum 42 · average 8.4" */
export const figuresText = ({ cells, sum, average }: SelectionFigures): string =>
  [
    countWords(cells, 'cell'),
    sum === null ? null : `sum ${groupDigits(sum)}`,
    average === null ? null : `average ${groupDigits(average)}`,
  ]
    .filter(Boolean)
    .join(' · ');
