import { ChevronDown, ChevronRight, Eye, Folder, KeyRound, Table2 } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import type { KnownObject } from '#contracts/connections/connections.ts';
import { tagNoteOf, tagsOf } from '#contracts/queries/object-tags.ts';
import { cx } from '../../kit/cx.ts';
import { countText } from '../../kit/time.ts';
import { copyText } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useRowWindow } from '../../ui/row-window.ts';
import { typeText, type TreeRow } from './tree-rows.ts';

const ROW = 26;

interface ObjectTreeProps {
  rows: readonly TreeRow[];
  selected: string;
  onToggle: (key: string) => void;
  onSelect: (object: KnownObject) => void;
  /** Writes it at the cursor of the editor. */
  onInsert: (text: string) => void;
}

/** What a row is written as in a query. */
export const writtenAs = (row: TreeRow | undefined): string | null =>
  row?.kind === 'object' ? row.object.sqlName : row?.kind === 'column' ? row.column.name : null;

/** Folders, tables and columns. One stop for the keyboard: arrows go and unfold, Enter writes the name into the query. */
export function ObjectTree({ rows, selected, onToggle, onSelect, onInsert }: ObjectTreeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [active, setActive] = useState('');
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === active),
  );
  const { from, to } = useRowWindow(scroller, rows.length, ROW);
  useEffect(() => {
    const box = scroller.current;
    if (!box || active === '') return;
    const top = at * ROW;
    if (top < box.scrollTop) box.scrollTo({ top });
    else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTo({ top: top + ROW - box.clientHeight });
  }, [at, active]);
  const goTo = (row: TreeRow | undefined) => {
    if (!row) return;
    setActive(row.key);
    if (row.kind === 'object' || row.kind === 'column') onSelect(row.object);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[at];
    const act = (() => {
      switch (event.key) {
        case 'ArrowDown':
          return () => goTo(rows[active === '' ? 0 : Math.min(rows.length - 1, at + 1)]);
        case 'ArrowUp':
          return () => goTo(rows[Math.max(0, at - 1)]);
        case 'Home':
          return () => goTo(rows[0]);
        case 'End':
          return () => goTo(rows.at(-1));
        case 'ArrowRight':
          return () => {
            if (row && 'isOpen' in row && !row.isOpen) onToggle(row.key);
            else goTo(rows[Math.min(rows.length - 1, at + 1)]);
          };
        case 'ArrowLeft':
          return () => {
            if (row && 'isOpen' in row && row.isOpen) onToggle(row.key);
            else goTo(rows.slice(0, at).findLast(({ depth }) => depth < (row?.depth ?? 0)));
          };
        case 'Enter': {
          const text = writtenAs(row);
          if (text !== null) return () => onInsert(text);
          return row && 'isOpen' in row ? () => onToggle(row.key) : undefined;
        }
        case 'c':
          return (event.metaKey || event.ctrlKey) && writtenAs(row) !== null
            ? () => void copyText(writtenAs(row) ?? '')
            : undefined;
        default:
          return undefined;
      }
    })();
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label="Objects"
      aria-activedescendant={rows[at] && active !== '' ? `${id}-${at}` : undefined}
      onKeyDown={onKeyDown}
      data-testid="queries.tree"
      className="min-h-0 flex-1 overflow-auto px-1 pb-2 focus-visible:outline-offset-[-2px]"
    >
      <div role="presentation" style={{ height: rows.length * ROW, position: 'relative' }}>
        {rows.slice(from, to).map((row, index) => (
          <TreeItem
            key={row.key}
            id={`${id}-${from + index}`}
            row={row}
            top={(from + index) * ROW}
            isActive={active === row.key}
            isSelected={(row.kind === 'object' && row.object.id === selected) || active === row.key}
            onPress={() => {
              goTo(row);
              if ('isOpen' in row) onToggle(row.key);
            }}
            onInsert={() => {
              const text = writtenAs(row);
              if (text !== null) onInsert(text);
            }}
          />
        ))}
      </div>
    </div>
  );
}

interface TreeItemProps {
  id: string;
  row: TreeRow;
  top: number;
  isActive: boolean;
  isSelected: boolean;
  onPress: () => void;
  onInsert: () => void;
}

function TreeItem({ id, row, top, isActive, isSelected, onPress, onInsert }: TreeItemProps) {
  const text = writtenAs(row);
  const name =
    row.kind === 'object'
      ? row.object.name
      : row.kind === 'column'
        ? row.column.name
        : row.kind === 'note'
          ? row.text
          : row.name;
  const tags = row.kind === 'object' ? tagsOf(row.object) : [];
  const isOld = tags.includes('deprecated');
  const figure =
    row.kind === 'folder'
      ? countText(row.count)
      : row.kind === 'object'
        ? row.object.rowCount === null
          ? (tags[0] ?? '')
          : countText(row.object.rowCount)
        : row.kind === 'column'
          ? typeText(row.column)
          : '';
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={isSelected}
      aria-expanded={'isOpen' in row ? row.isOpen : undefined}
      draggable={text !== null}
      onDragStart={(event) => text !== null && event.dataTransfer.setData('text/plain', text)}
      onClick={onPress}
      onDoubleClick={onInsert}
      title={
        row.kind === 'object' ? [name, row.object.description, tagNoteOf(row.object)].filter(Boolean).join(' · ') : name
      }
      className={cx(
        'absolute inset-x-0 flex cursor-default items-center gap-1.5 rounded-sm pr-2 select-none',
        isSelected ? 'bg-fill' : 'hover:bg-fill/60',
        isActive && 'outline-1 outline-line-strong',
        row.kind === 'note' && 'text-meta text-text-3',
      )}
      style={{ top, height: ROW, paddingLeft: 6 + row.depth * 13 }}
    >
      {'isOpen' in row ? (
        <Icon of={row.isOpen ? ChevronDown : ChevronRight} size={13} className="text-text-3" />
      ) : (
        <span className="w-[13px] flex-none" />
      )}
      {row.kind === 'folder' && <Icon of={row.isViews ? Eye : Folder} size={14} className="text-text-3" />}
      {row.kind === 'object' && <Icon of={Table2} size={14} className="text-text-3" />}
      {row.kind === 'column' &&
        (row.column.isKey ? (
          <Icon of={KeyRound} size={13} className="text-wait-fg" />
        ) : (
          <span className="w-[13px] flex-none" />
        ))}
      <bdi className={cx('min-w-0 flex-1 truncate', isOld && 'text-text-3 line-through')}>{name}</bdi>
      {row.kind === 'column' && row.column.isKey && <span className="sr-only">, key</span>}
      <span className="num flex-none text-[11px] text-text-3">{figure}</span>
    </div>
  );
}
