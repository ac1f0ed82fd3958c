import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  Download,
  Plus,
  RotateCw,
  SearchX,
  Server as ServerIcon,
  Tag as TagIcon,
  Trash2,
  Upload,
  Wrench,
  X,
} from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { BulkChange } from '#contracts/servers/bulk.ts';
import type { Server } from '#contracts/servers/servers.ts';
import { hostKeyStates } from '#contracts/servers/host-key.ts';
import { addressOf, api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useMedia } from '../kit/media.ts';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { AlertDialog, Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ChoiceFilter } from '../ui/filter-chip.tsx';
import { Icon } from '../ui/icon.tsx';
import { SearchInput } from '../ui/input.tsx';
import { Popover } from '../ui/menu.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { Health } from './health.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { serverColumns, serverVersion } from './server-columns.tsx';
import { ServerForm } from './server-form.tsx';
import { ServerPanel } from './server-panel.tsx';
import { healthChoices, healthLooks, ServersView, useServer, useServers, useTags } from './servers.ts';

const keyWords = { none: 'None yet', pinned: 'Pinned', mismatch: 'Changed' } as const;

/** Every server: how it is, what signs in, and what can be done to one or many. */
export function ServersPage() {
  const [view, setView] = useUrlState(ServersView);
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const hasRoom = useMedia('(min-width: 1280px)');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isChecking, setChecking] = useState(false);
  const servers = useServers(view);
  const counts = useQuery({ queryKey: ['servers', 'counts'], queryFn: ({ signal }) => api.countServers({ signal }) });
  const tags = useTags();
  const open = useServer(view.sel);
  const edited = useServer(view.edit);
  const rows = useMemo(() => servers.data?.pages.flatMap(({ data }) => data) ?? [], [servers.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = servers;
  const onMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const manage = refusal('servers:manage');
  useKeys([
    { keys: 'c', label: 'Add server', run: () => manage === null && setView({ edit: 'new' }) },
    {
      keys: 'escape',
      label: 'Close the panel',
      run: () => (selected.size > 0 ? setSelected(new Set()) : setView({ sel: '' })),
    },
  ]);
  const isFiltered = view.q !== '' || view.tag.length + view.health.length > 0 || view.hostKey !== '';
  const clear = () => setView({ q: '', tag: [], health: [], hostKey: '' });
  const checkAll = async () => {
    setChecking(true);
    try {
      const { requested } = await api.checkServers({ body: null });
      toast.note(`${requested} ${requested === 1 ? 'server is' : 'servers are'} being checked`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setChecking(false);
    }
  };
  const figures = counts.data;
  const panel = open.data && view.sel !== '' && (
    <ServerPanel
      server={open.data}
      tab={view.tab}
      onTab={(tab) => setView({ tab })}
      onEdit={() => setView({ edit: view.sel })}
      onClose={() => setView({ sel: '' })}
    />
  );
  return (
    <Page
      title="Servers"
      testId="servers.page"
      panes
      hint={
        figures
          ? `${figures.total}${figures.mismatches > 0 ? ` · ${figures.mismatches} with a changed host key` : ''}`
          : undefined
      }
      action={
        <>
          <Button asChild className="max-sm:hidden">
            <a href={addressOf('exportServers', { query: { workspace: currentWorkspace() } })} download>
              <Icon of={Download} size={14} /> Export
            </a>
          </Button>
          <Button
            icon={Upload}
            className="max-sm:hidden"
            refusal={offline ?? manage}
            onClick={() => setView({ import: 'true' })}
          >
            Import CSV
          </Button>
          <Button
            icon={RotateCw}
            busy={isChecking}
            refusal={offline ?? refusal('servers:check')}
            onClick={() => void checkAll()}
          >
            Check all
          </Button>
          <Button look="primary" icon={Plus} refusal={offline ?? manage} onClick={() => setView({ edit: 'new' })}>
            Add server
          </Button>
        </>
      }
      head={
        <FilterBar>
          <SearchInput
            className="w-[212px] max-sm:w-full"
            label="Search servers"
            placeholder="Name or address"
            value={view.q}
            onValue={(q) => setView({ q }, 'replace')}
          />
          <ChoiceFilter
            name="Tag"
            values={view.tag}
            onValues={(tag) => setView({ tag })}
            options={(tags.data?.data ?? []).map(({ tag, servers: many }) => ({
              value: tag,
              word: tag,
              label: (
                <>
                  {tag} <span className="num text-meta text-text-3">{many}</span>
                </>
              ),
            }))}
          />
          <ChoiceFilter
            name="Health"
            values={view.health}
            onValues={(health) => setView({ health: health as ServersView['health'] })}
            options={healthChoices.map((health) => ({
              value: health,
              word: healthLooks[health].word,
              label: <Health health={health} />,
            }))}
          />
          <ChoiceFilter
            name="Host key"
            values={view.hostKey ? [view.hostKey] : []}
            onValues={(keys) => setView({ hostKey: (keys.at(-1) ?? '') as ServersView['hostKey'] })}
            options={hostKeyStates.map((state) => ({ value: state, word: keyWords[state], label: keyWords[state] }))}
          />
          {isFiltered && (
            <Button look="ghost" size="sm" onClick={clear}>
              Clear
            </Button>
          )}
          {figures && (
            <span className="num ml-auto flex items-center gap-3.5 text-meta text-text-2 max-sm:hidden">
              {(['healthy', 'degraded', 'unhealthy', 'no_answer'] as const).map(
                (health) =>
                  figures.health[health] > 0 && (
                    <button
                      key={health}
                      type="button"
                      title={healthLooks[health].word}
                      onClick={() => setView({ health: [health] })}
                      className="flex items-center gap-1 hover:text-text"
                    >
                      <Health health={health} isWordHidden />
                      {figures.health[health]}
                    </button>
                  ),
              )}
            </span>
          )}
        </FilterBar>
      }
    >
      <div className="flex min-h-0 flex-1">
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          <Answer
            of={servers}
            what="The servers"
            waiting={<SkeletonRows rows={14} height={37} />}
            isEmpty={() => rows.length === 0}
            empty={
              isFiltered ? (
                <EmptyState
                  icon={SearchX}
                  title="No server matches"
                  action={<Button onClick={clear}>Clear filters</Button>}
                />
              ) : (
                <EmptyState
                  icon={ServerIcon}
                  title="Add your first server"
                  action={
                    <>
                      <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
                        Add server
                      </Button>
                      <Button look="ghost" refusal={manage} onClick={() => setView({ import: 'true' })}>
                        Import CSV
                      </Button>
                    </>
                  }
                >
                  Anything that answers SSH and has a POSIX shell. Nothing is installed on it.
                </EmptyState>
              )
            }
          >
            {() => (
              <DataTable<Server>
                label="Servers"
                rows={rows}
                columns={serverColumns}
                rowId={({ id }) => id}
                versionOf={serverVersion}
                nameOf={({ name }) => name}
                rowHeight={37}
                hidden={view.sel && hasRoom ? ['memory', 'disk', 'credential', 'latency'] : []}
                active={view.sel}
                selected={selected}
                onSelected={setSelected}
                sort={view.sort}
                onSort={(sort) => setView({ sort: sort === '-name' ? '-name' : 'name' })}
                onOpen={({ id }) => setView({ sel: id === view.sel ? '' : id })}
                onMore={onMore}
                total={figures?.total}
                rowAttributes={({ id, health }) => ({ 'data-server': id, 'data-health': health })}
              />
            )}
          </Answer>
          {selected.size > 0 && (
            <BulkBar servers={rows.filter(({ id }) => selected.has(id))} onClear={() => setSelected(new Set())} />
          )}
        </div>
        {hasRoom && panel && <aside className="flex w-[420px] flex-none flex-col border-l border-line">{panel}</aside>}
      </div>
      {!hasRoom && (
        <Drawer isOpen={Boolean(panel)} onClose={() => setView({ sel: '' })} title={open.data?.name ?? 'Server'}>
          {panel}
        </Drawer>
      )}
      {(view.edit === 'new' || edited.data) && view.edit !== '' && (
        <ServerForm
          key={view.edit}
          server={view.edit === 'new' ? null : (edited.data ?? null)}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={(server) => {
            void client.invalidateQueries({ queryKey: ['servers'] });
            setView({ edit: '', sel: server.id }, 'replace');
          }}
        />
      )}
      <ImportDialog isOpen={view.import !== ''} onClose={() => setView({ import: '' }, 'replace')} />
    </Page>
  );
}

function BulkBar({ servers, onClear }: { servers: readonly Server[]; onClear: () => void }) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const [tags, setTags] = useState<string[]>([]);
  const [isDeleting, setDeleting] = useState(false);
  const [busy, setBusy] = useState(false);
  const manage = offline ?? refusal('servers:manage');
  const ids = servers.map(({ id }) => id);
  const change = async (body: Omit<BulkChange, 'ids'>) => {
    setBusy(true);
    try {
      const { changed, failed } = await api.changeServers({ body: { ids, ...body } });
      if (failed.length > 0)
        toast.error(
          `${failed.length} of ${ids.length} refused: ${failed.map(({ name, message }) => `${name ?? '?'} (${message})`).join(', ')}`,
        );
      if (changed.length > 0) toast.done(`${changed.length} ${changed.length === 1 ? 'server' : 'servers'} changed`);
      void client.invalidateQueries({ queryKey: ['servers'] });
      setTags([]);
      setDeleting(false);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  const inMaintenance = servers.every(({ maintenance }) => maintenance !== null);
  return (
    <div
      role="toolbar"
      aria-label="Selected servers"
      className="absolute bottom-4 left-1/2 flex h-[42px] -translate-x-1/2 items-center gap-1 rounded-xl border border-line-strong bg-raised pr-2 pl-3.5 whitespace-nowrap shadow-2"
    >
      <span className="num mr-2 font-medium">{`${ids.length} selected`}</span>
      <Button
        look="ghost"
        icon={RotateCw}
        refusal={offline ?? refusal('servers:check')}
        onClick={() =>
          void api
            .checkServers({ body: { ids } })
            .then(({ requested }) => toast.note(`${requested} being checked`), toast.failure)
        }
      >
        Check
      </Button>
      <Popover
        label="Tags"
        trigger={
          <Button look="ghost" icon={TagIcon} refusal={manage}>
            Tag
          </Button>
        }
        className="w-64"
      >
        <WordsInput words={tags} onWords={setTags} placeholder="web, eu" />
        <div className="mt-2 flex gap-2">
          <Button
            size="sm"
            look="primary"
            busy={busy}
            disabled={tags.length === 0}
            onClick={() => void change({ addTags: tags })}
          >
            Add tags
          </Button>
          <Button size="sm" busy={busy} disabled={tags.length === 0} onClick={() => void change({ removeTags: tags })}>
            Remove tags
          </Button>
        </div>
      </Popover>
      <Button
        look="ghost"
        icon={Wrench}
        busy={busy}
        refusal={manage}
        onClick={() => void change({ maintenance: inMaintenance ? null : { reason: '' } })}
      >
        {inMaintenance ? 'End maintenance' : 'Maintenance'}
      </Button>
      <Button look="ghost" icon={Trash2} refusal={manage} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <IconButton icon={X} label="Select none" onClick={onClear} />
      <AlertDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${ids.length} ${ids.length === 1 ? 'server' : 'servers'}?`}
        act="Delete servers"
        busy={busy}
        onAct={() => change({ delete: true }).then(onClear)}
      >
        Their pinned keys and checks go. Past runs keep their logs.
      </AlertDialog>
    </div>
  );
}
