import { expect, test } from 'vitest';
import type { QuerySnippet } from '#contracts/queries/query-snippets.ts';
import { builtInSnippets } from '#contracts/queries/snippets/snippets.ts';
import { offersOf } from './snippet-offers.ts';

const mia = { kind: 'user' as const, id: '01900000-0000-7000-8000-000000000001', name: 'Mia' };
const max = { ...mia, id: '01900000-0000-7000-8000-000000000002', name: 'Max' };
const snippet = (trigger: string, more: Partial<QuerySnippet> = {}): QuerySnippet => ({
  id: trigger,
  trigger,
  description: '',
  text: 'a = ${1:b} and {{ c }}',
  engine: null,
  sharing: 'workspace',
  owner: mia,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  version: 1,
  ...more,
});

test('one’s own come first, then the workspace’s, then those of the product, each for the engine of the text', () => {
  const all = [
    snippet('theirs', { owner: max }),
    snippet('Mine'),
    snippet('other', { engine: 'amc' }),
    // Saved by a newer version of the product, say.
    snippet('broken', { text: '${' }),
  ];
  const offers = offersOf('sfmc', all, mia.id);
  expect(offers.slice(0, 2)).toEqual([
    { trigger: 'Mine', key: 'mine', whose: 'own', description: '', insert: 'a = ${1:b} and {{ c \\}\\}', plain: 'a = b and {{ c }}' },
    expect.objectContaining({ trigger: 'theirs', whose: 'shared' }),
  ]); // prettier-ignore
  const ofSfmc = builtInSnippets.filter(({ engine }) => engine === 'sfmc').map(({ trigger }) => trigger);
  expect(offers.slice(2).map(({ trigger }) => trigger)).toEqual(ofSfmc);
});
