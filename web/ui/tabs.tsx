import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Count } from './card.tsx';

export interface Tab<T extends string> {
  value: T;
  label: ReactNode;
  count?: number | string;
}

interface TabsProps<T extends string> {
  value: T;
  onValue: (value: T) => void;
  tabs: ReadonlyArray<Tab<T>>;
  label: string;
  /** The id of the panel the tabs change. */
  panelId: string;
  className?: string;
}

/** The tabs of a page or panel. The chosen one is in the address: the caller keeps it with `useUrlState`. */
export function Tabs<T extends string>({ value, onValue, tabs, label, panelId, className }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const next = (tabs.findIndex((tab) => tab.value === value) + step + tabs.length) % tabs.length;
    const tab = tabs[next];
    if (!tab) return;
    onValue(tab.value);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label={label}
      onKeyDown={onKeyDown}
      className={cx(
        'flex flex-none gap-5 overflow-x-auto overflow-y-hidden border-b border-line px-5 [scrollbar-width:none]',
        className,
      )}
    >
      {tabs.map((tab) => {
        const isOn = tab.value === value;
        return (
          <button
            key={tab.value}
            type="button"
            role="tab"
            aria-selected={isOn}
            aria-controls={panelId}
            tabIndex={isOn ? 0 : -1}
            onClick={() => onValue(tab.value)}
            className={cx(
              'relative inline-flex h-9 flex-none items-center gap-1.5 whitespace-nowrap focus-visible:outline-offset-[-2px] max-sm:h-11',
              isOn
                ? 'font-medium text-text after:absolute after:inset-x-0 after:bottom-0 after:h-0.5 after:rounded-t-sm after:bg-text'
                : 'text-text-2 hover:text-text',
            )}
          >
            {tab.label}
            {tab.count !== undefined && <Count>{tab.count}</Count>}
          </button>
        );
      })}
    </div>
  );
}
