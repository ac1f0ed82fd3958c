import { useInfiniteQuery } from '@tanstack/react-query';
import { Ellipsis, ListChecks, Pencil, Play, Plus, SearchX, Trash2 } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { PlaybookSummary } from '#contracts/playbooks/playbooks.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { Go, useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SearchInput } from '../ui/input.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';
import { PlaybooksView } from './playbooks.ts';
import { RunDialog } from './run-dialog.tsx';

const columns: ReadonlyArray<DataColumn<PlaybookSummary>> = [
  {
    id: 'name',
    head: 'Playbook',
    width: 320,
    grow: true,
    serverSort: true,
    cell: (playbook) => (
      <span className="block min-w-0 leading-[17px]">
        <Go to={`/playbooks/${playbook.id}`} className="block truncate font-medium hover:underline">
          {playbook.name}
        </Go>
        <span className="block truncate text-meta text-text-3">
          {playbook.description ?? `${playbook.stepCount} ${playbook.stepCount === 1 ? 'step' : 'steps'}`}
        </span>
      </span>
    ),
  },
  {
    id: 'version',
    head: 'Version',
    width: 84,
    cell: ({ version }) => <span className="num text-text-2">v{version}</span>,
    hideBelow: 'sm',
  },
  { id: 'steps', head: 'Steps', width: 76, align: 'right', cell: ({ stepCount }) => stepCount, hideBelow: 'md' },
  { id: 'inputs', head: 'Inputs', width: 80, align: 'right', cell: ({ inputCount }) => inputCount, hideBelow: 'lg' },
  {
    id: 'lastRun',
    head: 'Last run',
    width: 190,
    cell: ({ lastRun, runsAlive }) =>
      lastRun ? (
        <span className="flex items-center gap-2">
          <StatusGlyph status={lastRun.status} />
          <Go to={`/runs/${lastRun.id}`} className="hover:underline">
            <RelativeTime at={lastRun.createdAt} />
          </Go>
          {runsAlive > 0 && <span className="text-meta text-run-fg">{`${runsAlive} alive`}</span>}
        </span>
      ) : (
        <span className="text-text-3">never</span>
      ),
  },
  {
    id: 'updatedAt',
    head: 'Changed',
    width: 112,
    serverSort: true,
    cell: ({ updatedAt }) => <RelativeTime at={updatedAt} className="text-text-2" />,
    hideBelow: 'sm',
  },
  {
    id: 'updatedBy',
    head: 'By',
    width: 150,
    cell: ({ updatedBy }) => <Person name={updatedBy.name} kind={updatedBy.kind} />,
    hideBelow: 'lg',
  },
];

/** Every playbook: what can be run, what became of it last. */
export function PlaybooksPage() {
  const [view, setView] = useUrlState(PlaybooksView);
  const go = useGo();
  const refusal = useRefusal();
  const playbooks = useInfiniteQuery({
    queryKey: ['playbooks', 'list', view.q, view.sort],
    queryFn: ({ signal, pageParam }) =>
      api.listPlaybooks({ query: { q: view.q || undefined, sort: view.sort, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
  const rows = useMemo(() => playbooks.data?.pages.flatMap(({ data }) => data) ?? [], [playbooks.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = playbooks;
  const onMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const mayEdit = refusal('playbooks:edit');
  useKeys([{ keys: 'c', label: 'New playbook', run: () => mayEdit === null && go('/playbooks/new') }]);
  const create = (
    <Button look="primary" icon={Plus} keys="c" refusal={mayEdit} onClick={() => go('/playbooks/new')}>
      New playbook
    </Button>
  );
  return (
    <Page
      title="Playbooks"
      panes
      action={create}
      testId="playbooks.page"
      head={
        <FilterBar>
          <SearchInput
            className="w-[240px] max-sm:w-full"
            label="Search playbooks"
            placeholder="Name or description"
            value={view.q}
            onValue={(q) => setView({ q }, 'replace')}
          />
        </FilterBar>
      }
    >
      <Answer
        of={playbooks}
        what="The playbooks"
        waiting={<SkeletonRows height={43} />}
        isEmpty={() => rows.length === 0}
        empty={
          view.q ? (
            <EmptyState
              icon={SearchX}
              title="No playbook matches"
              action={<Button onClick={() => setView({ q: '' })}>Clear the search</Button>}
            />
          ) : (
            <EmptyState icon={ListChecks} title="Write your first playbook" action={create}>
              Steps that run on your servers, one after the other or side by side, that can ask, wait and undo.
            </EmptyState>
          )
        }
      >
        {() => (
          <DataTable<PlaybookSummary>
            label="Playbooks"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            versionOf={({ version, lastRun, runsAlive, updatedAt }) =>
              `${version}|${lastRun?.id}|${lastRun?.status}|${runsAlive}|${updatedAt}`
            }
            nameOf={({ name }) => name}
            rowHeight={43}
            sort={view.sort}
            onSort={(sort) => setView({ sort: sort.includes('updatedAt') ? '-updatedAt' : 'name' })}
            onOpen={({ id }) => go(`/playbooks/${id}`)}
            onMore={onMore}
            rowMenu={(playbook) => <PlaybookMenu playbook={playbook} onRun={() => setView({ run: playbook.id })} />}
          />
        )}
      </Answer>
      <RunDialog playbookId={view.run} isOpen={view.run !== ''} onClose={() => setView({ run: '' }, 'replace')} />
    </Page>
  );
}

function PlaybookMenu({ playbook, onRun }: { playbook: PlaybookSummary; onRun: () => void }) {
  const refusal = useRefusal();
  const offline = useOffline();
  const go = useGo();
  const [isAsking, setAsking] = useState(false);
  const remove = async () => {
    await api.deletePlaybook({ params: { id: playbook.id } });
    toast.done(`${playbook.name} is deleted`);
    setAsking(false);
  };
  return (
    <>
      <Menu label={`Acts on ${playbook.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
        <MenuItem icon={Play} refusal={offline ?? refusal('playbooks:run')} onSelect={onRun}>
          Run
        </MenuItem>
        <MenuItem icon={Pencil} onSelect={() => go(`/playbooks/${playbook.id}`)}>
          Edit
        </MenuItem>
        <MenuItem icon={Trash2} danger refusal={offline ?? refusal('playbooks:edit')} onSelect={() => setAsking(true)}>
          Delete playbook
        </MenuItem>
      </Menu>
      <AlertDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${playbook.name}?`}
        act="Delete playbook"
        onAct={remove}
        typeName={playbook.name}
      >
        Its schedules and webhooks lose what they start. Past runs stay.
      </AlertDialog>
    </>
  );
}
