import { DndContext, PointerSensor, useSensor, useSensors, type DragEndEvent, type DragOverEvent } from '@dnd-kit/core';
import { Plus, Settings2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { announce } from '../kit/announce.tsx';
import { cx } from '../kit/cx.ts';
import { IconButton } from '../ui/button.tsx';
import { Count } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyCap } from '../ui/key-cap.tsx';
import type { Reading, Slot, TreeStep } from './document/read-playbook.ts';
import { THE_PLAYBOOK } from './editor-view.ts';
import { StepRow } from './step-row.tsx';
import { treeRows } from './tree-rows.ts';
import type { StepActs } from './use-step-acts.ts';

export interface StepTreeProps {
  reading: Reading;
  selected: string;
  changes: ReadonlyMap<string, 'added' | 'changed'>;
  /** Steps with something to mend. */
  faulty: ReadonlySet<string>;
  isReadOnly: boolean;
  acts: StepActs;
  onSelect: (key: string) => void;
  /** Enter: on to the form. */
  onOpen: (key: string) => void;
  onAdd: (slot: Slot) => void;
  /** What a lift that is given up goes back to. */
  text: string;
  onRestore: (text: string) => void;
  className?: string;
}

type DropAt = { key: string; isAfter: boolean } | null;

/**
 * The steps of the document: one stop for Tab with arrows inside. `M` lifts the selected one, arrows move it, Enter drops,
 * Esc gives up; dragging does the same.
 */
export function StepTree(props: StepTreeProps) {
  const { reading, selected, changes, faulty, isReadOnly, acts, onSelect, onOpen, onAdd, text, onRestore } = props;
  const rows = useMemo(() => treeRows(reading), [reading]);
  const tree = useRef<HTMLUListElement>(null);
  const [lift, setLift] = useState<{ key: string; text: string } | null>(null);
  const [drop, setDrop] = useState<DropAt>(null);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 5 } }));
  const steps = reading.steps;
  const current = reading.byKey.get(selected);
  const tabKey =
    current?.key ?? (selected === THE_PLAYBOOK || steps.length === 0 ? THE_PLAYBOOK : (steps[0]?.key ?? THE_PLAYBOOK));

  useEffect(() => {
    if (rows.length === 0) return;
    const row = [...(tree.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].find(
      ({ dataset }) => dataset['key'] === selected,
    );
    row?.scrollIntoView({ block: 'nearest' });
    if (tree.current?.contains(document.activeElement)) row?.focus();
  }, [selected, rows]);

  const go = (by: number) => {
    const keys = [THE_PLAYBOOK, ...rows.flatMap((row) => (row.is === 'step' ? [row.step.key] : []))];
    const at = keys.indexOf(tabKey);
    const next = keys[Math.min(keys.length - 1, Math.max(0, at + by))];
    if (next !== undefined) onSelect(next);
  };
  const begin = (step: TreeStep) => {
    setLift({ key: step.key, text });
    announce(`${step.name} lifted. Arrows move it, Enter drops it, Escape returns it.`, 'urgent');
  };
  const onLifted = (event: KeyboardEvent, step: TreeStep) => {
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') acts.nudge(step, event.key === 'ArrowUp' ? -1 : 1);
    else if (event.key === 'Enter' || event.key === ' ' || event.key.toLowerCase() === 'm') {
      setLift(null);
      announce(`${step.name} dropped`, 'urgent');
    } else if (event.key === 'Escape') {
      if (lift) onRestore(lift.text);
      setLift(null);
      announce(`${step.name} is back where it was`, 'urgent');
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (lift && current) return onLifted(event, current);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const done = (): void => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (key === 'ArrowDown' || key === 'j') go(1);
    else if (key === 'ArrowUp' || key === 'k') go(-1);
    else if (key === 'Home') go(-1e6);
    else if (key === 'End') go(1e6);
    else if (key === 'Enter') onOpen(tabKey);
    else if (!current || isReadOnly) return;
    else if (key === 'm') begin(current);
    else if (key === 'd') acts.duplicate(current);
    else if (key === 'Delete' || key === 'Backspace') acts.remove(current);
    else return;
    done();
  };

  const place = ({ active, over }: DragOverEvent | DragEndEvent): DropAt => {
    if (!over || over.id === active.id) return null;
    const top = active.rect.current.translated?.top ?? 0;
    return { key: String(over.id), isAfter: top > over.rect.top };
  };
  const onDragEnd = (event: DragEndEvent) => {
    const at = place(event);
    setDrop(null);
    const moved = reading.byKey.get(String(event.active.id));
    const target = at && reading.byKey.get(at.key);
    if (!at || !moved || !target) return;
    const isLater = target.list === moved.list && target.index > moved.index;
    announce(`${moved.name} dropped`, 'urgent');
    acts.move(moved, { list: target.list, index: target.index + (at.isAfter ? 1 : 0) - (isLater ? 1 : 0) });
    onSelect(moved.key);
  };

  return (
    <section
      aria-label="Steps"
      className={cx('flex min-h-0 flex-col border-r border-line', props.className)}
      data-testid="playbook.list"
    >
      <div className="flex h-[42px] flex-none items-center gap-2 pr-2.5 pl-4">
        <h2 className="font-semibold">Steps</h2>
        <Count>{steps.length}</Count>
        {!isReadOnly && (
          <span className="ml-auto">
            <IconButton
              size="sm"
              icon={Plus}
              label="Add step"
              keys="a"
              onClick={() => onAdd(slotAfter(current, reading))}
            />
          </span>
        )}
      </div>
      <DndContext
        sensors={sensors}
        accessibility={quiet}
        onDragOver={(event) => setDrop(place(event))}
        onDragEnd={onDragEnd}
        onDragCancel={() => setDrop(null)}
      >
        <ul
          ref={tree}
          role="tree"
          aria-label="Steps of the playbook"
          onKeyDown={onKeyDown}
          className="min-h-0 flex-1 overflow-auto px-1.5 pb-2"
        >
          <li
            role="treeitem"
            aria-level={1}
            aria-selected={selected === THE_PLAYBOOK}
            data-key={THE_PLAYBOOK}
            tabIndex={tabKey === THE_PLAYBOOK ? 0 : -1}
            onClick={() => onSelect(THE_PLAYBOOK)}
            className={cx(
              'flex h-8 cursor-default items-center gap-2 rounded-md pr-2 pl-2.5 max-sm:h-11',
              selected === THE_PLAYBOOK || selected === '' ? 'bg-accent-soft font-medium' : 'hover:bg-sunken',
            )}
          >
            <Icon of={Settings2} size={14} className="ml-[34px] text-text-2" />
            <span className="min-w-0 flex-1 truncate">The playbook</span>
            <span className="text-meta font-normal text-text-3">
              {reading.inputs.length === 1 ? '1 input' : `${reading.inputs.length} inputs`}
            </span>
          </li>
          {rows.map((row) =>
            row.is === 'step' ? (
              <StepRow
                key={row.step.key}
                step={row.step}
                isOn={row.step.key === selected}
                isLifted={lift?.key === row.step.key}
                isTab={row.step.key === tabKey}
                change={changes.get(row.step.key)}
                isFaulty={faulty.has(row.step.key)}
                isReadOnly={isReadOnly}
                drop={drop?.key === row.step.key ? (drop.isAfter ? 'after' : 'before') : undefined}
                onSelect={() => onSelect(row.step.key)}
              />
            ) : (
              <li
                key={`lane ${row.list.pointer}`}
                role="none"
                className="flex h-7 items-center gap-1.5 text-meta text-text-3"
                style={{ paddingLeft: 36 + row.depth * 16 }}
              >
                <span className="truncate">{row.list.label}</span>
                {row.list.steps.length === 0 && !isReadOnly && (
                  <button
                    type="button"
                    className="rounded-sm px-1 text-accent hover:underline"
                    aria-label={`Add a step to ${row.list.label}`}
                    onClick={() => onAdd({ list: row.list.pointer, index: 0 })}
                  >
                    Add step
                  </button>
                )}
              </li>
            ),
          )}
        </ul>
      </DndContext>
      {!isReadOnly && (
        <div className="flex-none p-3 pt-1.5">
          <button
            type="button"
            onClick={() => onAdd(slotAfter(current, reading))}
            className="flex h-[34px] w-full items-center gap-2 rounded-md border border-dashed border-line-strong px-3 text-text-2 hover:bg-sunken hover:text-text"
          >
            <Icon of={Plus} size={14} />
            Add step
            <span className="ml-auto" aria-hidden="true">
              <KeyCap>A</KeyCap>
            </span>
          </button>
        </div>
      )}
    </section>
  );
}

/** Dragging says what lifting by the keyboard says, and the library, which knows steps by their keys alone, nothing. */
const none = () => undefined;
const quiet = {
  announcements: { onDragStart: none, onDragOver: none, onDragEnd: none, onDragCancel: none },
  screenReaderInstructions: { draggable: '' },
};

/** Behind the selected step; at the end where none is. */
export const slotAfter = (step: TreeStep | undefined, reading: Reading): Slot =>
  step
    ? { list: step.list, index: step.index + 1 }
    : { list: '/steps', index: reading.roots.find(({ pointer }) => pointer === '/steps')?.steps.length ?? 0 };
