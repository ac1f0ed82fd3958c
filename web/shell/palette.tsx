import { Command } from 'cmdk';
import { Dialog as Radix } from 'radix-ui';
import { useEffect, useState, type ReactNode } from 'react';
import { useGo } from '../kit/navigation.tsx';
import { useFocusReturn } from '../ui/focus-return.ts';
import { Icon } from '../ui/icon.tsx';
import { KeyCap, KeyCaps } from '../ui/key-cap.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { usePaletteCommands } from './palette-commands.ts';
import { usePaletteSearch, type FoundItem } from './palette-search.ts';

/** Waits until typing pauses. */
function useSettled(value: string, delayMs: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}

/** Go anywhere, find anything, do what this page can do. `>` narrows to commands. */
export default function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [text, setText] = useState('');
  const focus = useFocusReturn();
  const go = useGo();
  const isCommand = text.startsWith('>');
  const q = useSettled(isCommand ? '' : text.trim(), 120);
  const commands = usePaletteCommands();
  const { groups, isSearching } = usePaletteSearch(q);
  const then = (run: () => void) => () => {
    onClose();
    setText('');
    // After the dialog has given the focus back, so that what the act opens keeps it.
    setTimeout(run, 0);
  };
  const found = isCommand
    ? null
    : groups.map(({ heading, items }) => (
        <Command.Group key={heading} heading={heading}>
          {items.map((item) => (
            <Item
              key={item.id}
              mark={<Mark of={item.icon} />}
              value={`${heading} ${item.id}`}
              // The server has found it by words that may not be in its name.
              keywords={[item.label, q]}
              end={item.at ? <RelativeTime at={item.at} /> : item.hint}
              onSelect={then(() => go(item.to, item.search))}
            >
              {item.label}
            </Item>
          ))}
        </Command.Group>
      ));
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="appear fixed inset-0 z-(--wl-z-dialog) bg-scrim" />
        <Radix.Content
          {...focus}
          aria-describedby={undefined}
          className="appear fixed top-[12vh] left-1/2 z-(--wl-z-dialog) w-[calc(100vw-24px)] max-w-[640px] -translate-x-1/2 overflow-hidden rounded-xl border border-line-strong bg-raised shadow-3"
        >
          <Radix.Title className="sr-only">Search or run a command</Radix.Title>
          <Command loop filter={(value, search, keywords) => matchOf(value, search.replace(/^>\s*/, ''), keywords)}>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="Search or run a command"
              className="h-[46px] w-full border-b border-line bg-transparent px-4 text-lead outline-none placeholder:text-text-3"
            />
            <Command.List
              aria-busy={isSearching}
              className="max-h-[52vh] overflow-auto px-2 pb-2 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-meta [&_[cmdk-group-heading]]:text-text-3"
            >
              <Command.Empty className="px-2 py-6 text-center text-text-3">
                {isSearching || q !== text.trim() ? 'Searching' : `Nothing fits “${text}”`}
              </Command.Empty>
              {commands
                .filter(({ isPlaces }) => !(isCommand && isPlaces))
                .map(({ heading, commands: inGroup }) =>
                  inGroup.length === 0 ? null : (
                    <Command.Group key={heading} heading={heading}>
                      {inGroup.map(({ id, label, icon, run, keys, keywords = [] }) => (
                        <Item
                          key={id}
                          mark={<Icon of={icon} className="text-text-3" />}
                          value={id}
                          keywords={[label, ...keywords]}
                          keys={keys}
                          onSelect={then(run)}
                        >
                          {label}
                        </Item>
                      ))}
                    </Command.Group>
                  ),
                )}
              {found}
            </Command.List>
            <div aria-hidden="true" className="flex gap-4 border-t border-line px-4 py-2 text-meta text-text-2">
              <span className="flex items-center gap-1">
                <KeyCap>↑</KeyCap>
                <KeyCap>↓</KeyCap> choose
              </span>
              <span className="flex items-center gap-1">
                <KeyCap>{'>'}</KeyCap> commands only
              </span>
              <span className="flex items-center gap-1">
                <KeyCap>Esc</KeyCap> close
              </span>
            </div>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Every word typed must be in the item; what begins with it comes first. */
function matchOf(value: string, search: string, keywords: string[] = []): number {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [...keywords, value].join(' ').toLowerCase();
  if (!words.every((word) => text.includes(word))) return 0;
  return keywords[0]?.toLowerCase().startsWith(words[0] ?? '') ? 1 : 0.6;
}

const Mark = ({ of }: { of: FoundItem['icon'] }) =>
  typeof of === 'string' ? <StatusGlyph status={of} /> : <Icon of={of} className="text-text-3" />;

interface ItemProps {
  mark: ReactNode;
  value: string;
  keywords: string[];
  keys?: string | undefined;
  end?: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}
const Item = ({ mark, value, keywords, keys, end, onSelect, children }: ItemProps) => (
  <Command.Item
    value={value}
    keywords={keywords}
    onSelect={onSelect}
    className="flex min-h-8 items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-fill max-sm:min-h-11"
  >
    {mark}
    <bdi className="min-w-0 flex-1 truncate">{children}</bdi>
    {end && <span className="max-w-44 truncate text-meta text-text-3">{end}</span>}
    {keys && <KeyCaps keys={keys} />}
  </Command.Item>
);
