import { useState, type ReactNode } from 'react';
import type { BulkActs } from '#contracts/servers/bulk.ts';
import { Button } from '../ui/button.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { Popover } from '../ui/menu.tsx';
import { useTags } from './servers.ts';

const OFFERED = 12;

/** Tags to put on servers or to take off; those in use are offered. */
export function TagPopover({
  trigger,
  busy,
  onTags,
}: {
  trigger: ReactNode;
  busy: boolean;
  onTags: (acts: BulkActs) => void;
}) {
  const [tags, setTags] = useState<string[]>([]);
  const known = useTags();
  const offered = (known.data?.data ?? [])
    .toSorted((a, b) => b.servers - a.servers)
    .filter(({ tag }) => !tags.includes(tag))
    .slice(0, OFFERED);
  const act = (acts: BulkActs) => {
    onTags(acts);
    setTags([]);
  };
  return (
    <Popover label="Tags" trigger={trigger} className="w-72">
      <WordsInput words={tags} onWords={setTags} placeholder="web, eu" />
      {offered.length > 0 && (
        <div className="mt-2 flex flex-wrap gap-1" role="group" aria-label="Tags in use">
          {offered.map(({ tag, servers }) => (
            <button
              key={tag}
              type="button"
              title={`On ${servers} ${servers === 1 ? 'server' : 'servers'}`}
              onClick={() => setTags([...tags, tag])}
              className="inline-flex h-6 max-w-full items-center truncate rounded-sm bg-fill px-1.5 text-meta text-text-2 hover:text-text max-sm:h-11"
            >
              <bdi className="truncate">{tag}</bdi>
            </button>
          ))}
        </div>
      )}
      <div className="mt-2.5 flex gap-2">
        <Button
          size="sm"
          look="primary"
          busy={busy}
          disabled={tags.length === 0}
          onClick={() => act({ addTags: tags })}
        >
          Add tags
        </Button>
        <Button size="sm" busy={busy} disabled={tags.length === 0} onClick={() => act({ removeTags: tags })}>
          Remove tags
        </Button>
      </div>
    </Popover>
  );
}
