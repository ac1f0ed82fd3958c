import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { ArrowRight, Moon, type LucideIcon } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useEffect, useState, type ReactNode } from 'react';
import { api } from '../kit/api.ts';
import { keyActs } from '../kit/keys.ts';
import { useGo } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { useFocusReturn } from '../ui/focus-return.ts';
import { Icon } from '../ui/icon.tsx';
import { KeyCap, KeyCaps } from '../ui/key-cap.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { allRooms } from './rooms.ts';

/** Waits until typing pauses. */
function useSettled(value: string, delayMs: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}

/** Go anywhere, find a run, a playbook or a server, do what this page can do. `>` narrows to commands. */
export default function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [text, setText] = useState('');
  const focus = useFocusReturn();
  const go = useGo();
  const isCommand = text.startsWith('>');
  const q = useSettled(isCommand ? '' : text.trim(), 120);
  const isSearching = isOpen && q.length > 1;
  const runs = useQuery({
    queryKey: ['runs', 'palette', q],
    queryFn: ({ signal }) => api.listRuns({ query: { q, limit: 6, children: 'true' }, signal }),
    enabled: useMay('runs:read') && isSearching,
  });
  const playbooks = useQuery({
    queryKey: ['playbooks', 'palette', q],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { q, limit: 6 }, signal }),
    enabled: useMay('playbooks:read') && isSearching,
  });
  const servers = useQuery({
    queryKey: ['servers', 'palette', q],
    queryFn: ({ signal }) => api.listServers({ query: { q, limit: 6 }, signal }),
    enabled: useMay('servers:read') && isSearching,
  });
  const acts = isOpen
    ? keyActs().filter(
        ({ keys, label }, index, all) =>
          !keys.startsWith('g ') && keys !== 'mod+k' && all.findIndex((other) => other.label === label) === index,
      )
    : [];
  const then = (run: () => void) => () => {
    onClose();
    setText('');
    // After the dialog has given the focus back, so that what the act opens keeps it.
    setTimeout(run, 0);
  };
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
            <Command.List className="max-h-[52vh] overflow-auto px-2 pb-2 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-meta [&_[cmdk-group-heading]]:text-text-3">
              <Command.Empty className="px-2 py-6 text-center text-text-3">Nothing fits</Command.Empty>
              <Command.Group heading="On this page">
                {acts.map(({ keys, label, run }) => (
                  <Item
                    key={keys}
                    icon={ArrowRight}
                    value={`act ${label}`}
                    keywords={[label]}
                    keys={keys}
                    onSelect={then(run)}
                  >
                    {label}
                  </Item>
                ))}
              </Command.Group>
              {!isCommand && (
                <>
                  <Command.Group heading="Go to">
                    {allRooms.map((room) => (
                      <Item
                        key={room.to}
                        icon={room.icon}
                        value={`go ${room.label}`}
                        keywords={[room.label]}
                        keys={room.key ? `g ${room.key}` : undefined}
                        onSelect={then(() => go(room.to))}
                      >
                        {room.label}
                      </Item>
                    ))}
                  </Command.Group>
                  {runs.data && runs.data.data.length > 0 && (
                    <Command.Group heading="Runs">
                      {runs.data.data.map((run) => (
                        <Item
                          key={run.id}
                          value={`run ${run.id}`}
                          keywords={[run.title, run.id, q]}
                          onSelect={then(() => go(`/runs/${run.id}`))}
                          end={<RelativeTime at={run.createdAt} />}
                        >
                          <span className="flex items-center gap-2.5">
                            <StatusGlyph status={run.status} />
                            <span className="truncate">{run.title}</span>
                          </span>
                        </Item>
                      ))}
                    </Command.Group>
                  )}
                  {playbooks.data && playbooks.data.data.length > 0 && (
                    <Command.Group heading="Playbooks">
                      {playbooks.data.data.map(({ id, name }) => (
                        <Item
                          key={id}
                          icon={allRooms[2]?.icon}
                          value={`playbook ${id}`}
                          keywords={[name, q]}
                          onSelect={then(() => go(`/playbooks/${id}`))}
                        >
                          {name}
                        </Item>
                      ))}
                    </Command.Group>
                  )}
                  {servers.data && servers.data.data.length > 0 && (
                    <Command.Group heading="Servers">
                      {servers.data.data.map(({ id, name, host }) => (
                        <Item
                          key={id}
                          icon={allRooms[4]?.icon}
                          value={`server ${id}`}
                          keywords={[name, host, q]}
                          end={<span className="font-mono text-[11px]">{host}</span>}
                          onSelect={then(() => go('/servers', { sel: id }))}
                        >
                          {name}
                        </Item>
                      ))}
                    </Command.Group>
                  )}
                </>
              )}
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

interface ItemProps {
  icon?: LucideIcon | undefined;
  value: string;
  keywords: string[];
  keys?: string | undefined;
  end?: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}
function Item({ icon = Moon, value, keywords, keys, end, onSelect, children }: ItemProps) {
  const isPlain = value.startsWith('run ');
  return (
    <Command.Item
      value={value}
      keywords={keywords}
      onSelect={onSelect}
      className="flex min-h-8 items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-fill max-sm:min-h-11"
    >
      {!isPlain && <Icon of={icon} className="text-text-3" />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {end && <span className="text-meta text-text-3">{end}</span>}
      {keys && <KeyCaps keys={keys} />}
    </Command.Item>
  );
}
