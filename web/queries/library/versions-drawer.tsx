import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { GitBranch, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { QueryVersion, SavedQuery } from '#contracts/queries/saved-queries.ts';
import { api } from '../../kit/api.ts';
import { cx } from '../../kit/cx.ts';
import { Go } from '../../kit/navigation.tsx';
import { useRefusal } from '../../kit/session.ts';
import { useSaved } from './use-saved.ts';
import { compareTexts } from '../../playbooks/document/compare-texts.ts';
import { Answer } from '../../ui/answer.tsx';
import { Button } from '../../ui/button.tsx';
import { DiffLines } from '../../ui/diff-lines.tsx';
import { Drawer } from '../../ui/dialog.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';

interface VersionsDrawerProps {
  queryId: string;
  title: string;
  /** The text of the open tab, where it is of this query. */
  draft: string | null;
  onClose: () => void;
  onRestored: (query: SavedQuery) => void;
  onFork: (version: QueryVersion) => void;
}

/** Where a fork comes from. Who may not see that query any more is told so. */
function Lineage({ of: { id, version } }: { of: { id: string; version: number } }) {
  const origin = useSaved(id);
  return (
    <span className="text-text-2">
      {origin.data ? (
        <>
          {'Forked from '}
          <Go to="/queries" search={{ open: id }} className="text-accent hover:underline max-sm:leading-[44px]">
            <bdi>{origin.data.name}</bdi>
          </Go>
          {`, v${version}`}
        </>
      ) : (
        `Forked from v${version} of a query that ${origin.error ? 'is not there for you' : 'is being read'}`
      )}
    </span>
  );
}

/** Every version of a saved query; one against the one before it, or against what is typed now. */
export function VersionsDrawer({ queryId, title, draft, onClose, onRestored, onFork }: VersionsDrawerProps) {
  const client = useQueryClient();
  const refusal = useRefusal()('queries:edit');
  const [chosen, setChosen] = useState<number | null>(null);
  const [against, setAgainst] = useState<'before' | 'draft'>('before');
  const [busy, setBusy] = useState(0);
  const saved = useSaved(queryId);
  const versions = useInfiniteQuery({
    queryKey: ['queries', 'versions', queryId],
    queryFn: ({ signal, pageParam }) =>
      api.listQueryVersions({ params: { id: queryId }, query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  const restore = async (version: number) => {
    setBusy(version);
    try {
      const query = await api.restoreQueryVersion({ params: { id: queryId, version } });
      await client.invalidateQueries({ queryKey: ['queries'] });
      onRestored(query);
      toast.done(`Version ${version} is back, as version ${query.version}`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(0);
    }
  };
  return (
    <Drawer isOpen onClose={onClose} title={`Versions of ${saved.data?.name ?? title}`} width={860}>
      <Answer of={versions} what="The versions" waiting={<SkeletonLines lines={8} />}>
        {({ pages }) => {
          const all = pages.flatMap(({ data }) => data);
          const newest = all[0]?.version ?? 0;
          const at = all.find(({ version }) => version === (chosen ?? newest));
          const before = all.find(({ version }) => version === (at?.version ?? 0) - 1);
          const isDraft = against === 'draft' && draft !== null;
          return (
            <div className="grid min-h-full grid-cols-[264px_minmax(0,1fr)] max-sm:grid-cols-1">
              <ol className="overflow-auto border-r border-line p-1.5">
                {all.map((version) => (
                  <li key={version.version} className={cx('rounded-md', at === version && 'bg-fill')}>
                    <button
                      type="button"
                      aria-current={at === version || undefined}
                      onClick={() => setChosen(version.version)}
                      className="w-full rounded-md px-2.5 py-2 text-left focus-visible:outline-offset-[-2px]"
                    >
                      <span className="flex items-baseline gap-2">
                        <b className="num font-medium">{`v${version.version}`}</b>
                        <bdi className="min-w-0 flex-1 truncate text-text-2" title={version.note}>
                          {version.note || (version.restoredFrom ? `v${version.restoredFrom} again` : 'No note')}
                        </bdi>
                      </span>
                      <span className="block truncate text-meta text-text-3">
                        {version.savedBy.name} · <RelativeTime at={version.savedAt} />
                      </span>
                    </button>
                    {at === version && (
                      <span className="flex flex-wrap gap-2 px-2.5 pb-2">
                        {version.version !== newest && (
                          <Button
                            size="sm"
                            icon={RotateCcw}
                            refusal={refusal}
                            busy={busy === version.version}
                            onClick={() => void restore(version.version)}
                          >
                            Restore
                          </Button>
                        )}
                        <Button size="sm" icon={GitBranch} onClick={() => onFork(version)}>
                          Fork
                        </Button>
                      </span>
                    )}
                  </li>
                ))}
                {versions.hasNextPage && (
                  <li className="p-2">
                    <Button size="sm" busy={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
                      Show older versions
                    </Button>
                  </li>
                )}
              </ol>
              <div className="flex min-w-0 flex-col">
                <div className="flex min-h-[34px] flex-none flex-wrap items-center gap-2.5 border-b border-line px-4 py-1 text-meta">
                  <span className="font-medium">
                    {isDraft
                      ? `What is typed now against v${at?.version ?? 0}`
                      : `v${at?.version ?? 0} against ${before ? `v${before.version}` : 'nothing'}`}
                  </span>
                  {saved.data?.forkedFrom && <Lineage of={saved.data.forkedFrom} />}
                  {draft !== null && (
                    <Button
                      size="sm"
                      look="ghost"
                      className="ml-auto"
                      onClick={() => setAgainst(isDraft ? 'before' : 'draft')}
                    >
                      {isDraft ? 'Against the version before' : 'Against what is typed now'}
                    </Button>
                  )}
                </div>
                {at && (
                  <DiffLines
                    key={`${at.version} ${against}`}
                    lines={
                      isDraft ? compareTexts(at.body.sql, draft) : compareTexts(before?.body.sql ?? '', at.body.sql)
                    }
                  />
                )}
              </div>
            </div>
          );
        }}
      </Answer>
    </Drawer>
  );
}
