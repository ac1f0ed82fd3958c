import { expect, test } from 'vitest';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { aRun } from './sample-run.ts';
import { firstRows, patched, type RunRows, withEvent, withHead, withPage } from './run-rows.ts';

const page = (ids: string, nextCursor: string | null = 'more') => ({
  data: [...ids].map((id): RunSummary => aRun({ id })),
  pagination: { nextCursor },
});
const ids = ({ rows }: RunRows): string => rows.map(({ id }) => id).join('');

test('a page follows what is loaded, and no run comes twice', () => {
  const state = withPage(firstRows(page('hgf')), page('fed', null));
  expect(ids(state)).toBe('hgfed');
  expect(state.next).toBeNull();
});

test('a new head brings new runs, changes known ones, lets go of those that left, and keeps the pages behind it', () => {
  const state = withPage(firstRows(page('hgf')), page('edc'));
  const fresh = withHead(state, {
    ...page('kjhf'),
    data: [...page('kjh').data, aRun({ id: 'f', title: 'renamed' })],
  });
  expect(ids(fresh)).toBe('kjhfedc');
  expect(fresh.rows[3]?.title).toBe('renamed');
  expect(fresh.next).toBe('more');
});

test('a head that holds all of the list is the list', () => {
  expect(ids(withHead(firstRows(page('cba')), page('b', null)))).toBe('b');
});

test('where so many are new that head and pages do not meet, the list begins anew with the head', () => {
  const state = withHead({ ...firstRows(page('cba')), next: 'after a' }, page('zyx', 'after x'));
  expect([ids(state), state.next]).toEqual(['zyx', 'after x']);
});

test('a list in rising order keeps what lies behind its head', () => {
  const state = withPage(firstRows(page('abc')), page('de'));
  expect(ids(withHead(state, page('abc')))).toBe('abcde');
});

test('an event changes its row in place and leaves all others the same objects', () => {
  const state = firstRows(page('cba'));
  const event = { type: 'run.ended', run: 'b', data: { status: 'failed', endedAt: '2026-11-21T10:00:00Z' } };
  const after = withEvent(state, event);
  expect(after.rows.map(({ status }) => status)).toEqual(['running', 'failed', 'running']);
  expect([after.rows[0] === state.rows[0], after.rows[1] === state.rows[1]]).toEqual([true, false]);
  expect(withEvent(state, { ...event, run: 'z' })).toBe(state);
});

test('a run that began no longer stands in line', () => {
  const run = aRun({ id: 'a', status: 'queued', queuePlace: 3 });
  expect(patched(run, { type: 'run.started', run: 'a', data: { status: 'running' } })).toMatchObject({
    status: 'running',
    queuePlace: null,
  });
  expect(patched(run, { type: 'step.updated', run: 'a', data: { status: 'failed' } })).toBe(run);
});

test('sorted by its end, a run that ends goes to where it now belongs; what has not ended stays behind', () => {
  const ended = (id: string, endedAt: string | null) => aRun({ id, endedAt });
  const state = {
    rows: [ended('d', '2026-11-21T10:04:00Z'), ended('c', '2026-11-21T10:02:00Z'), ended('b', null), ended('a', null)],
    next: null,
  };
  const event = { type: 'run.ended', run: 'a', data: { status: 'failed', endedAt: '2026-11-21T10:03:00Z' } };
  expect(ids(withEvent(state, event, '-endedAt'))).toBe('dacb');
  expect(ids(withEvent(state, event, '-createdAt'))).toBe('dcba');
});

test('a run that has moved into the head is no longer where it was', () => {
  const state = withPage(firstRows(page('hgf')), page('edc'));
  expect(ids(withHead(state, page('chg'), '-endedAt'))).toBe('chgfed');
});

test('an event changes the tags of its row', () => {
  const event = { type: 'run.changed', run: 'b', data: { tags: ['eu'] } };
  expect(withEvent(firstRows(page('cba')), event).rows[1]?.tags).toEqual(['eu']);
});
