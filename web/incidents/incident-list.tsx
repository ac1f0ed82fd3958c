import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { api } from '../kit/api.ts';
import { useGo, RowLink } from '../kit/navigation.tsx';
import { parseSearch, type Raw } from '../kit/search.ts';
import { Answer } from '../ui/answer.tsx';
import { type DataColumn, DataTable } from '../ui/data-table.tsx';
import { PageFoot } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SavedViews, type ViewOperations } from '../saved-views/saved-views.tsx';
import { BulkIncidents } from './bulk-incidents.tsx';
import { ClockLine } from './clock-line.tsx';
import type { StateNames } from './incident-words.ts';
import { useIncidentList } from './incidents.ts';
import { type IncidentsView, listFilter, noFilters, savedQuery } from './incidents-view.ts';
import { Severity } from './severity.tsx';
import { StateWord } from './state-glyph.tsx';

interface IncidentListProps {
  view: IncidentsView;
  onView: (changes: Partial<IncidentsView>) => void;
  names: StateNames;
  refusal: string | null;
  empty: ReactNode;
}

/** Views that everybody has: what they narrow to. */
const views = {
  active: { label: 'Active', changes: {} },
  mine: { label: 'Mine', changes: { owner: 'me' } },
  unowned: { label: 'Nobody has it', changes: { owner: 'none' } },
  risk: { label: 'At risk', changes: { clock: 'at_risk' } },
  late: { label: 'Late', changes: { clock: 'breached' } },
  all: { label: 'All', changes: { show: 'all' } },
} as const satisfies Record<string, { label: string; changes: Partial<IncidentsView> }>;
type ViewName = keyof typeof views;
const viewNames = Object.keys(views) as ViewName[];

const nameOfView = (view: IncidentsView): ViewName => {
  if (view.show === 'all') return 'all';
  if (view.clock) return view.clock === 'at_risk' ? 'risk' : 'late';
  return view.owner === 'me' ? 'mine' : view.owner === 'none' ? 'unowned' : 'active';
};

const builtIn = viewNames.map((name) => ({ value: name, label: views[name].label }));
const operations: ViewOperations = {
  key: ['incident-views'],
  list: (signal) => api.listIncidentViews({ signal }),
  save: (body) => api.saveIncidentView({ body }),
  change: (id, body) => api.changeIncidentView({ params: { id }, body }),
  remove: (id) => api.deleteIncidentView({ params: { id } }),
};
const normal = (query: string): string => savedQuery(parseSearch(query));

/** Incidents as a list: every one there ever was, by filters, with acts on many. */
export function IncidentList({ view, onView, names, refusal, empty }: IncidentListProps) {
  const go = useGo();
  const navigate = useNavigate();
  const raw = useSearch({ strict: false }) as Raw;
  const client = useQueryClient();
  const incidents = useIncidentList(listFilter(view), true);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => incidents.data?.pages.flatMap(({ data }) => data) ?? [], [incidents.data]);
  const readAt = incidents.data?.pages[0]?.readAt ?? 0;
  const columns = useMemo(() => columnsOf(names, readAt), [names, readAt]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = incidents;
  const onMore = useCallback(
    () => void (hasNextPage && !isFetchingNextPage && fetchNextPage()),
    [hasNextPage, isFetchingNextPage, fetchNextPage],
  );
  return (
    <>
      <SavedViews
        panelId="incidents-list"
        builtIn={builtIn}
        value={view.saved || nameOfView(view)}
        onBuiltIn={(name) => {
          const { changes } = viewNames.includes(name as ViewName) ? views[name as ViewName] : views.active;
          onView({ ...noFilters, severity: [], state: [], show: 'active', saved: '', ...changes });
        }}
        onSaved={({ id, query }) =>
          void navigate({ to: '.', search: { ...parseSearch(query), view: 'list', saved: id } as never })
        }
        onDeleted={() => onView({ saved: '' })}
        query={savedQuery(raw)}
        normal={normal}
        operations={operations}
        example="SEV1 that nobody has"
      />
      <div id="incidents-list" role="tabpanel" className="relative flex min-h-0 flex-1 flex-col">
        <Answer
          of={incidents}
          what="The incidents"
          waiting={<SkeletonRows rows={14} height={43} />}
          isEmpty={() => rows.length === 0}
          empty={empty}
        >
          {() => (
            <DataTable<ListedIncident>
              label="Incidents"
              rows={rows}
              columns={columns}
              rowId={idOf}
              versionOf={versionOf}
              nameOf={nameOf}
              rowHeight={43}
              selected={selected}
              onSelected={setSelected}
              onOpen={({ key }) => go(`/incidents/${key}`)}
              onMore={onMore}
              rowAttributes={attributesOf}
            />
          )}
        </Answer>
        {selected.size > 0 && (
          <BulkIncidents
            selected={rows.filter(({ id }) => selected.has(id))}
            names={names}
            refusal={refusal}
            onClear={() => setSelected(new Set())}
            onDone={() => {
              setSelected(new Set());
              void client.invalidateQueries({ queryKey: ['incidents'] });
            }}
          />
        )}
      </div>
      <PageFoot>
        <span className="num">
          {hasNextPage ? `The newest ${rows.length}` : `${rows.length} ${rows.length === 1 ? 'incident' : 'incidents'}`}
        </span>
      </PageFoot>
    </>
  );
}

const idOf = ({ id }: ListedIncident): string => id;
const nameOf = ({ key, title }: ListedIncident): string => `${key} ${title}`;
const versionOf = ({ version, updatedAt, alertsFiring, runsActive }: ListedIncident): string =>
  `${version} ${updatedAt} ${alertsFiring} ${runsActive}`;
const attributesOf = ({ id, state }: ListedIncident) => ({ 'data-incident': id, 'data-state': state });

const columnsOf = (names: StateNames, readAt: number): DataColumn<ListedIncident>[] => [
  { id: 'severity', head: 'Severity', width: 84, cell: ({ severity }) => <Severity severity={severity} /> },
  {
    id: 'incident',
    head: 'Incident',
    width: 320,
    grow: true,
    cell: ({ key, title }) => (
      <span className="flex min-w-0 items-baseline gap-2">
        <span className="num flex-none text-meta text-text-3">{key}</span>
        <RowLink to={`/incidents/${key}`} title={title} className="truncate font-medium hover:underline">
          <bdi>{title}</bdi>
        </RowLink>
      </span>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 140,
    cell: ({ state }) => <StateWord state={state} name={names[state]} />,
  },
  {
    id: 'service',
    head: 'Service',
    width: 150,
    hideBelow: 'md',
    cell: ({ service }) => (
      <bdi className="truncate text-text-2" title={service ?? undefined}>
        {service ?? '–'}
      </bdi>
    ),
  },
  {
    id: 'clock',
    head: 'Nearest clock',
    width: 170,
    hideBelow: 'sm',
    cell: (incident) => (
      <span className="block w-full">
        <ClockLine incident={incident} readAt={readAt} isShort />
      </span>
    ),
  },
  {
    id: 'owner',
    head: 'Owner',
    width: 150,
    hideBelow: 'sm',
    cell: ({ owner }) => (owner ? <Person name={owner.name} /> : <span className="text-text-3">nobody</span>),
  },
  {
    id: 'alerts',
    head: 'Alerts',
    width: 76,
    align: 'right',
    hideBelow: 'md',
    cell: ({ alertsFiring, alertsTotal }) => (
      <span className="num" title={`${alertsFiring} of ${alertsTotal} firing`}>
        {alertsTotal}
      </span>
    ),
  },
  {
    id: 'opened',
    head: 'Opened',
    width: 110,
    hideBelow: 'sm',
    cell: ({ openedAt }) => <RelativeTime at={openedAt} className="text-text-2" />,
  },
];
