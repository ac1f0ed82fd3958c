import { Copy, CornerDownLeft, Ellipsis, Lock, Pencil, Trash2 } from 'lucide-react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QuerySnippet } from '#contracts/queries/query-snippets.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Tag } from '../../ui/card.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { engineWords } from '../connections.ts';
import type { SnippetDraft } from './use-snippets.ts';

export interface ListedSnippet {
  readonly id: string;
  readonly trigger: string;
  readonly description: string;
  readonly text: string;
  readonly engine: EngineKind | null;
  /** As it is kept; null of what comes with the product. */
  readonly kept: QuerySnippet | null;
}

interface SnippetRowProps {
  snippet: ListedSnippet;
  isOwn: boolean;
  /** It is listed among those of other engines. */
  isOfAny: boolean;
  /** Its text is shown. */
  isOpen: boolean;
  onOpen: () => void;
  /** Why the caller may change none. */
  refusal: string | null;
  /** Null where there is no editor to put it into. */
  onInsert: (() => void) | null;
  onEdit: (draft: SnippetDraft) => void;
  onDelete: (snippet: QuerySnippet, isOwn: boolean) => void;
}

/** One snippet: what brings it and what for, its text when asked, and what can be done with it. */
export function SnippetRow(props: SnippetRowProps) {
  const { snippet, isOwn, isOfAny, isOpen, onOpen, refusal, onInsert, onEdit, onDelete } = props;
  const { id, trigger, description, text, engine, kept } = snippet;
  const whose = kept === null ? 'built in' : isOwn ? 'yours' : kept.owner.name;
  return (
    <li className="rounded-md hover:bg-fill has-[[aria-expanded=true]]:bg-fill">
      <div className="flex items-start">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={`snippet-${id}`}
          onClick={onOpen}
          className="min-w-0 flex-1 rounded-md px-2 py-1.5 text-left focus-visible:outline-offset-[-2px] max-sm:min-h-14"
        >
          <span className="flex items-center gap-1.5">
            <bdi className="truncate font-mono text-meta font-semibold">{trigger}</bdi>
            {kept?.sharing === 'private' && (
              <span title="Only you have it" className="text-text-3">
                <Icon of={Lock} size={12} />
                <span className="sr-only">, private</span>
              </span>
            )}
            <span className="min-w-0 truncate text-meta text-text-3">{whose}</span>
            {isOfAny && engine !== null && <Tag>{engineWords[engine]}</Tag>}
          </span>
          {description !== '' && <span className="block text-meta text-text-2">{description}</span>}
        </button>
        <span className="flex flex-none items-center py-1">
          <IconButton
            icon={CornerDownLeft}
            size="sm"
            label={`Insert ${trigger}`}
            refusal={onInsert ? null : 'There is no query open that can be written in here.'}
            onClick={() => onInsert?.()}
          />
          <Menu
            label={trigger}
            trigger={
              <Button
                look="ghost"
                size="sm"
                icon={Ellipsis}
                aria-label={`More for ${trigger}`}
                className="mr-1 w-[26px] px-0! max-sm:w-11"
              />
            }
          >
            {kept && (
              <MenuItem icon={Pencil} refusal={refusal} onSelect={() => onEdit(kept)}>
                Edit …
              </MenuItem>
            )}
            <MenuItem
              icon={Copy}
              refusal={refusal}
              onSelect={() => onEdit({ trigger, description, text, engine, sharing: 'private' })}
            >
              Copy into a snippet of your own …
            </MenuItem>
            {kept && (
              <>
                <MenuLine />
                <MenuItem icon={Trash2} danger refusal={refusal} onSelect={() => onDelete(kept, isOwn)}>
                  {isOwn ? 'Delete' : 'Delete …'}
                </MenuItem>
              </>
            )}
          </Menu>
        </span>
      </div>
      <div id={`snippet-${id}`} hidden={!isOpen} className="px-2 pb-2">
        {isOpen && (
          <CodeBlock what="snippet" className="max-h-64 overflow-auto">
            {text}
          </CodeBlock>
        )}
      </div>
    </li>
  );
}
