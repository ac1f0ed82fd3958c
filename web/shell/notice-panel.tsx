import { BellOff, CirclePause, CirclePlay, RotateCw, Server, type LucideIcon } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { Notice, NoticeKind } from '#contracts/notices/notices.ts';
import { cx } from '../kit/cx.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { Countdown, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { noticeWords } from './notice-words.ts';
import { useMarkSeen, useNotices } from './use-notices.ts';

/** What the person should know: what waits for their word on top, the rest newest first. */
export default function NoticePanel({ onGo }: { onGo: () => void }) {
  const notices = useNotices();
  const mark = useMarkSeen();
  const offline = useOffline();
  const panel = useRef<HTMLDivElement>(null);
  // It comes later than what it stands in: the focus goes on into it, so that its keys work at once.
  useEffect(() => panel.current?.focus(), []);
  const pages = notices.data?.pages ?? [];
  const waiting = pages[0]?.waiting ?? [];
  const told = pages.flatMap(({ data }) => data);
  const newest = [...waiting, ...told]
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  const hasNew = [...waiting, ...told].some(({ isNew }) => isNew);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step || event.metaKey || event.ctrlKey || event.altKey) return;
    const links = [...(panel.current?.querySelectorAll<HTMLElement>('a') ?? [])];
    const at = links.findIndex((link) => link === document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
    event.preventDefault();
  };
  return (
    // The keys of the list lead into it from wherever the focus is in the panel.
    <div
      ref={panel}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      className="flex min-h-0 flex-1 flex-col outline-none"
      data-testid="shell.notices"
    >
      <div className="flex h-10 flex-none items-center gap-2 border-b border-line pr-2 pl-3.5 max-sm:h-14">
        <h2 className="font-semibold max-sm:sr-only">Notices</h2>
        <Button
          size="sm"
          look="ghost"
          className="ml-auto"
          busy={mark.isPending}
          refusal={offline}
          disabled={!hasNew || newest === undefined}
          onClick={() => newest !== undefined && mark.mutate(newest)}
        >
          Mark all as read
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        <Answer
          of={{ ...notices, refetch: notices.refetch }}
          what="The notices"
          waiting={<SkeletonRows />}
          isEmpty={() => waiting.length + told.length === 0}
          empty={
            <EmptyState icon={BellOff} title="Nothing new.">
              Approvals asked of you and what became of your runs are told here.
            </EmptyState>
          }
        >
          {() => (
            <>
              <Section title="Waiting for you" notices={waiting} onGo={onGo} />
              <Section title={waiting.length > 0 ? 'Earlier' : null} notices={told} onGo={onGo} />
              {notices.hasNextPage && (
                <div className="p-2 text-center">
                  <Button size="sm" busy={notices.isFetchingNextPage} onClick={() => void notices.fetchNextPage()}>
                    Show older
                  </Button>
                </div>
              )}
            </>
          )}
        </Answer>
      </div>
    </div>
  );
}

function Section({ title, notices, onGo }: { title: string | null; notices: readonly Notice[]; onGo: () => void }) {
  if (notices.length === 0) return null;
  return (
    <section aria-label={title ?? 'Notices'}>
      {title && <h3 className="bg-sunken px-3.5 py-1.5 text-meta font-medium text-text-2">{title}</h3>}
      <ul>
        {notices.map((notice) => (
          <NoticeRow key={notice.id} notice={notice} onGo={onGo} />
        ))}
      </ul>
    </section>
  );
}

const icons: Partial<Record<NoticeKind, LucideIcon>> = {
  'server.unhealthy': Server,
  'system.restarted': RotateCw,
  'queue.drained': CirclePause,
  'queue.resumed': CirclePlay,
};

function NoticeRow({ notice, onGo }: { notice: Notice; onGo: () => void }) {
  const { title, detail, to, search, status } = noticeWords(notice);
  const icon = icons[notice.kind];
  return (
    <li className="border-b border-line last:border-b-0">
      <Go
        to={to}
        search={search}
        onClick={onGo}
        data-notice={notice.kind}
        data-new={notice.isNew}
        className="flex gap-2.5 px-3.5 py-2 hover:bg-sunken focus-visible:bg-sunken focus-visible:outline-offset-[-2px] max-sm:min-h-14"
      >
        <span className="mt-0.5 flex-none">
          {status ? (
            <StatusGlyph status={status} />
          ) : (
            icon && <Icon of={icon} className={notice.kind === 'server.unhealthy' ? 'text-fail-fg' : 'text-text-3'} />
          )}
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <bdi className={cx('min-w-0 flex-1 truncate', notice.isNew && 'font-medium')} title={title}>
              {title}
            </bdi>
            <RelativeTime at={notice.at} className="flex-none text-meta text-text-3" />
            {notice.isNew && (
              <i className="size-[7px] flex-none self-center rounded-full bg-accent">
                <span className="sr-only">new</span>
              </i>
            )}
          </span>
          {(detail || notice.expiresAt) && (
            <span className="flex gap-2 text-meta text-text-2">
              <bdi className="min-w-0 flex-1 truncate" title={detail}>
                {detail}
              </bdi>
              {notice.expiresAt && (
                <span className="flex-none text-wait-fg">
                  <Countdown until={notice.expiresAt} over="time is up" /> left
                </span>
              )}
            </span>
          )}
        </span>
      </Go>
    </li>
  );
}
