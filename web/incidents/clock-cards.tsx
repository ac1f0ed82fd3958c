import { Check, ChevronUp } from 'lucide-react';
import { type ClockKind, clockKinds } from '#contracts/incidents/sla-clock.ts';
import { isAnswered, stateFlags } from '#contracts/incidents/states.ts';
import { useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { clockTime } from '../kit/time.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { Popover } from '../ui/menu.tsx';
import { RelativeTime, useZone } from '../ui/relative-time.tsx';
import { clockNow, clockText, type ClockTone, toneOf } from './clock-now.ts';
import { barOf, pausedMs, type Segment } from './clock-segments.ts';
import { toneFill, toneText } from './clock-line.tsx';
import { clockWords } from './incident-words.ts';
import type { OpenedIncident } from './incidents.ts';

const modeWords: Readonly<Record<Segment['mode'], string>> = {
  counting: 'counting',
  paused: 'paused',
  outside: 'outside hours',
  met: 'met',
};
/** The mark stands at three quarters of the target (ui.md §10). */
const warnShare = 0.75;

interface ClockCardsProps {
  incident: OpenedIncident;
  escalationRefusal: string | null;
  onEscalate: () => void;
}

/** The clocks of an incident, and when the next level is told. */
export function ClockCards({ incident, escalationRefusal, onEscalate }: ClockCardsProps) {
  const kinds = clockKinds.filter((kind) => incident.clocks.some((clock) => clock.kind === kind)).toReversed();
  return (
    <div className="grid flex-none grid-cols-[repeat(auto-fit,minmax(200px,1fr))] gap-3" data-testid="incident.clocks">
      {kinds.map((kind) => (
        <ClockCard key={kind} incident={incident} kind={kind} />
      ))}
      {kinds.length === 0 && (
        <Card label="Clocks" className="px-3.5 pt-[11px] pb-3">
          <p className="text-meta text-text-2">Clocks</p>
          <p className="mt-1 text-text-2">No policy promises a time for this severity and service.</p>
        </Card>
      )}
      <EscalationCard incident={incident} refusal={escalationRefusal} onEscalate={onEscalate} />
    </div>
  );
}

function ClockCard({ incident, kind }: { incident: OpenedIncident; kind: ClockKind }) {
  const clock = incident.clocks.find((one) => one.kind === kind);
  const now = useNow(clock?.mode !== 'met');
  const zone = useZone();
  if (!clock) return null;
  const segments = incident.segments[kind] ?? [];
  const { leftMs, usedMs, tone: plain } = clockNow(clock, now, incident.readAt);
  const tone = toneOf(plain, clock, incident.severity);
  const isMet = clock.mode === 'met';
  const time = (at: string) => clockTime(Date.parse(at), { zone, seconds: false });
  const paused = pausedMs(segments, now);
  const says = isMet
    ? `${tone === 'missed' ? 'Met too late' : 'Met'}${clock.metAt ? ` at ${time(clock.metAt)}` : ''}`
    : clock.breachedAt
      ? `Was due ${time(clock.breachedAt)}`
      : clock.dueAt
        ? `Due ${time(clock.dueAt)}`
        : clock.mode === 'paused'
          ? `Paused: ${segments.at(-1)?.why ?? 'it waits'}`
          : 'Outside business hours';
  return (
    <Card label={clockWords[kind]} className="px-3.5 pt-[11px] pb-3">
      <div className="flex items-center text-meta text-text-2">
        {clockWords[kind]}
        <span className="ml-auto">
          <Explained kind={kind} segments={segments} now={now} />
        </span>
      </div>
      <p
        data-clock={kind}
        data-tone={tone}
        className={cx(
          'num mt-0.5 mb-2 flex items-center gap-1.5 text-figure font-semibold tracking-[-0.02em] whitespace-nowrap',
          tone === 'calm' ? 'text-text' : toneText[tone],
        )}
      >
        {isMet && <Icon of={Check} size={16} />}
        {isMet ? clockText(Math.max(1_000, usedMs)) : clockText(leftMs)}
        <span className="truncate text-meta font-normal tracking-normal text-text-3">
          {isMet || leftMs < 0 ? `of ${clockText(clock.targetMs)}` : `left of ${clockText(clock.targetMs)}`}
        </span>
      </p>
      <SegmentBar
        segments={segments}
        now={now}
        targetMs={clock.targetMs}
        usedMs={usedMs}
        tone={tone}
        label={clockWords[kind]}
      />
      <p className="num truncate text-meta text-text-3">
        {says}
        {paused > 0 && !isMet && ` · paused ${clockText(paused)} in all`}
      </p>
    </Card>
  );
}

interface SegmentBarProps {
  segments: readonly Segment[];
  now: number;
  targetMs: number;
  usedMs: number;
  tone: ClockTone;
  label: string;
}

function SegmentBar({ segments, now, targetMs, usedMs, tone, label }: SegmentBarProps) {
  const { spans, warnAt } = barOf(segments, { now, targetMs, usedMs, warnShare });
  return (
    <span
      role="img"
      aria-label={`${label}: ${Math.round((usedMs / Math.max(1, targetMs)) * 100)}% of the target used`}
      className="relative mb-2 block h-1.5 overflow-hidden rounded-full bg-line"
    >
      {spans.map(({ mode, from, width }, index) => (
        <i
          key={index}
          data-mode={mode}
          className={cx(
            'absolute inset-y-0',
            mode === 'counting'
              ? tone === 'calm'
                ? 'bg-idle-solid'
                : toneFill[tone]
              : 'bg-[repeating-linear-gradient(90deg,var(--wl-idle-solid)_0_2px,var(--wl-surface)_2px_5px)]',
          )}
          style={{ left: `${from * 100}%`, width: `${width * 100}%` }}
        />
      ))}
      {warnAt !== null && (
        <b className="absolute inset-y-0 w-0.5 bg-text" style={{ left: `${Math.min(99.4, warnAt * 100)}%` }} />
      )}
    </span>
  );
}

/** Each minute of a clock: what it did, since when, and why. */
function Explained({ kind, segments, now }: { kind: ClockKind; segments: readonly Segment[]; now: number }) {
  const zone = useZone();
  const at = (text: string) => clockTime(Date.parse(text), { zone });
  return (
    <Popover
      align="end"
      label={`How the ${kind} clock has counted`}
      className="max-h-[60vh] max-w-[min(560px,92vw)] overflow-auto"
      trigger={
        <button type="button" className="rounded-sm text-meta text-accent hover:underline max-sm:min-h-11">
          Explain
        </button>
      }
    >
      <table className="num text-meta">
        <caption className="pb-1.5 text-left font-medium text-text">{`How the ${kind} clock has counted`}</caption>
        <thead>
          <tr className="text-left text-text-3">
            {['From', 'To', 'Lasted', 'Clock', 'Why', 'Used by then'].map((head) => (
              <th key={head} scope="col" className="pr-3 pb-1 font-medium whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {segments.map((segment, index) => (
            <tr key={index} className="border-t border-line align-top">
              <td className="py-1 pr-3">{at(segment.from)}</td>
              <td className="py-1 pr-3">{segment.to ? at(segment.to) : 'now'}</td>
              <td className="py-1 pr-3">
                {clockText(Math.max(0, (segment.to ? Date.parse(segment.to) : now) - Date.parse(segment.from)))}
              </td>
              <td className="py-1 pr-3 whitespace-nowrap">{modeWords[segment.mode]}</td>
              <td className="min-w-32 py-1 pr-3">{segment.why}</td>
              <td className="py-1 whitespace-nowrap">{`${clockText(segment.usedMs)} of ${clockText(segment.targetMs)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Popover>
  );
}

function EscalationCard({
  incident,
  refusal,
  onEscalate,
}: {
  incident: OpenedIncident;
  refusal: string | null;
  onEscalate: () => void;
}) {
  const { nextEscalationAt, escalationLevel, escalationPolicy, state } = incident;
  const now = useNow(nextEscalationAt !== null);
  const isOver = isAnswered(state) || !stateFlags[state].active;
  const left = nextEscalationAt === null ? null : Math.max(0, Date.parse(nextEscalationAt) - now);
  return (
    <Card label="Next escalation" className="px-3.5 pt-[11px] pb-3">
      <p className="text-meta text-text-2">Next escalation</p>
      <p className="num mt-0.5 mb-2 truncate text-figure font-semibold tracking-[-0.02em]">
        {left === null ? (
          <span className="text-text-2">{isOver && escalationPolicy ? 'Answered' : 'None'}</span>
        ) : (
          <>
            {clockText(left)}{' '}
            <span className="text-meta font-normal tracking-normal text-text-3">{`to level ${escalationLevel + 1}`}</span>
          </>
        )}
      </p>
      <div className="flex items-center gap-2 text-meta text-text-3">
        <span className="min-w-0 flex-1 truncate" title={escalationPolicy?.name}>
          {escalationPolicy ? <bdi>{escalationPolicy.name}</bdi> : 'No policy tells anybody'}
          {escalationLevel > 0 && ` · level ${escalationLevel} was told`}
          {nextEscalationAt && (
            <>
              {' · '}
              <RelativeTime at={nextEscalationAt} />
            </>
          )}
        </span>
        <Button size="sm" icon={ChevronUp} refusal={refusal} onClick={onEscalate}>
          Escalate now
        </Button>
      </div>
    </Card>
  );
}
