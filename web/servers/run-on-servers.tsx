import { useQuery } from '@tanstack/react-query';
import { ListChecks, SearchX } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { PlaybookForServers, ServerInput } from '#contracts/servers/bulk.ts';
import { api } from '../kit/api.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { SearchInput } from '../ui/input.tsx';
import { Go } from '../kit/navigation.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';

// The form of a run brings the whole playbook language: it comes when a playbook is chosen.
const RunDialog = lazy(async () => ({ default: (await import('../playbooks/run-dialog.tsx')).RunDialog }));

const servers = (count: number) => `${count.toLocaleString('en-GB')} ${count === 1 ? 'server' : 'servers'}`;

/** Why a playbook cannot be run on so many chosen servers; null where it can. */
export function refusalFor(input: ServerInput | null, count: number): string | null {
  if (!input) return 'It has no input for servers: its steps name their hosts themselves.';
  if (input.type === 'server' && count > 1) return 'It takes one server.';
  if (input.maxItems !== null && count > input.maxItems) return `It takes at most ${servers(input.maxItems)}.`;
  if (input.minItems !== null && count < input.minItems) return `It takes at least ${servers(input.minItems)}.`;
  return null;
}
/** Which servers the input takes, where it is choosy. */
const choosiness = ({ tags, anyTags, notTags }: ServerInput): string =>
  [
    tags?.length ? `with ${tags.join(' and ')}` : '',
    anyTags?.length ? `with ${anyTags.join(' or ')}` : '',
    notTags?.length ? `without ${notTags.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join(', ');
const wordsOf = (input: ServerInput): string =>
  `Fills ${input.label ?? input.name}${choosiness(input) ? `, which takes servers ${choosiness(input)}` : ''}`;

interface RunOnServersProps {
  /** The names of the chosen servers: by these playbooks know them. */
  names: readonly string[];
  onClose: () => void;
}

/** Runs a playbook on chosen servers: first which, then its inputs with the servers filled in. */
export function RunOnServers({ names, onClose }: RunOnServersProps) {
  const [q, setQ] = useState('');
  const [chosen, setChosen] = useState<PlaybookForServers | null>(null);
  const playbooks = useQuery({
    queryKey: ['playbooks', 'for-servers', q.trim()],
    queryFn: ({ signal }) => api.listPlaybooksForServers({ query: { q: q.trim() || undefined }, signal }),
    placeholderData: (before) => before,
  });
  if (chosen?.input)
    return (
      <Suspense fallback={null}>
        <RunDialog
          playbookId={chosen.id}
          isOpen
          onClose={onClose}
          given={{ [chosen.input.name]: chosen.input.type === 'server' ? (names[0] ?? null) : [...names] }}
        />
      </Suspense>
    );
  return (
    <Dialog isOpen onClose={onClose} title={`Run a playbook on ${servers(names.length)}`}>
      <SearchInput
        className="mb-2 w-full"
        label="Search playbooks"
        placeholder="Name of the playbook"
        value={q}
        onValue={setQ}
      />
      <Answer
        of={playbooks}
        what="The playbooks"
        waiting={<SkeletonLines />}
        isEmpty={({ data }) => data.length === 0}
        empty={
          q ? (
            <EmptyState
              icon={SearchX}
              title="No playbook matches"
              action={<Button onClick={() => setQ('')}>Clear the search</Button>}
            />
          ) : (
            <EmptyState
              icon={ListChecks}
              title="No playbook yet"
              action={
                <Go to="/playbooks/new" className="text-accent hover:underline">
                  Write the first playbook
                </Go>
              }
            >
              Give it an input of the type servers, and it can be run on what you select here.
            </EmptyState>
          )
        }
      >
        {({ data, isCapped }) => (
          <ul className="flex flex-col" data-testid="servers.playbooks">
            {data.map((playbook) => {
              const refusal = refusalFor(playbook.input, names.length);
              return (
                <li key={playbook.id} className="border-b border-line last:border-0">
                  <button
                    type="button"
                    aria-disabled={refusal !== null}
                    onClick={() => refusal === null && setChosen(playbook)}
                    className="flex w-full items-start gap-2.5 rounded-sm px-1.5 py-2 text-left hover:bg-sunken aria-disabled:cursor-default aria-disabled:hover:bg-transparent max-sm:min-h-11"
                  >
                    <Icon of={ListChecks} size={15} className="mt-0.5 flex-none text-text-3" />
                    <span className="min-w-0 flex-1">
                      <span
                        className={`block truncate font-medium ${refusal ? 'text-text-2' : ''}`}
                        title={playbook.name}
                      >
                        <bdi>{playbook.name}</bdi>
                      </span>
                      <span className="block text-meta text-text-2">
                        {refusal ?? (playbook.input && wordsOf(playbook.input))}
                      </span>
                    </span>
                    <span className="num mt-0.5 flex-none text-meta text-text-3">{`v${playbook.version}`}</span>
                  </button>
                </li>
              );
            })}
            {isCapped && (
              <li className="py-2 text-meta text-text-2">There are more playbooks: search for the one you want.</li>
            )}
          </ul>
        )}
      </Answer>
    </Dialog>
  );
}
