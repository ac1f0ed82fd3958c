import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { DiffLines, type DiffLine } from '../ui/diff-lines.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { compareTexts } from './document/compare-texts.ts';

/** In the address, the draft is version 0. */
const DRAFT = 0;

interface VersionsPanelProps {
  playbook: Playbook;
  /** What is being written, where it differs from the newest version. */
  draft: string | null;
  from: number | undefined;
  to: number | undefined;
  onCompare: (from: number | undefined, to: number | undefined) => void;
  onRestored: (playbook: Playbook) => void;
  mayEdit: string | null;
}

/** Every version with who and why; any two compare; an old one can be made the newest again. */
export function VersionsPanel({ playbook, draft, from, to, onCompare, onRestored, mayEdit }: VersionsPanelProps) {
  const [busy, setBusy] = useState(0);
  const versions = useInfiniteQuery({
    queryKey: ['playbook', playbook.id, 'versions'],
    queryFn: ({ signal, pageParam }) =>
      api.listPlaybookVersions({ params: { id: playbook.id }, query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  const after = to === 0 && draft === null ? playbook.version : (to ?? (draft === null ? playbook.version : DRAFT));
  const before = from ?? (after === DRAFT ? playbook.version : after - 1);
  const restore = async (version: number) => {
    setBusy(version);
    try {
      const restored = await api.restorePlaybookVersion({ params: { id: playbook.id, version } });
      onRestored(restored);
      toast.done(`Version ${version} is back, as version ${restored.version}`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(0);
    }
  };
  return (
    <div className="grid h-full grid-cols-[288px_minmax(0,1fr)] max-sm:grid-cols-1">
      <div className="overflow-auto border-r border-line p-1.5">
        <Answer of={versions} what="The versions" waiting={<SkeletonLines />}>
          {({ pages }) => (
            <ol>
              {draft !== null && (
                <li
                  className={cx(
                    'flex min-h-[43px] items-center rounded-md px-2',
                    after === DRAFT ? 'bg-accent-soft' : 'hover:bg-sunken',
                  )}
                >
                  <button
                    type="button"
                    aria-current={after === DRAFT || undefined}
                    onClick={() => onCompare(playbook.version, DRAFT)}
                    className="min-w-0 flex-1 text-left leading-[17px]"
                  >
                    <span className="font-medium">Draft</span>
                    <span className="block text-meta text-text-2">you, not saved yet</span>
                  </button>
                </li>
              )}
              {pages
                .flatMap(({ data }) => data)
                .map((version) => {
                  const isAfter = version.version === after;
                  const isBefore = version.version === before;
                  return (
                    <li
                      key={version.version}
                      className={cx(
                        'group flex min-h-[43px] items-center gap-2 rounded-md px-2',
                        isAfter ? 'bg-accent-soft' : isBefore ? 'bg-sunken' : 'hover:bg-sunken',
                      )}
                    >
                      <button
                        type="button"
                        aria-current={isAfter || undefined}
                        onClick={() => onCompare(version.version > 1 ? version.version - 1 : 1, version.version)}
                        className="min-w-0 flex-1 text-left leading-[17px]"
                      >
                        <span className="num font-medium">{`v${version.version}`}</span>
                        {version.version === playbook.version && <span className="text-text-2"> in use</span>}
                        <span className="block truncate text-meta text-text-2" title={version.note ?? undefined}>
                          {version.author.name} · <RelativeTime at={version.createdAt} />
                          {version.note ? ` · ${version.note}` : ''}
                        </span>
                      </button>
                      <span className="hidden flex-none gap-1 group-focus-within:flex group-hover:flex">
                        {!isAfter && (
                          <Button
                            size="sm"
                            look="ghost"
                            onClick={() =>
                              after === DRAFT
                                ? onCompare(version.version, DRAFT)
                                : onCompare(Math.min(version.version, after), Math.max(version.version, after))
                            }
                          >
                            Compare
                          </Button>
                        )}
                        {version.version !== playbook.version && (
                          <Button
                            size="sm"
                            icon={RotateCcw}
                            busy={busy === version.version}
                            refusal={mayEdit}
                            onClick={() => void restore(version.version)}
                          >
                            Restore
                          </Button>
                        )}
                      </span>
                    </li>
                  );
                })}
              {versions.hasNextPage && (
                <li className="p-2">
                  <Button size="sm" busy={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
                    Show older versions
                  </Button>
                </li>
              )}
            </ol>
          )}
        </Answer>
      </div>
      <div className="flex min-h-0 flex-col">
        {before < 1 ? (
          <p className="px-4 py-3 text-meta text-text-2">The first version has nothing to compare with.</p>
        ) : after === DRAFT && draft !== null ? (
          <DraftComparison id={playbook.id} from={before} newest={playbook} draft={draft} />
        ) : (
          <Comparison id={playbook.id} from={before} to={after} />
        )}
      </div>
    </div>
  );
}

function DraftComparison({ id, from, newest, draft }: { id: string; from: number; newest: Playbook; draft: string }) {
  const isNewest = from === newest.version;
  const version = useQuery({
    queryKey: ['playbook', id, 'version', from],
    queryFn: ({ signal }) => api.getPlaybookVersion({ params: { id, version: from }, signal }),
    enabled: !isNewest,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const before = isNewest ? newest.yaml : version.data?.yaml;
  if (before === undefined) return <SkeletonLines />;
  return <Lines title={`Draft against v${from}`} lines={compareTexts(before, draft)} />;
}

function Lines({ title, lines }: { title: string; lines: readonly DiffLine[] }) {
  return (
    <>
      <div className="num flex h-[34px] flex-none items-center gap-2.5 border-b border-line px-4 text-meta">
        <span className="font-medium">{title}</span>
        <span className="text-ok-fg">{`+${lines.filter(({ kind }) => kind === 'added').length}`}</span>
        <span className="text-fail-fg">{`−${lines.filter(({ kind }) => kind === 'removed').length}`}</span>
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        <DiffLines lines={lines} />
      </div>
    </>
  );
}

function Comparison({ id, from, to }: { id: string; from: number; to: number }) {
  const comparison = useQuery({
    queryKey: ['playbook', id, 'compare', from, to],
    queryFn: ({ signal }) => api.comparePlaybookVersions({ params: { id }, query: { from, to }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Answer of={comparison} what="The comparison" waiting={<SkeletonLines />}>
      {({ lines }) => <Lines title={`v${to} against v${from}`} lines={lines} />}
    </Answer>
  );
}
