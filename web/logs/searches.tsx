import { useQueryClient } from '@tanstack/react-query';
import { Bell, Ellipsis, Pencil, Search, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { AlertSeverity } from '#contracts/alerts/severity.ts';
import type { LogAlert, SavedLogSearch } from '#contracts/logs/logs.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { Answer } from '../ui/answer.tsx';
import { IconButton } from '../ui/button.tsx';
import { Card, SectionHead, Tag } from '../ui/card.tsx';
import { SwitchRow } from '../ui/choice.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { type Change, type LogsView, useLogSearches } from './logs.ts';

/** Searches that are made again, some of which raise an alert. */
export function Searches({
  view,
  onView,
  refusal,
  add,
}: {
  view: LogsView;
  onView: Change;
  refusal: string | null;
  add: ReactNode;
}) {
  const client = useQueryClient();
  const searches = useLogSearches();
  const [gone, setGone] = useState<SavedLogSearch | null>(null);
  const refresh = () => void client.invalidateQueries({ queryKey: ['log-searches'] });
  const edited = searches.data?.data.find(({ id }) => id === view.edit) ?? null;
  return (
    <>
      <Answer
        of={searches}
        what="The saved searches"
        isEmpty={({ data }) => data.length === 0}
        empty={
          <EmptyState icon={Bell} title="No saved search yet" action={add}>
            A saved search can raise an alert when too many lines fit it.
          </EmptyState>
        }
      >
        {({ data }) => (
          <div className="grid gap-4 px-5 py-4 lg:grid-cols-2 max-sm:px-4">
            {data.map((search) => (
              <Card key={search.id} label={search.name}>
                <SectionHead
                  title={search.name}
                  end={
                    <>
                      {search.alert && (
                        <Tag tone={search.state === 'firing' ? 'fail' : 'ok'}>
                          {search.state === 'firing' ? 'firing' : 'quiet'}
                        </Tag>
                      )}
                      <Menu
                        label={`Acts on ${search.name}`}
                        trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}
                      >
                        <MenuItem
                          icon={Search}
                          onSelect={() => onView({ show: 'lines', q: search.search, source: '' })}
                        >
                          Show its lines
                        </MenuItem>
                        <MenuItem icon={Pencil} refusal={refusal} onSelect={() => onView({ edit: search.id })}>
                          Edit
                        </MenuItem>
                        <MenuItem icon={Trash2} danger refusal={refusal} onSelect={() => setGone(search)}>
                          Delete saved search
                        </MenuItem>
                      </Menu>
                    </>
                  }
                />
                <div className="flex flex-col gap-1 border-t border-line px-3.5 py-2.5 text-meta">
                  <code className="font-mono text-[11.5px] break-words">{search.search || 'any line'}</code>
                  <span className="text-text-2">{alertWords(search.alert)}</span>
                  {search.stateAt && (
                    <span className="text-text-3">
                      {search.state === 'firing' ? 'Firing since ' : 'Quiet since '}
                      <RelativeTime at={search.stateAt} />
                    </span>
                  )}
                </div>
              </Card>
            ))}
          </div>
        )}
      </Answer>
      {(view.edit === 'new' || edited) && (
        <SearchForm
          key={view.edit}
          saved={edited}
          search={view.q}
          onClose={() => onView({ edit: '' })}
          onSaved={(name) => {
            refresh();
            toast.done(`${name} is saved`);
            onView({ edit: '' }, 'replace');
          }}
        />
      )}
      <AlertDialog
        isOpen={gone !== null}
        onClose={() => setGone(null)}
        title={`Delete ${gone?.name ?? ''}?`}
        act="Delete saved search"
        onAct={async () => {
          if (!gone) return;
          await api.deleteLogSearch({ params: { id: gone.id } });
          toast.done(`${gone.name} is deleted`);
          setGone(null);
          refresh();
        }}
      >
        An alert that it raised is resolved.
      </AlertDialog>
    </>
  );
}

const alertWords = (alert: LogAlert | null): string =>
  alert === null
    ? 'Raises no alert'
    : `Raises a ${alert.severity} alert at ${alert.threshold} ${alert.threshold === 1 ? 'line' : 'lines'} within ${alert.withinMinutes} min`;

function SearchForm({
  saved,
  search: given,
  onClose,
  onSaved,
}: {
  saved: SavedLogSearch | null;
  search: string;
  onClose: () => void;
  onSaved: (name: string) => void;
}) {
  const [name, setName] = useState(saved?.name ?? '');
  const [search, setSearch] = useState(saved?.search ?? given);
  const [isAlert, setIsAlert] = useState(saved ? saved.alert !== null : true);
  const [alert, setAlert] = useState<LogAlert>(
    saved?.alert ?? { threshold: 10, withinMinutes: 5, severity: 'warning' },
  );
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('logs:manage');
  const offline = useOffline();
  const isWhole = name.trim() !== '' && (!isAlert || (alert.threshold >= 1 && alert.withinMinutes >= 1));
  const save = async () => {
    const body = { name, search, alert: isAlert ? alert : null };
    await send(async () => {
      if (saved) await api.changeLogSearch({ params: { id: saved.id }, body, ifMatch: `"${saved.version}"` });
      else await api.createLogSearch({ body });
      onSaved(name.trim());
    });
  };
  return (
    <DrawerForm
      title={saved ? `Edit ${saved.name}` : 'New saved search'}
      act="Save search"
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!isWhole}
      failure={failure}
      onClose={onClose}
      onSubmit={save}
    >
      <Field label="Name" required hint="It is the title of the alert.">
        {(slot) => (
          <Input {...slotProps(slot)} autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label="Search" hint='Words, "a phrase", service=checkout, -host=web-1. Empty: any line.'>
        {(slot) => (
          <Input {...slotProps(slot)} mono value={search} onChange={(event) => setSearch(event.target.value)} />
        )}
      </Field>
      <SwitchRow
        className="border-t border-line pt-4"
        label="Raises an alert"
        hint="When too many lines fit it."
        checked={isAlert}
        onChecked={setIsAlert}
      />
      {isAlert && (
        <>
          <Field label="At so many lines">
            {(slot) => (
              <Input
                {...slotProps(slot)}
                type="number"
                min={1}
                value={alert.threshold}
                onChange={(event) => setAlert({ ...alert, threshold: Math.floor(event.target.valueAsNumber) || 0 })}
              />
            )}
          </Field>
          <Field label="Within minutes" hint="It is resolved when fewer lines fit in as many minutes.">
            {(slot) => (
              <Input
                {...slotProps(slot)}
                type="number"
                min={1}
                max={1440}
                value={alert.withinMinutes}
                onChange={(event) => setAlert({ ...alert, withinMinutes: Math.floor(event.target.valueAsNumber) || 0 })}
              />
            )}
          </Field>
          <Field label="Severity">
            {(slot) => (
              <Select
                id={slot.id}
                value={alert.severity}
                onValue={(severity) => setAlert({ ...alert, severity: severity as LogAlert['severity'] })}
                options={AlertSeverity.options.map((value) => ({ value, label: value }))}
              />
            )}
          </Field>
        </>
      )}
    </DrawerForm>
  );
}
