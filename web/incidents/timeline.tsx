import {
  ArrowRightLeft,
  BellRing,
  Bookmark,
  CircleCheckBig,
  Clock,
  Flame,
  GitMerge,
  Lightbulb,
  Link2,
  ListChecks,
  Megaphone,
  Pencil,
  Split,
  TrendingUp,
  TriangleAlert,
  Users,
  type LucideIcon,
} from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { TimelineEntry } from '#contracts/incidents/incidents.ts';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { Go } from '../kit/navigation.tsx';
import { useMe } from '../kit/session.ts';
import { useRun } from '../runs/runs.ts';
import { progressWords } from '../runs/run-words.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Textarea } from '../ui/input.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Avatar } from '../ui/person.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { toast } from '../ui/toast.tsx';
import type { useTimeline } from './incidents.ts';

type Kind = TimelineEntry['kind'];
const icons: Readonly<Record<Kind, LucideIcon>> = {
  opened: Flame,
  moved: ArrowRightLeft,
  changed: Pencil,
  note: Pencil,
  task: CircleCheckBig,
  link: Link2,
  responder: Users,
  alert: BellRing,
  mark: Bookmark,
  sla_warned: Clock,
  sla_breached: TriangleAlert,
  escalated: TrendingUp,
  told: Megaphone,
  run: ListChecks,
  merged: GitMerge,
  split: Split,
  suggested: Lightbulb,
};
const tones: Readonly<Partial<Record<Kind, string>>> = {
  opened: 'bg-fail-soft text-fail-fg',
  sla_warned: 'bg-wait-soft text-wait-fg',
  sla_breached: 'bg-fail-soft text-fail-fg',
  escalated: 'bg-wait-soft text-wait-fg',
  run: 'bg-run-soft text-run-fg',
};

export const storyFilters = {
  all: { label: 'All', kinds: null },
  notes: { label: 'Notes', kinds: ['note'] },
  states: { label: 'States', kinds: ['opened', 'moved', 'merged', 'split', 'sla_warned', 'sla_breached'] },
  runs: { label: 'Runs', kinds: ['run', 'suggested'] },
  pages: { label: 'Pages', kinds: ['escalated', 'told'] },
  alerts: { label: 'Alerts', kinds: ['alert'] },
} as const satisfies Record<string, { label: string; kinds: readonly Kind[] | null }>;
export type StoryFilter = keyof typeof storyFilters;
const filterNames = Object.keys(storyFilters) as StoryFilter[];

interface TimelineProps {
  incidentId: string;
  timeline: ReturnType<typeof useTimeline>;
  show: StoryFilter;
  onShow: (show: StoryFilter) => void;
  refusal: string | null;
}

/** The story of an incident, newest first: what happened, notes, and runs as they go on. */
export function Timeline({ incidentId, timeline, show, onShow, refusal }: TimelineProps) {
  const all = timeline.data?.pages.flatMap(({ data }) => data) ?? [];
  const kinds: readonly Kind[] | null = storyFilters[show].kinds;
  const shown = kinds ? all.filter(({ kind }) => kinds.includes(kind)) : all;
  const count = (name: StoryFilter): number => {
    const of: readonly Kind[] | null = storyFilters[name].kinds;
    return of ? all.filter(({ kind }) => of.includes(kind)).length : 0;
  };
  return (
    <section aria-label="Timeline" className="flex min-w-0 flex-col">
      <div className="mt-4 mb-1.5 flex flex-wrap items-center gap-3">
        <h2 className="font-semibold">Timeline</h2>
        <span className="min-w-0 overflow-x-auto [scrollbar-width:none]">
          <Segmented
            label="What the timeline shows"
            value={show}
            onValue={onShow}
            options={filterNames.map((name) => ({
              value: name,
              name: storyFilters[name].label,
              label: (
                <>
                  {storyFilters[name].label}
                  {count(name) > 0 && <span className="num font-normal">{count(name)}</span>}
                </>
              ),
            }))}
          />
        </span>
      </div>
      <Answer
        of={timeline}
        what="The timeline"
        waiting={<SkeletonLines lines={6} />}
        isEmpty={() => shown.length === 0}
        empty={
          <p className="py-4 text-text-2">
            {show === 'all' ? 'Nothing has happened yet.' : 'Nothing of this kind yet.'}
          </p>
        }
      >
        {() => (
          <ol data-testid="incident.timeline" className="[content-visibility:auto]">
            {shown.map((entry) => (
              <Entry key={entry.id} entry={entry} incidentId={incidentId} refusal={refusal} />
            ))}
          </ol>
        )}
      </Answer>
      {timeline.hasNextPage && (
        <Button className="self-start" busy={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
          Show what came before
        </Button>
      )}
    </section>
  );
}

function Entry({ entry, incidentId, refusal }: { entry: TimelineEntry; incidentId: string; refusal: string | null }) {
  const { kind, actor, text, details, at } = entry;
  const isPerson = actor.kind === 'user';
  const runId = details['runId'];
  const reason = details['reason'];
  return (
    <li
      data-kind={kind}
      className="relative flex gap-3 py-[7px] before:absolute before:top-[34px] before:bottom-[-6px] before:left-[12.5px] before:w-px before:bg-line last:before:hidden"
    >
      {kind === 'note' && isPerson ? (
        <Avatar name={actor.name} size={26} />
      ) : (
        <span
          className={cx(
            'grid size-[26px] flex-none place-items-center rounded-full',
            tones[kind] ?? 'bg-fill text-text-2',
          )}
        >
          <Icon of={icons[kind]} size={13} />
        </span>
      )}
      <div className="min-w-0 flex-1">
        {kind === 'note' ? (
          <Note entry={entry} incidentId={incidentId} refusal={refusal} />
        ) : (
          <p className="py-[3px] leading-5 break-words">
            <bdi className="font-medium">{actor.name}</bdi> <span dir="auto">· {text}</span>
            {typeof reason === 'string' && reason !== '' && !text.includes(reason) && (
              <span dir="auto" className="text-text-3">{` · ${reason}`}</span>
            )}
          </p>
        )}
        {kind === 'run' && typeof runId === 'string' && <RunCard id={runId} />}
      </div>
      <RelativeTime at={at} as="clock" className="num flex-none text-meta leading-[26px] text-text-3" />
    </li>
  );
}

/** A run of the incident as it goes on. */
function RunCard({ id }: { id: string }) {
  const { data: run } = useRun(id);
  if (!run) return null;
  return (
    <div data-run={id} className="mt-1 flex max-w-[520px] flex-col gap-1.5 rounded-md border border-line px-3 py-[9px]">
      <span className="flex min-w-0 items-center gap-2">
        <StatusGlyph status={run.status} />
        <bdi className="truncate font-medium" title={run.title}>
          {run.title}
        </bdi>
      </span>
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-meta text-text-2">
        {run.strand.length > 0 && (
          <span className="w-[110px]">
            <Strand segments={run.strand} />
          </span>
        )}
        <span className="num">
          {progressWords(run)} <Duration from={run.startedAt} to={run.endedAt} />
        </span>
        <Go
          to={`/runs/${id}`}
          className="text-accent hover:underline max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
        >
          Open run
        </Go>
      </span>
    </div>
  );
}

function Note({ entry, incidentId, refusal }: { entry: TimelineEntry; incidentId: string; refusal: string | null }) {
  const { user } = useMe();
  const [text, setText] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isDeleted = entry.details['isDeleted'] === true;
  const isMine = entry.actor.kind === 'user' && entry.actor.id === user.id && !isDeleted;
  const of = { params: { id: incidentId, entryId: entry.id } };
  const save = async () => {
    if (!text?.trim()) return;
    setBusy(true);
    try {
      await api.changeNote({ ...of, body: { text: text.trim() } });
      toast.done('Note changed');
      setText(null);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  const restore = async () => {
    try {
      await api.restoreNote(of);
      toast.done('The note is back');
    } catch (error) {
      toast.failure(error);
    }
  };
  const remove = async () => {
    setBusy(true);
    try {
      await api.deleteNote(of);
      toast.done('Note deleted', { undo: () => void restore() });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  const act = (label: string, onClick: () => void) => (
    <button
      type="button"
      disabled={refusal !== null || busy}
      title={refusal ?? undefined}
      onClick={onClick}
      className="rounded-sm px-1 text-meta text-text-3 hover:text-text max-sm:min-h-11 max-sm:min-w-11"
    >
      {label}
    </button>
  );
  const head: ReactNode = (
    <p className="flex items-center gap-2 leading-[26px]">
      <span className="min-w-0 truncate">
        <bdi className="font-medium">{entry.actor.name}</bdi> {isDeleted ? 'wrote a note that was deleted' : 'wrote'}
      </span>
      {entry.editedAt && !isDeleted && <span className="text-meta text-text-3">changed</span>}
      {isMine && text === null && (
        <>
          {act('Edit', () => setText(entry.text))}
          {act('Delete', () => void remove())}
        </>
      )}
    </p>
  );
  if (isDeleted) return head;
  if (text === null)
    return (
      <>
        {head}
        <Markdown text={entry.text} level={3} className="max-w-[640px]" />
      </>
    );
  return (
    <>
      {head}
      <form
        className="flex max-w-[640px] flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Textarea
          aria-label="The note"
          autoFocus
          rows={4}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="flex justify-end gap-1.5">
          <Button size="sm" onClick={() => setText(null)}>
            Cancel
          </Button>
          <Button size="sm" look="primary" type="submit" busy={busy} disabled={!text.trim()}>
            Save note
          </Button>
        </span>
      </form>
    </>
  );
}
