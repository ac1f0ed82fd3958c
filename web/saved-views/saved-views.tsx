import { type QueryKey, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Plus, Save, Share2, Trash2, Users } from 'lucide-react';
import { lazy, useState } from 'react';
import type { SavedView } from '#contracts/kit/saved-views.ts';
import { fetchLater } from '../kit/fetch-later.ts';
import { Later } from '../kit/later.tsx';
import { useOffline } from '../kit/live.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Tabs, type Tab } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';

// Nobody saves a view before the list stands.
const SaveDialog = lazy(async () => ({ default: (await fetchLater(() => import('./save-dialog.tsx'))).SaveDialog }));

type Fields = Pick<SavedView, 'name' | 'query' | 'isShared'>;

/** What a list's saved views are asked for and changed by. */
export interface ViewOperations {
  key: QueryKey;
  list: (signal: AbortSignal) => Promise<SavedView[]>;
  save: (view: Fields) => Promise<SavedView>;
  change: (id: string, changes: Partial<Fields>) => Promise<SavedView>;
  remove: (id: string) => Promise<unknown>;
}

interface SavedViewsProps {
  /** The views that everybody has; the first is shown where the chosen one is gone. */
  builtIn: readonly Tab<string>[];
  /** The one that is on: the name of one that everybody has, or the id of a saved one. */
  value: string;
  /** Another one that everybody has was chosen; from a saved one one leaves with nothing narrowed. */
  onBuiltIn: (name: string, isFromSaved: boolean) => void;
  /** A saved one was chosen, or has been saved. */
  onSaved: (view: SavedView) => void;
  onDeleted: () => void;
  /** What would be saved now, and a saved view's query as it would be saved now. */
  query: string;
  normal: (query: string) => string;
  operations: ViewOperations;
  panelId: string;
  /** A name such a view may have. */
  example: string;
}

/** The views of a list as tabs: those that everybody has, one's own, and those that others share. */
export function SavedViews(props: SavedViewsProps) {
  const { builtIn, value, onBuiltIn, onSaved, onDeleted, query, normal, operations, panelId, example } = props;
  const client = useQueryClient();
  const offline = useOffline();
  const [isSaving, setSaving] = useState(false);
  const saved = useQuery({ queryKey: operations.key, queryFn: ({ signal }) => operations.list(signal) });
  const views = saved.data ?? [];
  const current = views.find(({ id }) => id === value);
  const isChanged = current !== undefined && query !== normal(current.query);
  const refresh = () => client.invalidateQueries({ queryKey: operations.key });
  const change = useMutation({
    mutationFn: (changes: Partial<Fields>) => operations.change(current?.id ?? '', changes),
    onSuccess: ({ name, isShared }, changes) => {
      void refresh();
      toast.done(
        changes.query !== undefined ? `${name} saved` : isShared ? `${name} is shared` : `${name} is yours alone`,
      );
    },
    onError: toast.failure,
  });
  const remove = async (gone: SavedView) => {
    try {
      await operations.remove(gone.id);
      void refresh();
      onDeleted();
      const { name, query: kept, isShared } = gone;
      toast.done(`${name} deleted`, {
        undo: () => void operations.save({ name, query: kept, isShared }).then(refresh, toast.failure),
      });
    } catch (error) {
      toast.failure(error);
    }
  };
  const tabs: Tab<string>[] = [
    ...builtIn,
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
        panelId={panelId}
        className="min-w-0 border-b-0!"
        value={tabs.some((tab) => tab.value === value) ? value : (builtIn[0]?.value ?? '')}
        onValue={(next) => {
          const chosen = views.find(({ id }) => id === next);
          if (chosen) onSaved(chosen);
          else onBuiltIn(next, current !== undefined);
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
            onSelect={() => change.mutate({ query })}
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
      <Later isWanted={isSaving}>
        {isSaving && (
          <SaveDialog
            query={query}
            save={operations.save}
            example={example}
            onClose={() => setSaving(false)}
            onSaved={(made) => {
              void refresh();
              onSaved(made);
            }}
          />
        )}
      </Later>
    </div>
  );
}
