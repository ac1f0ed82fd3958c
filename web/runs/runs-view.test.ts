import { expect, test } from 'vitest';
import { readUrlState } from '../kit/url-state.ts';
import {
  columnOfSort,
  histogramSpan,
  isNarrowed,
  RunsView,
  runFilter,
  searchOfView,
  sortByColumn,
  viewQuery,
} from './runs-view.ts';

const now = Date.parse('2026-11-21T10:00:30Z');
const view = (raw: Record<string, string>) => readUrlState(RunsView, raw);

test('a built-in view brings its own states, until states are chosen', () => {
  expect(runFilter(view({ view: 'failed' }), 'me-1', now).status).toBe('failed,timed_out');
  expect(runFilter(view({ view: 'failed', status: 'running' }), 'me-1', now).status).toBe('running');
  expect(runFilter(view({ view: 'mine' }), 'me-1', now).actor).toBe('me-1');
});

test('the same view within a minute is the same question', () => {
  const at = (instant: number) => runFilter(view({ started: '1h' }), '', instant);
  expect(at(now)).toEqual(at(now + 20_000));
  expect(at(now).from).toBe('2026-11-21T09:00:00.000Z');
});

test('a saved view holds what narrows and sorts, not which view it is nor what is open', () => {
  const raw = { view: 'x', run: 'y', status: 'failed,waiting', q: 'edge', sort: 'createdAt', step: 'foreign' };
  expect(viewQuery(raw)).toBe('q=edge&sort=createdAt&status=failed%2Cwaiting');
  expect(viewQuery({ view: 'failed' })).toBe('status=failed%2Ctimed_out');
  expect(viewQuery({ view: 'mine' })).toBe('actor=me');
  expect(searchOfView('v1', viewQuery(raw))).toEqual({
    view: 'v1',
    q: 'edge',
    sort: 'createdAt',
    status: 'failed,waiting',
  });
});

test('a view alone narrows nothing, any filter does', () => {
  expect(isNarrowed(view({ view: 'failed', sort: 'createdAt' }))).toBe(false);
  expect(isNarrowed(view({ kind: '!export' }))).toBe(true);
  expect(isNarrowed(view({ longer: '30m' }))).toBe(true);
});

test('the histogram reaches beyond the chosen time, and never shows less than six hours', () => {
  const hours = (raw: Record<string, string>) => {
    const { from, to } = histogramSpan(view(raw), now);
    return (to - from) / 3_600_000;
  };
  expect(hours({})).toBe(24);
  expect(hours({ started: '1h' })).toBe(6);
  expect(hours({ started: '24h' })).toBeCloseTo(38.4);
  expect(hours({ from: '2026-11-20T10:00:30Z' })).toBeCloseTo(38.4);
});

test('runs that ended in a time are asked for by it: a span back from now, or just what a bar stands for', () => {
  expect(runFilter(view({ ended: '1h' }), '', now).endedFrom).toBe('2026-11-21T09:00:00.000Z');
  const bar = { endedFrom: '2026-11-21T08:00:00.000Z', endedTo: '2026-11-21T08:30:00.000Z' };
  expect(runFilter(view(bar), '', now)).toMatchObject({ ...bar, from: undefined, to: undefined });
  expect([isNarrowed(view(bar)), isNarrowed(view({ ended: '7d' })), isNarrowed(view({}))]).toEqual([true, true, false]);
});

test('a pressed column sorts by what one looks for first, then by its opposite', () => {
  expect([sortByColumn('-duration', '-createdAt'), sortByColumn('-duration', '-duration')]).toEqual([
    '-duration',
    'duration',
  ]);
  expect([sortByColumn('-run', '-createdAt'), sortByColumn('run', 'title'), sortByColumn('-run', '-title')]).toEqual([
    'title',
    '-title',
    'title',
  ]);
  expect([columnOfSort('-title'), columnOfSort('endedAt')]).toEqual(['-run', 'endedAt']);
  expect(view({ sort: 'nonsense' }).sort).toBe('-createdAt');
});
