import { addOpenMs, type BusinessCalendar, openSpans } from './business-calendar.ts';

/** What a clock measures: until somebody answers, or until the incident is resolved. */
export const clockKinds = ['respond', 'resolve'] as const;
export type ClockKind = (typeof clockKinds)[number];

/** What happened to a clock, in the order of time. Everything else about it is computed from these, and can be again after an edit. */
export type ClockFact = { at: number; why: string } & (
  | { fact: 'started' | 'retargeted'; targetMs: number; calendarId: string | null }
  | { fact: 'paused' | 'resumed' | 'met' | 'reopened' }
);

/** A span of a clock's life in which one thing held. The spans of a clock follow each other without a gap. */
export interface ClockSegment {
  from: number;
  /** Null: it goes on. */
  to: number | null;
  /** `outside`: the calendar is closed; `met`: what was asked for is done. */
  mode: 'counting' | 'paused' | 'outside' | 'met';
  why: string;
  /** The target in force. */
  targetMs: number;
  /** Used by the clock when the segment ended, or by now. */
  usedMs: number;
}

/** Where a clock stands, in milliseconds and instants. */
export interface Clock {
  segments: ClockSegment[];
  mode: ClockSegment['mode'];
  targetMs: number;
  usedMs: number;
  /** When it will be due if nothing changes; null while it is paused or met, or where the calendar stays closed. */
  dueAt: number | null;
  /** When it will be at risk, or was; null while that cannot be foreseen. */
  warnAt: number | null;
  /** Since when it has been late under the target in force; null: it is not. A met clock stays late if it was. */
  breachedAt: number | null;
  metAt: number | null;
}

export interface ClockWorld {
  /** The calendars that facts name. One that is gone counts every minute. */
  calendars: Readonly<Record<string, BusinessCalendar>>;
  now: number;
  /** At which part of its target a clock is at risk, 0–1. */
  warnRatio: number;
}

/** The clock while it is walked from fact to fact. */
interface Walk {
  mode: 'running' | 'paused' | 'met';
  targetMs: number;
  calendar: BusinessCalendar | null;
  usedMs: number;
  warnedAt: number | null;
  breachedAt: number | null;
  metAt: number | null;
}

/**
 * Computes a clock from its facts: segments that explain every minute from its start until now, what is used, and when it
 * is due. A longer target takes a breach back; a shorter one that is already used up breaches at the moment it was set.
 * @returns null where it has not started by now
 */
export function computeClock(facts: readonly ClockFact[], { calendars, now, warnRatio }: ClockWorld): Clock | null {
  const known = facts.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  const first = known.findIndex(({ fact }) => fact === 'started');
  const start = known[first];
  if (!start) return null;
  const walk: Walk = {
    mode: 'running', targetMs: 0, calendar: null, usedMs: 0, warnedAt: null, breachedAt: null, metAt: null,
  }; // prettier-ignore
  const segments: ClockSegment[] = [];
  for (const [index, fact] of known.entries()) {
    if (index < first) continue;
    take(walk, fact, calendars, warnRatio);
    const next = known[index + 1];
    walkOn(walk, segments, fact, next?.at ?? null, now, warnRatio);
  }
  const last = segments.at(-1);
  const isRunning = walk.mode === 'running';
  const after = (ms: number): number | null => (isRunning ? addOpenMs(walk.calendar, now, Math.max(0, ms - walk.usedMs)) : null); // prettier-ignore
  return {
    segments,
    mode: last?.mode ?? 'counting',
    targetMs: walk.targetMs,
    usedMs: walk.usedMs,
    dueAt: walk.breachedAt === null ? after(walk.targetMs) : isRunning ? walk.breachedAt : null,
    warnAt: walk.warnedAt ?? after(walk.targetMs * warnRatio),
    breachedAt: walk.breachedAt,
    metAt: walk.metAt,
  };
}

/** What a fact changes. Facts that change nothing (paused twice) are taken and leave a segment of their own. */
function take(walk: Walk, fact: ClockFact, calendars: ClockWorld['calendars'], warnRatio: number): void {
  switch (fact.fact) {
    case 'started':
    case 'retargeted':
      walk.targetMs = fact.targetMs;
      walk.calendar = fact.calendarId === null ? null : (calendars[fact.calendarId] ?? null);
      if (walk.usedMs < fact.targetMs) walk.breachedAt = null;
      else if (walk.mode !== 'met') walk.breachedAt ??= fact.at;
      if (walk.usedMs < fact.targetMs * warnRatio) walk.warnedAt = null;
      else walk.warnedAt ??= fact.at;
      return;
    case 'paused':
      if (walk.mode === 'running') walk.mode = 'paused';
      return;
    case 'resumed':
      if (walk.mode === 'paused') walk.mode = 'running';
      return;
    case 'met':
      if (walk.mode !== 'met') walk.metAt = fact.at;
      walk.mode = 'met';
      return;
    case 'reopened':
      walk.mode = 'running';
      walk.metAt = null;
      if (walk.usedMs >= walk.targetMs) walk.breachedAt ??= fact.at;
  }
}

/** Goes on from a fact to the next, or to now, and writes the segments between. */
function walkOn(
  walk: Walk,
  segments: ClockSegment[],
  { at, why }: ClockFact,
  next: number | null,
  now: number,
  warnRatio: number,
): void {
  const end = next ?? now;
  const write = (from: number, to: number, mode: ClockSegment['mode'], reason: string): void => {
    const isLast = next === null && to === now;
    // Two facts at one instant leave nothing between them; what goes on is written even if it has just begun.
    if (from === to && !isLast) return;
    // Pieces of one long span are one segment.
    const last = segments.at(-1);
    const goesOn = last?.mode === mode && last.to === from && from > at;
    if (goesOn) segments.pop();
    segments.push({
      from: goesOn ? last.from : from,
      to: isLast ? null : to,
      mode,
      why: reason,
      targetMs: walk.targetMs,
      usedMs: walk.usedMs,
    });
  };
  if (walk.mode !== 'running') {
    write(at, end, walk.mode, why);
    return;
  }
  const count = (from: number, to: number): void => {
    const crossing = (limit: number): number | null =>
      walk.usedMs < limit && walk.usedMs + (to - from) >= limit ? from + (limit - walk.usedMs) : null;
    walk.warnedAt ??= crossing(walk.targetMs * warnRatio);
    walk.breachedAt ??= crossing(walk.targetMs);
    walk.usedMs += to - from;
    write(from, to, 'counting', why);
  };
  let cursor = at;
  for (const span of openSpans(walk.calendar, at)) {
    if (span.from > end || (span.from === end && end > at)) break;
    if (span.from > cursor) write(cursor, span.from, 'outside', 'Outside business hours');
    const to = Math.min(span.to, end);
    count(span.from, to);
    cursor = to;
    if (cursor >= end) return;
  }
  write(cursor, end, 'outside', 'Outside business hours');
}
