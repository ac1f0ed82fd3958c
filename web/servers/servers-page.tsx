import { useQueryClient } from '@tanstack/react-query';
import { Plus, SearchX, Server as ServerIcon } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { serverSorts, type Server } from '#contracts/servers/servers.ts';
import { api } from '../kit/api.ts';
import { useKept } from '../kit/kept.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useMedia } from '../kit/media.ts';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { HealthFigures } from './health-figures.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { ServerBulkBar } from './server-bulk-bar.tsx';
import { optionalColumns, serverColumns, serverVersion } from './server-columns.tsx';
import { isFilteredBy, ServerFilters } from './server-filters.tsx';
import { ServersActs } from './servers-acts.tsx';
import { ServerForm } from './server-form.tsx';
import { ServerSide } from './server-side.tsx';
import { noFilters, queryOf, ServersView, useCounts, useServer } from './servers.ts';
import { useServerRows } from './use-server-rows.ts';

/** Every server: how it is, and what can be done to one or many. */
export function ServersPage() {
  const [view, setView] = useUrlState(ServersView);
  const client = useQueryClient();
  const manage = useRefusal()('servers:manage');
  const offline = useOffline();
  const hasRoom = useMedia('(min-width: 1280px)');
  const [hidden, setHidden] = useKept('servers.hidden', optionalColumns.join(','));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // The same words are the same filter, whatever else of the address has changed.
  const name = JSON.stringify(queryOf(view));
  const filter = useMemo(() => JSON.parse(name) as ReturnType<typeof queryOf>, [name]);
  const servers = useServerRows(filter, view.sort);
  const counts = useCounts(filter);
  const edited = useServer(view.edit);
  const rows = useMemo(() => servers.data?.rows ?? [], [servers.data]);

  /** Names of what was ever seen here: a selection may reach beyond what is loaded. */
  const names = useRef(new Map<string, string>());
  useEffect(() => {
    for (const server of rows) names.current.set(server.id, server.name);
  }, [rows]);
  const selectAll = async () => {
    const { data } = await api.findServerIds({ query: filter });
    for (const { id, name: called } of data) names.current.set(id, called);
    setSelected(new Set(data.map(({ id }) => id)));
  };

  useKeys([
    { keys: 'c', label: 'Add server', run: () => manage === null && setView({ edit: 'new' }) },
    {
      keys: 'escape',
      label: 'Close the panel',
      run: () => (selected.size > 0 ? setSelected(new Set()) : setView({ sel: '' })),
    },
  ]);
  const isFiltered = isFilteredBy(view);
  const add = () => setView({ edit: 'new' });
  const figures = counts.data;
  const hiddenColumns = hidden.split(',').filter(Boolean);
  return (
    <Page
      title="Servers"
      testId="servers.page"
      panes
      hint={
        figures && (
          <span className="num">
            {figures.matching.toLocaleString('en-GB')}
            {figures.mismatches > 0 && ` · ${figures.mismatches} with a changed host key`}
          </span>
        )
      }
      action={
        <ServersActs
          hidden={hiddenColumns}
          onHidden={(next) => setHidden(next.join(','))}
          onImport={() => setView({ import: 'true' })}
          onAdd={add}
        />
      }
      head={
        <FilterBar>
          <ServerFilters view={view} onView={setView} />
          {figures && (
            <HealthFigures counts={figures} health={view.health} onHealth={(health) => setView({ health })} />
          )}
        </FilterBar>
      }
    >
      <div className="flex min-h-0 flex-1">
        <div
          className="relative flex min-h-0 min-w-0 flex-1 flex-col"
          onPointerLeave={(event) => event.pointerType === 'mouse' && servers.settle()}
        >
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
                  action={<Button onClick={() => setView(noFilters)}>Clear filters</Button>}
                />
              ) : (
                <FirstServer refusal={offline ?? manage} onAdd={add} onImport={() => setView({ import: 'true' })} />
              )
            }
          >
            {() => (
              <DataTable<Server>
                label="Servers"
                rows={rows}
                columns={serverColumns}
                rowId={idOf}
                versionOf={serverVersion}
                nameOf={nameOf}
                rowHeight={37}
                hidden={view.sel && hasRoom ? [...hiddenColumns, ...optionalColumns] : hiddenColumns}
                active={view.sel}
                selected={selected}
                onSelected={setSelected}
                sort={view.sort}
                onSort={(sort) => setView({ sort: serverSorts.find((known) => known === sort) ?? 'name' })}
                onOpen={({ id }) => setView({ sel: id === view.sel ? '' : id })}
                onMore={servers.onMore}
                total={(figures?.matching ?? rows.length) + 1}
                rowAttributes={attributesOf}
              />
            )}
          </Answer>
          {selected.size > 0 && (
            <ServerBulkBar
              selected={selected}
              servers={rows.filter(({ id }) => selected.has(id))}
              nameOf={(id) => names.current.get(id)}
              matching={figures?.matching}
              onSelectAll={selectAll}
              onClear={() => setSelected(new Set())}
              onChanged={() => {
                void servers.reload().catch(() => undefined);
                void client.invalidateQueries({ queryKey: ['servers'] });
                void client.invalidateQueries({ queryKey: ['server'] });
              }}
            />
          )}
        </div>
        <ServerSide view={view} onView={setView} hasRoom={hasRoom} />
      </div>
      {(view.edit === 'new' || edited.data) && view.edit !== '' && (
        <ServerForm
          key={view.edit}
          server={view.edit === 'new' ? null : (edited.data ?? null)}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={(server) => {
            void client.invalidateQueries({ queryKey: ['servers'] });
            void servers.reload().catch(() => undefined);
            setView({ edit: '', sel: server.id }, 'replace');
          }}
        />
      )}
      <ImportDialog isOpen={view.import !== ''} onClose={() => setView({ import: '' }, 'replace')} />
    </Page>
  );
}

const idOf = ({ id }: Server): string => id;
const nameOf = ({ name }: Server): string => name;
const attributesOf = ({ id, health }: Server) => ({ 'data-server': id, 'data-health': health });

/** The first visit: what belongs here, and the two ways to begin. */
function FirstServer({
  refusal,
  onAdd,
  onImport,
}: {
  refusal: string | null;
  onAdd: () => void;
  onImport: () => void;
}) {
  return (
    <EmptyState
      icon={ServerIcon}
      title="Add your first server"
      action={
        <>
          <Button look="primary" icon={Plus} refusal={refusal} onClick={onAdd}>
            Add server
          </Button>
          <Button look="ghost" refusal={refusal} onClick={onImport}>
            Import CSV
          </Button>
        </>
      }
    >
      Anything that answers SSH and has a POSIX shell. Nothing is installed on it.
    </EmptyState>
  );
}
