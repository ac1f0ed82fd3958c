import { useInfiniteQuery } from '@tanstack/react-query';
import { Download, History, SearchX, X } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { z } from 'zod';
import type { AuditEntry } from '#contracts/audit/audit.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { addressOf, api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { useMedia } from '../kit/media.ts';
import { Go } from '../kit/navigation.tsx';
import { useUrlState } from '../kit/url-state.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Copy } from '../ui/copy.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterChip } from '../ui/filter-chip.tsx';
import { Icon } from '../ui/icon.tsx';
import { SearchInput } from '../ui/input.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { changedFields } from './changed-fields.ts';

const View = z.object({
  q: z.string().default(''),
  action: z.string().default(''),
  actor: z.string().default(''),
  subject: z.string().default(''),
  when: z.enum(['any', '1h', '24h', '7d', '30d']).default('any'),
  sel: z.string().default(''),
});
const spans: Readonly<Record<string, number>> = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};
const whenWords = {
  any: 'any time',
  '1h': 'last hour',
  '24h': 'last 24 h',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
} as const;
const nouns = [
  'approval',
  'channel',
  'credential',
  'invitation',
  'key',
  'member',
  'playbook',
  'run',
  'schedule',
  'secret',
  'server',
  'session',
  'settings',
  'webhook',
  'workspace',
];

const columns: ReadonlyArray<DataColumn<AuditEntry>> = [
  { id: 'at', head: 'Time', width: 110, cell: ({ at }) => <RelativeTime at={at} className="num text-text-2" /> },
  { id: 'actor', head: 'Actor', width: 170, cell: ({ actor }) => <Person name={actor.name} kind={actor.kind} /> },
  {
    id: 'action',
    head: 'Action',
    width: 190,
    cell: ({ action }) => (
      <span className={`font-mono text-[11.5px] ${/fail|refus/.test(action) ? 'text-fail-fg' : ''}`}>{action}</span>
    ),
    hideBelow: 'sm',
  },
  {
    id: 'subject',
    head: 'Subject and change',
    width: 260,
    grow: true,
    cell: (entry) => (
      <span>
        {entry.title ?? entry.subject ?? ''}{' '}
        <span className="text-text-3">
          {changedFields(entry.before, entry.after)
            .map(({ name, before, after }) => (before === '' ? name : `${name}: ${before} → ${after}`))
            .slice(0, 2)
            .join(', ')}
        </span>
      </span>
    ),
  },
  {
    id: 'address',
    head: 'Address',
    width: 130,
    hideBelow: 'lg',
    cell: ({ address }) => <span className="font-mono text-[11px] text-text-3">{address}</span>,
  },
];

/** Who did what, when, on what, from where. Nothing in it is ever changed. */
export function AuditPage() {
  const [view, setView] = useUrlState(View);
  const hasRoom = useMedia('(min-width: 1280px)');
  const filter = useMemo(() => {
    const span = spans[view.when];
    return {
      q: view.q.trim() || undefined,
      action: view.action || undefined,
      actor: view.actor || undefined,
      subject: view.subject || undefined,
      from: span ? new Date(Math.floor((clock.read() - span) / 60_000) * 60_000).toISOString() : undefined,
    };
  }, [view.q, view.action, view.actor, view.subject, view.when]);
  const audit = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ signal, pageParam }) => api.listAudit({ query: { ...filter, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
  const rows = useMemo(() => audit.data?.pages.flatMap(({ data }) => data) ?? [], [audit.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = audit;
  const onMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const clear = () => setView({ q: '', action: '', actor: '', subject: '', when: 'any' });
  const open = rows.find(({ id }) => id === view.sel);
  const actorName = rows.find(({ actor }) => actor.id === view.actor)?.actor.name;
  const detail = open && (
    <Entry
      entry={open}
      onActor={(actor) => setView({ actor, sel: '' })}
      onSubject={(subject) => setView({ subject, sel: '' })}
    />
  );
  return (
    <Page
      title="Audit log"
      hint="Append-only"
      panes
      testId="settings.audit"
      action={
        <Button asChild>
          <a href={addressOf('exportAudit', { query: { ...filter, workspace: currentWorkspace() } })} download>
            <Icon of={Download} size={14} /> Export CSV
          </a>
        </Button>
      }
      head={
        <FilterBar>
          <SearchInput
            className="w-[212px] max-sm:w-full"
            label="Search the audit log"
            placeholder="Subject, request id, address"
            value={view.q}
            onValue={(q) => setView({ q }, 'replace')}
          />
          <FilterChip name="Action" value={view.action || undefined} onClear={() => setView({ action: '' })}>
            <div className="flex flex-col gap-0.5">
              {nouns.map((noun) => (
                <button
                  key={noun}
                  type="button"
                  onClick={() => setView({ action: `${noun}.*` })}
                  className="rounded-sm px-2 py-1 text-left font-mono text-[11.5px] hover:bg-fill"
                >{`${noun}.*`}</button>
              ))}
            </div>
          </FilterChip>
          <FilterChip
            name="When"
            value={view.when === 'any' ? undefined : whenWords[view.when]}
            onClear={() => setView({ when: 'any' })}
          >
            <div className="flex flex-col gap-0.5">
              {Object.entries(whenWords).map(([value, word]) => (
                <button
                  key={value}
                  type="button"
                  onClick={() => setView({ when: value as keyof typeof whenWords })}
                  className="rounded-sm px-2 py-1 text-left hover:bg-fill"
                >
                  {word}
                </button>
              ))}
            </div>
          </FilterChip>
          {view.actor && (
            <FilterChip name="Actor" value={actorName ?? 'one person'} onClear={() => setView({ actor: '' })}>
              <span className="text-meta text-text-2">Open an entry to choose another.</span>
            </FilterChip>
          )}
          {view.subject && (
            <FilterChip name="Subject" value={view.subject.slice(0, 24)} onClear={() => setView({ subject: '' })}>
              <span className="text-meta text-text-2">Open an entry to choose another.</span>
            </FilterChip>
          )}
          {isFiltered && (
            <Button look="ghost" size="sm" onClick={clear}>
              Clear
            </Button>
          )}
        </FilterBar>
      }
    >
      <div className="flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Answer
            of={audit}
            what="The audit log"
            waiting={<SkeletonRows height={40} />}
            isEmpty={() => rows.length === 0}
            empty={
              isFiltered ? (
                <EmptyState
                  icon={SearchX}
                  title="No entry matches"
                  action={<Button onClick={clear}>Clear filters</Button>}
                />
              ) : (
                <EmptyState icon={History} title="Nothing was done yet" />
              )
            }
          >
            {() => (
              <DataTable<AuditEntry>
                label="Audit log"
                rows={rows}
                columns={columns}
                rowId={({ id }) => id}
                nameOf={({ action, title }) => `${action} ${title ?? ''}`}
                rowHeight={40}
                active={view.sel}
                hidden={open && hasRoom ? ['address'] : []}
                onOpen={({ id }) => setView({ sel: id === view.sel ? '' : id })}
                onMore={onMore}
              />
            )}
          </Answer>
        </div>
        {hasRoom && open && (
          <aside className="w-[320px] flex-none overflow-auto border-l border-line">
            <div className="flex justify-end p-2 pb-0">
              <IconButton size="sm" icon={X} label="Close" onClick={() => setView({ sel: '' })} />
            </div>
            {detail}
          </aside>
        )}
      </div>
      {!hasRoom && (
        <Drawer isOpen={open !== undefined} onClose={() => setView({ sel: '' })} title={open?.action ?? ''}>
          {detail}
        </Drawer>
      )}
    </Page>
  );
}

function subjectLink(subject: string): string | null {
  const [kind, id] = subject.split(':');
  const paths: Readonly<Record<string, string>> = { run: `/runs/${id}`, playbook: `/playbooks/${id}` };
  return (kind && paths[kind]) || null;
}

function Entry({
  entry,
  onActor,
  onSubject,
}: {
  entry: AuditEntry;
  onActor: (id: string) => void;
  onSubject: (subject: string) => void;
}) {
  const link = entry.subject ? subjectLink(entry.subject) : null;
  const show = (value: Json) => (
    <CodeBlock what="values" wrap>
      {JSON.stringify(value, null, 2)}
    </CodeBlock>
  );
  return (
    <div className="flex flex-col gap-4 p-4 pt-1">
      <div>
        <p className="num text-meta text-text-2">
          <RelativeTime at={entry.at} as="clock" /> · <RelativeTime at={entry.at} />
        </p>
        <h2 className="mt-1 font-semibold break-words">{entry.title ?? entry.subject ?? entry.action}</h2>
        <p className="font-mono text-[11.5px] text-text-2">{entry.action}</p>
      </div>
      <KeyValue
        pairs={[
          [
            'Actor',
            entry.actor.id ? (
              <button
                key="a"
                type="button"
                className="text-accent hover:underline"
                onClick={() => entry.actor.id && onActor(entry.actor.id)}
              >
                {entry.actor.name}
              </button>
            ) : (
              entry.actor.name
            ),
          ],
          [
            'Address',
            <span key="ad" className="font-mono text-[11.5px]">
              {entry.address ?? '–'}
            </span>,
          ],
          [
            'Request',
            entry.requestId ? (
              <span key="r" className="font-mono text-[11.5px] break-all">
                <Copy text={entry.requestId} what="request id">
                  {entry.requestId}
                </Copy>
              </span>
            ) : (
              '–'
            ),
          ],
          [
            'Subject',
            entry.subject ? (
              <span key="s" className="break-all">
                {link ? (
                  <Go to={link} className="text-accent hover:underline">
                    {entry.subject}
                  </Go>
                ) : (
                  <span className="font-mono text-[11.5px]">{entry.subject}</span>
                )}{' '}
                <button
                  type="button"
                  className="text-meta text-text-3 hover:underline"
                  onClick={() => entry.subject && onSubject(entry.subject)}
                >
                  all of it
                </button>
              </span>
            ) : (
              '–'
            ),
          ],
        ]}
      />
      {entry.before !== null && (
        <div>
          <h3 className="mb-1 font-semibold">Before</h3>
          {show(entry.before)}
        </div>
      )}
      {entry.after !== null && (
        <div>
          <h3 className="mb-1 font-semibold">After</h3>
          {show(entry.after)}
        </div>
      )}
    </div>
  );
}
