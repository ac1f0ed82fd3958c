import { useQuery } from '@tanstack/react-query';
import { ChevronUp, Download, History, SearchX, X } from 'lucide-react';
import { useMemo, useRef } from 'react';
import type { AuditEntry } from '#contracts/audit/audit.ts';
import { addressOf, api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { useKeys } from '../kit/keys.ts';
import { useIsPhone, useMedia } from '../kit/media.ts';
import { useUrlState } from '../kit/url-state.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { useHeldRows } from '../runs/held-rows.ts';
import { useReading } from '../runs/use-reading.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { SkeletonLines, SkeletonRows } from '../ui/skeleton.tsx';
import { auditColumns, phoneColumns } from './audit-columns.tsx';
import { Entry } from './audit-entry.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { type AuditQuery, auditQuery, AuditView, isNarrowed, noFilters } from './audit-view.ts';
import { useAuditRows } from './use-audit-rows.ts';

/** Who did what, when, on what, from where. Nothing in it is ever changed. */
export function AuditPage() {
  const [view, setView] = useUrlState(AuditView);
  const hasRoom = useMedia('(min-width: 1280px)');
  const isPhone = useIsPhone();
  const { sel: _, ...asked } = view;
  const name = JSON.stringify(asked);
  // A span counts back from when it was chosen: the same words are the same question.
  const query = useMemo(() => auditQuery({ sel: '', ...(JSON.parse(name) as typeof asked) }, clock.read()), [name]);
  const audit = useAuditRows(query);
  const total = useQuery({
    queryKey: ['audit', 'total', query],
    queryFn: ({ signal }) => api.countAudit({ query, signal }),
    placeholderData: (before) => before,
  });
  const list = useRef<HTMLDivElement>(null);
  const reading = useReading(list, 'data-entry');
  const { shown, waiting } = useHeldRows(audit.data?.rows ?? [], idOf, reading.isReading, name);
  useKeys([
    { keys: 'j', label: 'Into the list', run: reading.focusFirst },
    { keys: 'down', label: 'Into the list', run: reading.focusFirst },
    { keys: 'escape', label: 'Close the entry', run: () => setView({ sel: '' }) },
  ]);
  const known = shown.find(({ id }) => id === view.sel);
  // A link may lead to an entry that is not among those that are loaded.
  const found = useQuery({
    queryKey: ['audit-entry', view.sel],
    queryFn: ({ signal }) => api.getAuditEntry({ params: { id: view.sel }, signal }),
    enabled: view.sel !== '' && !known,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const detail = known ? (
    <Entry entry={known} onView={(changes) => setView({ ...changes, sel: '' })} />
  ) : (
    <Answer
      of={found}
      what="The entry"
      waiting={
        <div className="p-4">
          <SkeletonLines />
        </div>
      }
    >
      {(entry) => <Entry entry={entry} onView={(changes) => setView({ ...changes, sel: '' })} />}
    </Answer>
  );
  const isOpen = view.sel !== '';
  const count = total.data;
  return (
    <Page
      title="Audit log"
      hint={count && `Kept ${count.keptDays} days, append-only`}
      panes
      testId="settings.audit"
      action={<ExportMenu query={query} />}
      head={
        <FilterBar>
          <AuditFilters view={view} query={query} onView={setView} />
          <span className="ml-auto flex items-center gap-2">
            <NewEntries count={waiting} onShow={reading.release} />
            {count && (
              <span className="num text-meta text-text-2">
                {`${count.total.toLocaleString('en-GB')}${count.isCapped ? '+' : ''} ${count.total === 1 ? 'entry' : 'entries'}`}
              </span>
            )}
          </span>
        </FilterBar>
      }
    >
      <div className="flex min-h-0 flex-1">
        <div ref={list} className="flex min-h-0 min-w-0 flex-1 flex-col" {...reading.handlers}>
          <Answer
            of={audit}
            what="The audit log"
            waiting={<SkeletonRows rows={14} height={40} />}
            isEmpty={() => shown.length === 0}
            empty={
              isNarrowed(query) ? (
                <EmptyState
                  icon={SearchX}
                  title="No entry matches"
                  action={<Button onClick={() => setView(noFilters)}>Clear filters</Button>}
                />
              ) : (
                <EmptyState icon={History} title="Nothing was done yet">
                  Every change that a person, a key or the system makes is written here, with what it was before.
                </EmptyState>
              )
            }
          >
            {() => (
              <DataTable<AuditEntry>
                label="Audit log"
                rows={shown}
                columns={isPhone ? phoneColumns : auditColumns}
                rowId={idOf}
                versionOf={idOf}
                nameOf={nameOf}
                rowHeight={40}
                active={view.sel}
                total={(count?.total ?? shown.length) + 1}
                hidden={isOpen && hasRoom ? ['address'] : []}
                onOpen={({ id }) => setView({ sel: id === view.sel ? '' : id })}
                onMore={audit.onMore}
                rowAttributes={attributesOf}
              />
            )}
          </Answer>
        </div>
        {hasRoom && isOpen && (
          <aside className="w-[360px] flex-none overflow-auto border-l border-line">
            <div className="flex justify-end p-2 pb-0">
              <IconButton size="sm" icon={X} label="Close" onClick={() => setView({ sel: '' })} />
            </div>
            {detail}
          </aside>
        )}
      </div>
      {!hasRoom && (
        <Drawer isOpen={isOpen} onClose={() => setView({ sel: '' })} title="Entry">
          <div className="pt-3">{isOpen && detail}</div>
        </Drawer>
      )}
    </Page>
  );
}

const idOf = ({ id }: AuditEntry): string => id;
const nameOf = ({ action, title }: AuditEntry): string => `${action} ${title ?? ''}`.trim();
const attributesOf = ({ id }: AuditEntry) => ({ 'data-entry': id });

/** Entries that wait until the list is no longer read. */
function NewEntries({ count, onShow }: { count: number; onShow: () => void }) {
  if (count === 0) return null;
  return (
    <button
      type="button"
      onClick={onShow}
      data-testid="audit.new"
      className="inline-flex h-[26px] items-center gap-1 rounded-full bg-run-soft pr-2.5 pl-[7px] text-meta font-medium whitespace-nowrap text-run-fg max-sm:h-11"
    >
      <Icon of={ChevronUp} size={14} /> {`${count} new ${count === 1 ? 'entry' : 'entries'}`}
    </button>
  );
}

/** Everything that the filter shows, however much it is, as a file. */
function ExportMenu({ query }: { query: AuditQuery }) {
  const save = (operation: 'exportAudit' | 'exportAuditLines') =>
    location.assign(addressOf(operation, { query: { ...query, workspace: currentWorkspace() } }));
  return (
    <Menu label="Export" trigger={<Button icon={Download}>Export</Button>}>
      <MenuItem onSelect={() => save('exportAudit')} hint="For a spreadsheet">
        CSV
      </MenuItem>
      <MenuItem onSelect={() => save('exportAuditLines')} hint="One entry as JSON a line">
        NDJSON
      </MenuItem>
    </Menu>
  );
}
