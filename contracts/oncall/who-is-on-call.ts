import { hoursAsSpan, type Span, weekdays } from '../incidents/business-calendar.ts';
import { instantAt, wallTime } from '../schedules/zone.ts';
import type { OnCallSchedule, OnCallSpan, Override, RotationLayer } from './rotations.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const wallOf = (local: string): number => Date.parse(`${local}:00Z`);

type Turn = Pick<OnCallSpan, 'from' | 'to' | 'personId' | 'by' | 'isOverride'>;

/** The turns of a layer that touch a span, without its restriction to hours. */
function turnsOf(layer: RotationLayer, zone: string, { from, to }: Span): Turn[] {
  const { unit, count } = layer.turn;
  const firstWall = wallOf(layer.startsAt);
  const first = instantAt(firstWall, zone, 'first');
  const startOf =
    unit === 'hours'
      ? (index: number): number => first + index * count * hourMs
      : (index: number): number =>
          instantAt(firstWall + index * count * (unit === 'weeks' ? 7 : 1) * dayMs, zone, 'first');
  const lengthMs = count * (unit === 'hours' ? hourMs : unit === 'days' ? dayMs : 7 * dayMs);
  const end = layer.endsAt === null ? Infinity : instantAt(wallOf(layer.endsAt), zone, 'first');
  // One turn earlier than by length alone: a change of the clocks moves hand-offs by hours.
  let index = Math.max(0, Math.floor((from - first) / lengthMs) - 1);
  const turns: Turn[] = [];
  for (;;) {
    const begin = startOf(index);
    if (begin >= to || begin >= end) return turns;
    const person = layer.people[index % layer.people.length];
    const span = { from: Math.max(begin, from), to: Math.min(startOf(index + 1), to, end) };
    if (person && span.from < span.to) turns.push({ ...span, personId: person, by: layer.id, isOverride: false });
    index += 1;
  }
}

/** The hours of the week to which a layer keeps, as spans. */
function hoursOf(layer: RotationLayer, zone: string, { from, to }: Span): Span[] {
  const spans: Span[] = [];
  for (let day = Math.floor(wallTime(from, zone) / dayMs) * dayMs - dayMs; day < wallTime(to, zone); day += dayMs) {
    const weekday = weekdays[(new Date(day).getUTCDay() + 6) % 7];
    for (const hours of layer.only) {
      if (weekday && hours.days.includes(weekday)) spans.push(hoursAsSpan(hours, day, zone));
    }
  }
  return spans;
}

/** Lays turns over what is there: they hold where both are. */
function lay(under: readonly OnCallSpan[], over: readonly Turn[]): OnCallSpan[] {
  let spans = [...under];
  for (const turn of over) {
    const next: OnCallSpan[] = [];
    for (const span of spans) {
      const from = Math.max(span.from, turn.from);
      const to = Math.min(span.to, turn.to);
      if (from >= to) {
        next.push(span);
        continue;
      }
      if (span.from < from) next.push({ ...span, to: from });
      next.push({ ...turn, from, to });
      if (to < span.to) next.push({ ...span, from: to });
    }
    spans = next;
  }
  return spans;
}

/** Neighbours that say the same are one. */
function joined(spans: readonly OnCallSpan[]): OnCallSpan[] {
  const result: OnCallSpan[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last && last.to === span.from && last.personId === span.personId && last.by === span.by) last.to = span.to;
    else result.push({ ...span });
  }
  return result;
}

/**
 * Who is on call from an instant until another: spans in order that cover all of it, gaps among them.
 * @param present people who can be called at all; a turn of anybody else is a gap, so that it is seen
 */
export function onCallSpans(
  schedule: OnCallSchedule,
  overrides: readonly Override[],
  span: Span,
  present?: ReadonlySet<string>,
): OnCallSpan[] {
  const isThere = ({ personId }: Turn): boolean => personId === null || !present || present.has(personId);
  let spans: OnCallSpan[] = [{ ...span, personId: null, by: null, isOverride: false }];
  for (const layer of schedule.layers) {
    const turns = turnsOf(layer, schedule.timeZone, span).filter(isThere);
    if (layer.only.length === 0) spans = lay(spans, turns);
    else {
      const hours = hoursOf(layer, schedule.timeZone, span);
      const cut = turns.flatMap((turn) =>
        hours.flatMap(({ from, to }) => {
          const part = { ...turn, from: Math.max(turn.from, from), to: Math.min(turn.to, to) };
          return part.from < part.to ? [part] : [];
        }),
      );
      spans = lay(spans, cut);
    }
  }
  const turns = overrides.map(({ id, from, to, personId }): Turn => ({
    from: Date.parse(from),
    to: Date.parse(to),
    personId,
    by: id,
    isOverride: true,
  }));
  return joined(lay(spans, turns.filter(isThere)));
}

/**
 * Who is on call at the beginning of spans, until somebody else is, and who comes then. One person's turns that follow each
 * other, by whichever layer, are one duty to whoever asks who is next.
 */
export function dutyNow(spans: readonly OnCallSpan[]): { now: OnCallSpan; next: OnCallSpan | null } {
  const [first] = spans;
  if (!first) throw new Error('A window of time has at least one span of duty.');
  const next = spans.find(({ personId }) => personId !== first.personId) ?? null;
  return { now: { ...first, to: next?.from ?? spans.at(-1)?.to ?? first.to }, next };
}

/** The spans in which nobody is on call. */
export const gapsIn = (spans: readonly OnCallSpan[]): OnCallSpan[] => spans.filter(({ personId }) => personId === null);
