import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ChevronDown, Plus, Save, Share2, Trash2, Users } from 'lucide-react';
import { memo, useState } from 'react';
import type { RunView } from '#contracts/runs/run-views.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import type { Raw } from '../kit/search.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input } from '../ui/input.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Tabs, type Tab } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';
import { noFilters, type RunsView, searchOfView, viewQuery } from './runs-view.ts';

interface SavedViewsProps {
  view: RunsView;
  onView: (changes: Partial<RunsView>) => void;
  counts: Readonly<Record<string, number>>;
}

/** The views of the list as tabs: those that everybody has, one's own, and those that others share. */
export const SavedViews = memo(function SavedViews({ view, onView, counts }: SavedViewsProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const raw = useSearch({ strict: false }) as Raw;
  const offline = useOffline();
  const [isSaving, setSaving] = useState(false);
  const saved = useQuery({ queryKey: ['run-views'], queryFn: ({ signal }) => api.listRunViews({ signal }) });
  const views = saved.data ?? [];
  const current = views.find(({ id }) => id === view.view);
  const now = viewQuery(raw);
  const isChanged = current !== undefined && now !== viewQuery(Object.fromEntries(new URLSearchParams(current.query)));
  const alive = (counts['running'] ?? 0) + (counts['waiting'] ?? 0) + (counts['queued'] ?? 0);
  const refresh = () => client.invalidateQueries({ queryKey: ['run-views'] });
  const change = useMutation({
    mutationFn: (changes: { query?: string; isShared?: boolean }) =>
      api.changeRunView({ params: { id: current?.id ?? '' }, body: changes }),
    onSuccess: ({ name, isShared }, changes) => {
      void refresh();
      toast.done(
        changes.query !== undefined ? `${name} saved` : isShared ? `${name} is shared` : `${name} is yours alone`,
      );
    },
    onError: toast.failure,
  });
  const remove = async (gone: RunView) => {
    try {
      await api.deleteRunView({ params: { id: gone.id } });
      void refresh();
      onView({ view: 'all' });
      const { name, query, isShared } = gone;
      toast.done(`${name} deleted`, {
        undo: () => void api.saveRunView({ body: { name, query, isShared } }).then(refresh, toast.failure),
      });
    } catch (error) {
      toast.failure(error);
    }
  };
  const tabs: Tab<string>[] = [
    { value: 'all', label: 'All' },
    { value: 'alive', label: 'Now', count: alive },
    { value: 'waiting', label: 'Waiting for people', count: counts['waiting'] ?? 0 },
    { value: 'failed', label: 'Failed' },
    { value: 'mine', label: 'Mine' },
    ...views.map(({ id, name, isShared, owner, isMine }) => ({
      value: id,
      label: (
        <>
          <bdi className="max-w-40 truncate" title={isMine ? name : `${name}, shared by ${owner.name}`}>
            {name}
          </bdi>
          {isShared && <Icon of={Users} size={12} className="text-text-3" />}
          {id === current?.id && isChanged && (
            <span title="Changed since it was saved" className="size-[5px] rounded-full bg-wait-solid">
              <span className="sr-only">, changed</span>
            </span>
          )}
        </>
      ),
    })),
  ];
  return (
    <div className="flex flex-none items-center border-b border-line">
      <Tabs
        label="Views"
        panelId="runs-list"
        className="min-w-0 border-b-0!"
        value={tabs.some(({ value }) => value === view.view) ? view.view : 'all'}
        onValue={(next) => {
          const chosen = views.find(({ id }) => id === next);
          if (chosen) void navigate({ to: '.', search: searchOfView(chosen.id, chosen.query) as never });
          // From a saved view one leaves with nothing narrowed; between the others what is narrowed stays.
          else
            onView(
              current
                ? { ...noFilters, status: [], kind: [], trigger: [], error: [], view: next }
                : { view: next, status: [] },
            );
        }}
        tabs={tabs}
      />
      {current?.isMine ? (
        <Menu
          label={`Acts on the view ${current.name}`}
          align="start"
          trigger={<IconButton icon={ChevronDown} size="sm" label={`More about the view ${current.name}`} />}
        >
          <MenuItem
            icon={Save}
            refusal={offline ?? (isChanged ? null : 'It is as it was saved.')}
            onSelect={() => change.mutate({ query: now })}
          >
            Save changes
          </MenuItem>
          <MenuItem icon={Plus} onSelect={() => setSaving(true)}>
            Save as another view
          </MenuItem>
          <MenuItem icon={Share2} refusal={offline} onSelect={() => change.mutate({ isShared: !current.isShared })}>
            {current.isShared ? 'Keep to myself' : 'Share with the workspace'}
          </MenuItem>
          <MenuItem icon={Trash2} danger refusal={offline} onSelect={() => void remove(current)}>
            Delete view
          </MenuItem>
        </Menu>
      ) : (
        <Button look="ghost" size="sm" icon={Plus} className="mr-5 max-sm:hidden" onClick={() => setSaving(true)}>
          Save view
        </Button>
      )}
      {isSaving && (
        <SaveDialog
          query={now}
          onClose={() => setSaving(false)}
          onSaved={(made) => {
            void refresh();
            void navigate({ to: '.', search: searchOfView(made.id, made.query) as never });
          }}
        />
      )}
    </div>
  );
});

function SaveDialog({
  query,
  onClose,
  onSaved,
}: {
  query: string;
  onClose: () => void;
  onSaved: (view: RunView) => void;
}) {
  const offline = useOffline();
  const [name, setName] = useState('');
  const [isShared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () => api.saveRunView({ body: { name: name.trim(), query, isShared } }),
    onSuccess: (view) => {
      toast.done(`${view.name} saved`);
      onSaved(view);
      onClose();
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  const act = () => name.trim() && save.mutate();
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={420}
      title="Save view"
      description="The filters and the order of the list, under a name."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={save.isPending} refusal={offline} disabled={!name.trim()} onClick={act}>
            Save view
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          act();
        }}
      >
        <Field label="Name" required error={failure?.message}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={name}
              maxLength={120}
              autoComplete="off"
              placeholder="Failed on the edge today"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Checkbox checked={isShared} onChecked={setShared} label="Share with the workspace" />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
