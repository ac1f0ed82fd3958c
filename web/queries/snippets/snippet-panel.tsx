import { useQueryClient } from '@tanstack/react-query';
import { Braces, Plus } from 'lucide-react';
import { useState } from 'react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QuerySnippet } from '#contracts/queries/query-snippets.ts';
import { editorTextOf, readSnippet } from '#contracts/queries/snippet-text.ts';
import { builtInSnippets } from '#contracts/queries/snippets/snippets.ts';
import { api } from '../../kit/api.ts';
import { useOffline } from '../../kit/live.tsx';
import { useMe, useRefusal } from '../../kit/session.ts';
import { Answer } from '../../ui/answer.tsx';
import { Button } from '../../ui/button.tsx';
import { AlertDialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';
import { LibraryPanel } from '../library/library-panel.tsx';
import { SnippetRow, type ListedSnippet } from './snippet-row.tsx';
import { useSnippets, type SnippetDraft } from './use-snippets.ts';

interface SnippetPanelProps {
  /** What the open query is for; null: of every engine. */
  engine: EngineKind | null;
  onInsert: ((text: string) => void) | null;
  onEdit: (draft: SnippetDraft) => void;
}

const builtIn: readonly ListedSnippet[] = builtInSnippets.map((snippet) => ({
  ...snippet,
  id: `${snippet.engine}-${snippet.trigger}`,
  kept: null,
}));

/** Pieces of queries, put in where the cursor is: one's own, the workspace's and those of the product. */
export function SnippetPanel({ engine, onInsert, onEdit }: SnippetPanelProps) {
  const client = useQueryClient();
  const { user } = useMe();
  const may = useRefusal()('queries:edit');
  const refusal = useOffline() ?? may;
  const [q, setQ] = useState('');
  const [which, setWhich] = useState<'all' | 'mine' | 'builtIn'>('all');
  const [open, setOpen] = useState('');
  const [deleting, setDeleting] = useState<QuerySnippet | null>(null);
  const list = useSnippets();
  const fresh = () => client.invalidateQueries({ queryKey: ['query-snippets'] });
  const remove = async (snippet: QuerySnippet, isOwn: boolean) => {
    try {
      await api.deleteQuerySnippet({ params: { id: snippet.id } });
      setDeleting(null);
      void fresh();
      const { trigger, description, text, engine: of, sharing } = snippet;
      const undo = () =>
        void api.createQuerySnippet({ body: { trigger, description, text, engine: of, sharing } }).then(fresh, toast.failure); // prettier-ignore
      // Made anew it would be the caller's: what was somebody else's does not come back so.
      toast.done(`${trigger} is deleted`, isOwn ? { undo } : {});
    } catch (error) {
      toast.failure(error);
    }
  };
  const words = q.toLowerCase().split(/\s+/);
  const fits = ({ engine: of, trigger, description, text }: ListedSnippet): boolean =>
    (engine === null || of === null || of === engine) &&
    words.every((word) => `${trigger} ${description} ${text}`.toLowerCase().includes(word));
  const shown = (kept: readonly QuerySnippet[]): ListedSnippet[] => {
    const ours = kept.map((snippet): ListedSnippet => ({ ...snippet, kept: snippet }));
    const mine = ours.filter(({ kept: of }) => of?.owner.id === user.id);
    const others = ours.filter(({ kept: of }) => of?.owner.id !== user.id);
    const chosen = { all: [...mine, ...others, ...builtIn], mine, builtIn };
    return chosen[which].filter(fits);
  };
  return (
    <LibraryPanel
      testId="queries.snippets"
      q={q}
      onQ={setQ}
      label="Search the snippets"
      placeholder="Trigger, purpose or text"
      filters={
        <>
          <Segmented
            label="Which snippets"
            value={which}
            onValue={setWhich}
            options={[
              { value: 'all', label: 'All' },
              { value: 'mine', label: 'Yours' },
              { value: 'builtIn', label: 'Built in' },
            ]}
          />
          <Button size="sm" icon={Plus} className="ml-auto" refusal={refusal} onClick={() => onEdit({ engine })}>
            New snippet
          </Button>
        </>
      }
    >
      <div className="min-h-0 flex-1 overflow-auto pb-2">
        <Answer
          of={list}
          what="The snippets"
          waiting={<SkeletonRows height={44} />}
          isEmpty={(kept) => shown(kept).length === 0}
          empty={
            <EmptyState icon={Braces} title={q !== '' ? 'No snippet matches' : 'You have no snippet yet'}>
              {q !== ''
                ? 'Other words may find one.'
                : 'Select a part of a query and save it as one, or write one here.'}
            </EmptyState>
          }
        >
          {(kept) => (
            <ul className="px-1.5">
              {shown(kept).map((snippet) => (
                <SnippetRow
                  key={snippet.id}
                  snippet={snippet}
                  isOwn={snippet.kept?.owner.id === user.id}
                  isOfAny={engine === null}
                  isOpen={snippet.id === open}
                  onOpen={() => setOpen(snippet.id === open ? '' : snippet.id)}
                  refusal={refusal}
                  onInsert={
                    onInsert &&
                    (() => {
                      const read = readSnippet(snippet.text);
                      if (read.ok) onInsert(editorTextOf(read.parts));
                    })
                  }
                  onEdit={onEdit}
                  onDelete={(of, isOwn) => (isOwn ? void remove(of, true) : setDeleting(of))}
                />
              ))}
            </ul>
          )}
        </Answer>
      </div>
      <AlertDialog
        isOpen={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting?.trigger ?? ''}?`}
        act="Delete snippet"
        onAct={async () => {
          if (deleting) await remove(deleting, false);
        }}
      >
        {`It is a snippet of ${deleting?.owner.name ?? 'somebody else'}, which everybody has. Queries it was put into keep their text.`}
      </AlertDialog>
    </LibraryPanel>
  );
}
