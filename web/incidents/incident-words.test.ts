import { expect, test } from 'vitest';
import { ApiFailure } from '../kit/failure.ts';
import { barOf, pausedMs, type Segment } from './clock-segments.ts';
import { namesOf, numberOfKey, refusalWords } from './incident-words.ts';
import { readNoteCommand } from './note-command.ts';
import { draftPostmortem } from './postmortem-draft.ts';
import { aShownIncident, anEntry } from './sample-incident.ts';

const names = namesOf({ investigating: 'At work' });
const at = Date.parse('2026-11-20T14:00:00Z');
const min = 60_000;

test('the key of the address gives the number, whatever its prefix', () => {
  expect(['INC-328', 'ops2-7', '12', 'INC'].map(numberOfKey)).toEqual([328, 7, 12, undefined]);
  expect(numberOfKey('019a1f2e-7c3d-7abc-8def-0123456789ab')).toBeUndefined();
  expect(numberOfKey('019a1f2e-7c3d-7abc-8def-012345678912')).toBeUndefined();
});

test('a refused move says what stands and what may come', () => {
  const failure = (code: string, details: Record<string, unknown>) =>
    new ApiFailure({ code, message: 'No.', status: 409, details });
  const refused = failure('incident.move_refused', {
    from: 'resolved',
    to: 'pending',
    allowed: ['investigating', 'closed'],
  });
  expect(refusalWords(refused, { key: 'INC-3' }, names)).toBe(
    'INC-3 was not moved. It is Resolved now. It can go to At work, Closed.',
  );
  expect(
    refusalWords(failure('incident.changed_meanwhile', { state: 'investigating' }), { key: 'INC-3' }, names),
  ).toMatch(/Somebody else changed INC-3 meanwhile\. It is At work now/);
  expect(refusalWords(failure('other', {}), { key: 'INC-3' }, names)).toBe('No.');
});

const segment = (mode: Segment['mode'], from: number, to: number | null, usedMs: number): Segment => ({
  from: new Date(at + from * min).toISOString(),
  to: to === null ? null : new Date(at + to * min).toISOString(),
  mode,
  why: 'why',
  targetMs: 40 * min,
  usedMs,
});

test('the bar of a clock shows pauses between what was counted, and its mark where three quarters are used', () => {
  const segments = [
    segment('counting', 0, 10, 10 * min),
    segment('paused', 10, 15, 10 * min),
    segment('counting', 15, null, 30 * min),
  ];
  const now = at + 35 * min;
  const { spans, warnAt } = barOf(segments, { now, targetMs: 40 * min, usedMs: 30 * min, warnShare: 0.75 });
  expect(spans.map(({ mode }) => mode)).toEqual(['counting', 'paused', 'counting']);
  const end = spans.at(-1);
  expect((end?.from ?? 0) + (end?.width ?? 0)).toBeCloseTo(35 / 45, 5);
  expect(warnAt).toBeCloseTo(35 / 45, 5);
  expect(pausedMs(segments, now)).toBe(5 * min);
});

test('a weekend in which it does not count takes a third of the bar at most', () => {
  const segments = [segment('counting', 0, 20, 20 * min), segment('outside', 20, 4_000, 20 * min)];
  const { spans } = barOf(segments, { now: at + 4_000 * min, targetMs: 40 * min, usedMs: 20 * min, warnShare: 0.75 });
  expect(spans[1]?.width).toBeCloseTo(0.25, 5);
});

test('a note that begins with a slash does something; one that names nobody says so', () => {
  const people = [{ id: 'a', name: 'Ana Ruiz' }, { id: 'b', name: 'Ben Okafor' }, { id: 'c', name: 'Ben Ross' }]; // prettier-ignore
  const read = (text: string) => readNoteCommand(text, people, 'me-id');
  expect(read('/assign @ana')).toEqual({ does: 'assign', personId: 'a' });
  expect(read('/assign me')).toEqual({ does: 'assign', personId: 'me-id' });
  expect(read('/assign ben')).toMatchObject({ does: 'unknown', why: 'Several people have that name.' });
  expect(read('/sev 2')).toEqual({ does: 'severity', severity: 'sev2' });
  expect(read('/sev 9')).toMatchObject({ does: 'unknown' });
  expect(read('/page')).toEqual({ does: 'page' });
  expect(read('/etc/passwd was read')).toBeUndefined();
  expect(read('Looking at /page')).toBeUndefined();
});

test('a postmortem begins with the facts and the story, oldest first, where the outline wants it', () => {
  const incident = aShownIncident(7, { acknowledgedAt: '2026-11-20T13:03:41Z' });
  const story = [
    anEntry(2, { text: 'Looking\nat $& it' }),
    anEntry(1, { at: '2026-11-20T13:01:00Z', kind: 'opened', text: 'Opened' }),
  ];
  const draft = draftPostmortem(incident, story, '## What happened\n{timeline}\n## Learned');
  expect(draft).toMatch(/^# INC-7: Checkout p95/);
  expect(draft).toContain('- Answered after: 2:41');
  expect(draft.indexOf('· Opened')).toBeLessThan(draft.indexOf('· Looking at $& it'));
  expect(draft.trimEnd().endsWith('## Learned')).toBe(true);
  expect(draftPostmortem(incident, story, 'Ours')).toContain('## Timeline');
});
