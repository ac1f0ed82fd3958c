import { useQueryClient } from '@tanstack/react-query';
import { BellOff, BellRing, Check, CheckCheck, Ellipsis, Plus, SearchX } from 'lucide-react';
import { useState } from 'react';
import type { ListedAlert } from '#contracts/alerts/alerts.ts';
import { alertSeverities } from '#contracts/alerts/severity.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { SearchInput } from '../ui/input.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { Radio } from '../ui/choice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { alertColumns } from './alert-columns.tsx';
import { AlertDetail } from './alert-detail.tsx';
import { AlertsView, outcomeWords, useAlerts, useAlertSources } from './alerts.ts';
import { RulesPart } from './rules-part.tsx';
import { SilenceForm, silenceOf } from './silence-form.tsx';
import { SilencesPart } from './silences-part.tsx';
import { SourcesPart } from './sources-part.tsx';

const newWords = { alerts: 'New source', sources: 'New source', rules: 'New rule', silences: 'New silence' } as const;

/** Alerts as they come in, where they come from, what becomes of them, and what is held back. */
export function AlertsPage() {
  const [view, setView] = useUrlState(AlertsView);
  const refusal = useRefusal();
  const offline = useOffline();
  const manage = offline ?? refusal('alerts:manage');
  const make = () => setView({ show: view.show === 'alerts' ? 'sources' : view.show, edit: 'new', sel: '' });
  useKeys([{ keys: 'c', label: newWords[view.show], run: () => manage === null && make() }]);
  const part = { view, setView, manage };
  return (
    <Page
      title="Alerts"
      panes
      testId="alerts.page"
      action={
        <Button look="primary" icon={Plus} refusal={manage} onClick={make}>
          {newWords[view.show]}
        </Button>
      }
      head={
        <FilterBar>
          <Segmented
            label="What is shown"
            value={view.show}
            onValue={(show) => setView({ show, edit: '', sel: '' })}
            options={[
              { value: 'alerts', label: 'Alerts' },
              { value: 'sources', label: 'Sources' },
              { value: 'rules', label: 'Rules' },
              { value: 'silences', label: 'Silences' },
            ]}
          />
          {view.show === 'alerts' && <AlertFilters view={view} setView={setView} />}
        </FilterBar>
      }
    >
      {view.show === 'alerts' && <AlertsPart {...part} />}
      {view.show === 'sources' && <SourcesPart {...part} />}
      {view.show === 'rules' && <RulesPart {...part} />}
      {view.show === 'silences' && <SilencesPart {...part} />}
    </Page>
  );
}

export interface PartProps {
  view: AlertsView;
  setView: (changes: Partial<AlertsView>, how?: 'push' | 'replace') => void;
  /** Why alerts may not be managed here; null: they may. */
  manage: string | null;
}

function AlertFilters({ view, setView }: Pick<PartProps, 'view' | 'setView'>) {
  const sources = useAlertSources().data?.data ?? [];
  const chosen = sources.find(({ id }) => id === view.source);
  return (
    <>
      <Segmented
        label="Which alerts"
        value={view.state}
        onValue={(state) => setView({ state })}
        options={[
          { value: 'live', label: 'Firing' },
          { value: 'resolved', label: 'Over' },
          { value: 'all', label: 'All' },
        ]}
      />
      <ChoiceFilter
        name="Severity"
        values={view.severity.split(',').filter(Boolean)}
        onValues={(values) => setView({ severity: values.join(',') })}
        options={alertSeverities.map((value) => ({ value, label: value }))}
      />
      <ChoiceFilter
        name="Became"
        values={view.outcome.split(',').filter(Boolean)}
        onValues={(values) => setView({ outcome: values.join(',') })}
        options={Object.entries(outcomeWords).map(([value, label]) => ({ value, label, word: label }))}
      />
      <FilterChip
        name="Source"
        {...(view.source !== '' && { value: chosen?.name ?? 'a removed source' })}
        onClear={() => setView({ source: '' })}
      >
        <Radio
          label="Source"
          value={view.source}
          onValue={(source) => setView({ source })}
          options={sources.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </FilterChip>
      <SearchInput
        className="ml-auto w-56 max-sm:w-full"
        label="Search alerts"
        placeholder="Title or label"
        value={view.q}
        onValue={(q) => setView({ q }, 'replace')}
      />
    </>
  );
}

function AlertsPart({ view, setView, manage }: PartProps) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const act = offline ?? refusal('incidents:act');
  const alerts = useAlerts(view);
  const sources = useAlertSources();
  const [silenced, setSilenced] = useState<ListedAlert | null>(null);
  const rows = alerts.data?.pages.flatMap(({ data }) => data) ?? [];
  const open = rows.find(({ id }) => id === view.sel);
  const isFiltered = view.severity !== '' || view.outcome !== '' || view.source !== '' || view.q !== '';
  const hasSources = (sources.data?.data.length ?? 0) > 0;
  const refresh = () => void client.invalidateQueries({ queryKey: ['alerts'] });
  const set = (alert: ListedAlert, what: 'acknowledge' | 'resolve') =>
    (what === 'acknowledge' ? api.acknowledgeAlert : api.resolveAlert)({ params: { id: alert.id } }).then(() => {
      toast.done(what === 'acknowledge' ? `${alert.title} is seen` : `${alert.title} is over`);
      refresh();
    }, toast.failure);
  const acts = (alert: ListedAlert) => (
    <>
      <Button
        icon={Check}
        className="max-sm:px-2"
        refusal={act}
        disabled={alert.status !== 'firing'}
        onClick={() => void set(alert, 'acknowledge')}
      >
        Mark as seen
      </Button>
      <Button
        icon={CheckCheck}
        className="max-sm:px-2"
        refusal={act}
        disabled={alert.status === 'resolved'}
        onClick={() => void set(alert, 'resolve')}
      >
        Mark as over
      </Button>
      <Button icon={BellOff} className="max-sm:px-2" refusal={manage} onClick={() => setSilenced(alert)}>
        Silence
      </Button>
    </>
  );
  return (
    <>
      <Answer
        of={alerts}
        what="The alerts"
        waiting={<SkeletonRows height={44} />}
        isEmpty={() => rows.length === 0}
        empty={
          isFiltered || view.state !== 'live' ? (
            <EmptyState
              icon={SearchX}
              title="No alert fits"
              action={
                <Button onClick={() => setView({ severity: '', outcome: '', source: '', q: '', state: 'all' })}>
                  Show all
                </Button>
              }
            >
              Nothing that was reported meets these filters.
            </EmptyState>
          ) : (
            <EmptyState
              icon={BellRing}
              title={hasSources ? 'Nothing fires' : 'Nothing sends alerts yet'}
              action={
                hasSources ? (
                  <Button onClick={() => setView({ state: 'all' })}>Show what is over</Button>
                ) : (
                  <Button
                    look="primary"
                    icon={Plus}
                    refusal={manage}
                    onClick={() => setView({ show: 'sources', edit: 'new' })}
                  >
                    New source
                  </Button>
                )
              }
            >
              {hasSources
                ? 'Alerts stand here from their first report until their sender says that they are over.'
                : 'A source gives Alertmanager, Grafana, Datadog or anything else an address to send to.'}
            </EmptyState>
          )
        }
      >
        {() => (
          <DataTable<ListedAlert>
            label="Alerts"
            rows={rows}
            columns={alertColumns}
            rowId={({ id }) => id}
            rowHeight={46}
            versionOf={({ status, count, outcome, lastSeenAt, incident }) =>
              `${status} ${count} ${outcome} ${lastSeenAt} ${incident?.id}`
            }
            nameOf={({ title }) => title}
            active={view.sel}
            onOpen={({ id }) => setView({ sel: id })}
            onMore={() => void (alerts.hasNextPage && !alerts.isFetchingNextPage && alerts.fetchNextPage())}
            rowMenu={(alert) => (
              <Menu label={`Acts on ${alert.title}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
                <MenuItem
                  icon={Check}
                  refusal={act ?? (alert.status === 'firing' ? null : 'It does not fire, or somebody has seen it.')}
                  onSelect={() => void set(alert, 'acknowledge')}
                >
                  Mark as seen
                </MenuItem>
                <MenuItem
                  icon={CheckCheck}
                  refusal={act ?? (alert.status === 'resolved' ? 'It is over already.' : null)}
                  onSelect={() => void set(alert, 'resolve')}
                >
                  Mark as over
                </MenuItem>
                <MenuItem icon={BellOff} refusal={manage} onSelect={() => setSilenced(alert)}>
                  Silence
                </MenuItem>
              </Menu>
            )}
          />
        )}
      </Answer>
      <Drawer
        isOpen={view.sel !== ''}
        onClose={() => setView({ sel: '' })}
        title={open?.title ?? 'Alert'}
        width={520}
        foot={open && acts(open)}
      >
        {view.sel !== '' && <AlertDetail id={view.sel} />}
      </Drawer>
      {silenced && (
        <SilenceForm
          silence={null}
          draft={silenceOf(silenced)}
          onClose={() => setSilenced(null)}
          onSaved={({ name }) => {
            toast.done(`${name} holds`);
            setSilenced(null);
            refresh();
            void client.invalidateQueries({ queryKey: ['silences'] });
          }}
        />
      )}
    </>
  );
}
