import { useQueryClient } from '@tanstack/react-query';
import { BadgeCheck, Bookmark, Ellipsis, Folder, GitBranch, Lock, Star, Trash2 } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import type { SavedQuerySummary } from '#contracts/queries/saved-queries.ts';
import { api } from '../../kit/api.ts';
import { cx } from '../../kit/cx.ts';
import { useMe, useRefusal } from '../../kit/session.ts';
import { Answer } from '../../ui/answer.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Tag } from '../../ui/card.tsx';
import { AlertDialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';
import { LibraryPanel } from './library-panel.tsx';
import { engineWords } from '../connections.ts';
import { HeadDialog } from './head-dialog.tsx';
import { useFolders, useSavedList, type SavedFilter } from './use-saved.ts';

interface SavedPanelProps {
  /** The query of the tab that is open. */
  current: string | null;
  onOpen: (id: string) => void;
  onVersions: (id: string) => void;
  onFork: (id: string) => void;
}

/** The library: folders, favourites, reviewed queries; opened, renamed, moved, shared, forked and deleted. */
export function SavedPanel({ current, onOpen, onVersions, onFork }: SavedPanelProps) {
  const client = useQueryClient();
  const { user } = useMe();
  const refusal = useRefusal()('queries:edit');
  const [q, setQ] = useState('');
  const [folder, setFolder] = useState('');
  const [which, setWhich] = useState<SavedFilter['which']>('all');
  const [changing, setChanging] = useState<SavedQuerySummary | null>(null);
  const [deleting, setDeleting] = useState<SavedQuerySummary | null>(null);
  const folders = useFolders();
  const list = useSavedList({ q: useDeferredValue(q.trim()), folder, which });
  const fresh = () => client.invalidateQueries({ queryKey: ['queries'] });
  const mark = async (id: string, body: { favourite?: boolean; reviewed?: boolean }) => {
    try {
      await api.markQuery({ params: { id }, body });
      await fresh();
    } catch (error) {
      toast.failure(error);
    }
  };
  const isFiltered = q !== '' || folder !== '' || which !== 'all';
  return (
    <LibraryPanel
      testId="queries.saved"
      q={q}
      onQ={setQ}
      label="Search saved queries"
      placeholder="Name, text or #tag"
      filters={
        <>
          <Segmented
            label="Which queries"
            value={which}
            onValue={setWhich}
            options={[
              { value: 'all', label: 'All' },
              { value: 'favourite', label: 'Favourites' },
              { value: 'mine', label: 'Mine' },
            ]}
          />
          {(folders.data?.length ?? 0) > 0 && (
            <Select
              size="sm"
              label="Folder"
              className="w-auto! min-w-[108px] flex-1 max-sm:h-11"
              value={folder}
              onValue={setFolder}
              options={[
                { value: '', label: 'All folders' },
                ...(folders.data ?? [])
                  .filter((one) => one.folder !== '')
                  .map((one) => ({ value: one.folder, label: `${one.folder} (${one.queries})` })),
              ]}
            />
          )}
        </>
      }
    >
      <div className="min-h-0 flex-1 overflow-auto pb-2">
        <Answer
          of={list}
          what="The saved queries"
          waiting={<SkeletonRows height={44} />}
          isEmpty={({ pages }) => pages[0]?.data.length === 0}
          empty={
            <EmptyState
              icon={Bookmark}
              title={isFiltered ? 'No query matches' : 'Nothing is saved yet'}
              action={
                isFiltered && (
                  <Button
                    onClick={() => {
                      setQ('');
                      setFolder('');
                      setWhich('all');
                    }}
                  >
                    Clear filters
                  </Button>
                )
              }
            >
              {!isFiltered && 'Save a query to keep every version of it, share it and schedule it.'}
            </EmptyState>
          }
        >
          {({ pages }) => (
            <ul className="px-1.5">
              {pages
                .flatMap(({ data }) => data)
                .map((query, index, all) => (
                  <SavedRow
                    key={query.id}
                    query={query}
                    isOn={query.id === current}
                    head={folder === '' && query.folder !== (all[index - 1]?.folder ?? '') ? query.folder : null}
                    isOwn={query.owner.id === user.id}
                    refusal={refusal}
                    onOpen={() => onOpen(query.id)}
                    onVersions={() => onVersions(query.id)}
                    onFork={() => onFork(query.id)}
                    onMark={(body) => void mark(query.id, body)}
                    onChange={() => setChanging(query)}
                    onDelete={() => setDeleting(query)}
                  />
                ))}
            </ul>
          )}
        </Answer>
        {list.hasNextPage && (
          <div className="px-3 py-2">
            <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          </div>
        )}
      </div>
      {changing && <HeadDialog query={changing} onClose={() => setChanging(null)} onDone={() => void fresh()} />}
      <AlertDialog
        isOpen={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete “${deleting?.name ?? ''}”?`}
        act="Delete query"
        {...(deleting && deleting.sharing === 'workspace' && { typeName: deleting.name })}
        onAct={async () => {
          if (!deleting) return;
          await api.deleteQuery({ params: { id: deleting.id } });
          setDeleting(null);
          await fresh();
          toast.done('The query is deleted');
        }}
      >
        All its versions go. Its runs stay in the history, and tabs that show it keep their text.
      </AlertDialog>
    </LibraryPanel>
  );
}

interface SavedRowProps {
  query: SavedQuerySummary;
  isOn: boolean;
  /** The folder's name, on its first query. */
  head: string | null;
  isOwn: boolean;
  refusal: string | null;
  onOpen: () => void;
  onVersions: () => void;
  onFork: () => void;
  onMark: (body: { favourite?: boolean; reviewed?: boolean }) => void;
  onChange: () => void;
  onDelete: () => void;
}

function SavedRow({
  query,
  isOn,
  head,
  isOwn,
  refusal,
  onOpen,
  onVersions,
  onFork,
  onMark,
  onChange,
  onDelete,
}: SavedRowProps) {
  return (
    <>
      {head && (
        <li className="flex items-center gap-1.5 px-2 pt-2.5 pb-1 text-meta font-medium text-text-3">
          <Icon of={Folder} size={13} />
          <bdi className="truncate">{head}</bdi>
        </li>
      )}
      <li className={cx('flex items-center rounded-md', isOn ? 'bg-accent-soft' : 'hover:bg-fill')}>
        <button
          type="button"
          aria-current={isOn || undefined}
          onClick={onOpen}
          className="min-w-0 flex-1 rounded-md px-2 py-1.5 text-left focus-visible:outline-offset-[-2px] max-sm:min-h-14"
        >
          <span className="flex items-center gap-1.5">
            <bdi className="truncate font-medium" title={query.name}>
              {query.name}
            </bdi>
            {query.sharing === 'private' && (
              <span title="Only its owner sees it" className="text-text-3">
                <Icon of={Lock} size={12} />
                <span className="sr-only">, private</span>
              </span>
            )}
            {query.reviewed && (
              <span title={`Reviewed by ${query.reviewed.by.name ?? 'somebody'}`} className="text-ok-fg">
                <Icon of={BadgeCheck} size={13} />
                <span className="sr-only">, reviewed</span>
              </span>
            )}
          </span>
          <span className="flex min-w-0 items-center gap-1 text-meta text-text-3">
            <span className="truncate">{`${engineWords[query.engine]} · v${query.version} · ${isOwn ? 'yours' : (query.owner.name ?? '')}`}</span>
            {query.tags.slice(0, 2).map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </span>
        </button>
        <IconButton
          icon={Star}
          size="sm"
          label={query.isFavourite ? 'No favourite any more' : 'Make it a favourite'}
          aria-pressed={query.isFavourite}
          className={query.isFavourite ? 'text-wait-fg [&_svg]:fill-current' : ''}
          onClick={() => onMark({ favourite: !query.isFavourite })}
        />
        <Menu
          label={query.name}
          trigger={
            <Button
              look="ghost"
              size="sm"
              icon={Ellipsis}
              aria-label={`More for ${query.name}`}
              className="mr-1 w-[26px] px-0! max-sm:w-11"
            />
          }
        >
          <MenuItem onSelect={onVersions}>Versions …</MenuItem>
          <MenuItem icon={GitBranch} onSelect={onFork}>
            Fork into a new tab
          </MenuItem>
          <MenuItem refusal={refusal} onSelect={onChange}>
            Rename, move, share …
          </MenuItem>
          <MenuItem
            icon={BadgeCheck}
            refusal={refusal ?? (isOwn ? 'Somebody else has to look at it.' : null)}
            onSelect={() => onMark({ reviewed: query.reviewed === null })}
          >
            {query.reviewed ? 'Take the reviewed mark away' : 'Mark as reviewed'}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={Trash2} danger refusal={refusal} onSelect={onDelete}>
            Delete …
          </MenuItem>
        </Menu>
      </li>
    </>
  );
}
