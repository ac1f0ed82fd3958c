import { Plus, Terminal, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { announce } from '../../kit/announce.tsx';
import { cx } from '../../kit/cx.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Input } from '../../ui/input.tsx';
import type { OpenTab } from './open-tab.ts';

interface TabStripProps {
  tabs: readonly OpenTab[];
  current: string;
  /** Its text is not in a saved query as it stands. */
  isDirty: (tab: OpenTab) => boolean;
  onOpen: (id: string) => void;
  onNew: () => void;
  onClose: (id: string) => void;
  onRename: (id: string, title: string) => void;
  onMove: (id: string, place: number) => void;
}

/** The open queries. Arrows go along, Alt+arrows carry a tab along, F2 renames, Delete closes. */
export function TabStrip({ tabs, current, isDirty, onOpen, onNew, onClose, onRename, onMove }: TabStripProps) {
  const list = useRef<HTMLDivElement>(null);
  const [renaming, setRenaming] = useState('');
  const [dragged, setDragged] = useState('');
  // Whoever opens a query sees its tab, also where the strip is too narrow for all.
  useEffect(() => {
    const tab = list.current?.querySelector(`[data-tab="${current}"]`)?.parentElement;
    tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current, tabs.length]);
  const focusTab = (id: string) =>
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-tab="${id}"]`)?.focus());
  const onKeyDown = (event: KeyboardEvent, tab: OpenTab, place: number) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step && event.altKey) {
      event.preventDefault();
      const to = Math.max(0, Math.min(tabs.length - 1, place + step));
      onMove(tab.id, to);
      announce(`${tab.title}, ${to + 1} of ${tabs.length}`);
      focusTab(tab.id);
    } else if (step) {
      event.preventDefault();
      const next = tabs[(place + step + tabs.length) % tabs.length];
      if (!next) return;
      onOpen(next.id);
      focusTab(next.id);
    } else if (event.key === 'F2') {
      event.preventDefault();
      setRenaming(tab.id);
    } else if (event.key === 'Delete') {
      event.preventDefault();
      onClose(tab.id);
    }
  };
  const finish = (tab: OpenTab, title: string) => {
    setRenaming('');
    if (title.trim() !== '' && title.trim() !== tab.title) onRename(tab.id, title.trim().slice(0, 120));
    focusTab(tab.id);
  };
  return (
    <div className="flex h-[42px] min-w-0 flex-1 items-stretch max-sm:h-11 max-sm:basis-full">
      <div
        ref={list}
        role="tablist"
        aria-label="Open queries"
        className="flex min-w-0 items-stretch overflow-x-auto overflow-y-hidden [scrollbar-width:none]"
      >
        {tabs.map((tab, place) => {
          const isOn = tab.id === current;
          return (
            <div
              key={tab.id}
              role="presentation"
              draggable={renaming !== tab.id}
              onDragStart={(event) => {
                setDragged(tab.id);
                event.dataTransfer.effectAllowed = 'move';
              }}
              onDragEnd={() => setDragged('')}
              onDragOver={(event) => dragged !== '' && event.preventDefault()}
              onDrop={(event) => {
                if (dragged === '') return;
                event.preventDefault();
                onMove(dragged, place);
                setDragged('');
              }}
              onAuxClick={(event) => event.button === 1 && onClose(tab.id)}
              className={cx(
                'group flex max-w-56 flex-none items-center border-r border-line',
                isOn ? 'bg-surface' : 'bg-sunken',
                dragged === tab.id && 'opacity-50',
              )}
            >
              {renaming === tab.id ? (
                <Input
                  autoFocus
                  size2="sm"
                  aria-label="Name of the tab"
                  defaultValue={tab.title}
                  className="mx-2 w-40"
                  onFocus={(event) => event.target.select()}
                  onBlur={(event) => finish(tab, event.target.value)}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter') finish(tab, event.currentTarget.value);
                    if (event.key === 'Escape') finish(tab, tab.title);
                  }}
                />
              ) : (
                <button
                  type="button"
                  role="tab"
                  data-tab={tab.id}
                  aria-selected={isOn}
                  aria-controls="query-tab"
                  tabIndex={isOn ? 0 : -1}
                  title={tab.title}
                  onClick={() => onOpen(tab.id)}
                  onDoubleClick={() => setRenaming(tab.id)}
                  onKeyDown={(event) => onKeyDown(event, tab, place)}
                  className={cx(
                    'flex h-full min-w-0 items-center gap-2 pr-1.5 pl-3 focus-visible:outline-offset-[-2px]',
                    isOn ? 'font-medium text-text' : 'text-text-2 hover:text-text',
                  )}
                >
                  <Icon of={Terminal} size={14} className="text-text-3" />
                  <bdi className="truncate">{tab.title}</bdi>
                  {isDirty(tab) && (
                    <span className="size-[7px] flex-none rounded-full bg-text-3" title="Not saved">
                      <span className="sr-only">, not saved</span>
                    </span>
                  )}
                </button>
              )}
              <button
                type="button"
                tabIndex={-1}
                // For the pointer; Delete and Alt+W do it by the keyboard, and only tabs may be in a list of tabs.
                aria-hidden="true"
                title={`Close ${tab.title}`}
                onClick={() => onClose(tab.id)}
                className="mr-1.5 grid size-6 flex-none place-items-center rounded-sm text-text-3 hover:bg-fill hover:text-text max-sm:size-11"
              >
                <Icon of={X} size={13} />
              </button>
            </div>
          );
        })}
      </div>
      <span className="flex flex-none items-center px-1.5">
        <IconButton icon={Plus} label="New query" size="sm" onClick={onNew} />
      </span>
    </div>
  );
}
