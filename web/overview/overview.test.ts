import { expect, test } from 'vitest';
import { changedView, comparedWords, readView, runningThen, runsEndedIn, type Trends } from './overview.ts';

const bucket = (started: number, ended: number): Trends['buckets'][number] => ({
  at: '2026-11-21T10:00:00Z',
  started,
  succeeded: ended,
  failed: 0,
  canceled: 0,
  durationP50Ms: null,
  durationP95Ms: null,
  startDelayP95Ms: null,
});

test('what ran then is what runs now, less what began since, and with what has ended since', () => {
  expect(runningThen(3, [bucket(5, 1), bucket(0, 4), bucket(3, 0)])).toEqual([4, 0, 3]);
});

test('counts are compared in words, also with nothing', () => {
  expect(comparedWords(106, 100, '24 h')).toBe('6% more than the 24 h before');
  expect(comparedWords(94, 100, '24 h')).toBe('6% fewer than the 24 h before');
  expect(comparedWords(100, 100, '7 d')).toBe('as many as in the 7 d before');
  expect(comparedWords(4, 0, '1 h')).toBe('none in the 1 h before');
});

test('the address says only what was chosen, and what does not fit falls back', () => {
  const raw = changedView({}, { span: '7d', who: 'mine' });
  expect(raw).toEqual({ span: '7d', who: 'mine' });
  expect(changedView(raw, { span: '24h', approval: 'a1' })).toEqual({ who: 'mine', approval: 'a1' });
  expect(readView({ span: '9y', who: 'mine' })).toEqual({ span: '24h', who: 'mine', chart: 'ended', approval: '' });
});

test('a bar stands for the runs that ended in its time, to the instant', () => {
  expect(runsEndedIn('2026-11-21T10:00:00.000Z', 1_800_000)).toEqual({
    endedFrom: '2026-11-21T10:00:00.000Z',
    endedTo: '2026-11-21T10:30:00.000Z',
  });
});
