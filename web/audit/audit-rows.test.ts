import { expect, test } from 'vitest';
import { anEntry, entryId } from './sample-entry.ts';
import { withHead } from './audit-rows.ts';
import { readable } from './readable.ts';
import { AuditView, auditQuery } from './audit-view.ts';

const of = (...places: number[]) => places.map((place) => anEntry({ id: entryId(place) }));
const page = (places: number[], nextCursor: string | null = 'more') => ({
  data: of(...places),
  pagination: { nextCursor },
});

test('what is newer is laid before what is loaded; where the two do not meet, only the head is certain', () => {
  const state = { rows: of(5, 4, 3), next: 'older' };
  expect(withHead(state, page([7, 6, 5, 4]))).toEqual({ rows: of(7, 6, 5, 4, 3), next: 'older' });
  expect(withHead(state, page([5, 4]))).toBe(state);
  expect(withHead(state, page([12, 11, 10]))).toEqual({ rows: of(12, 11, 10), next: 'more' });
  expect(withHead({ rows: [], next: null }, page([1], null))).toEqual({ rows: of(1), next: null });
});

test('a value is read one fact a line, in the order of its names, and what could be mistaken is quoted', () => {
  const value = {
    tags: ['web', { b: 1, a: null }],
    name: 'x',
    size: 3,
    text: 'true',
    empty: {},
    none: '',
    deep: { in: 'it' },
  };
  expect(readable(value)).toEqual([
    'deep:', '  in: it', 'empty: {}', 'name: x', 'none: ""', 'size: 3', 'tags:', '  - web', '  - a: null', '    b: 1', 'text: "true"',
  ]); // prettier-ignore
});

test('a range of one’s own goes before a span, and a span holds for a minute', () => {
  const view = AuditView.parse({ when: '1h' });
  const now = Date.parse('2026-11-20T10:30:40.000Z');
  expect(auditQuery(view, now).from).toBe('2026-11-20T09:30:00.000Z');
  expect(auditQuery({ ...view, to: '2026-11-01T00:00:00Z' }, now)).toMatchObject({
    from: undefined,
    to: '2026-11-01T00:00:00.000Z',
  });
  expect(auditQuery({ ...view, from: 'nonsense' }, now).from).toBeUndefined();
});
