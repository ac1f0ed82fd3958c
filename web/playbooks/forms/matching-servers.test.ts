import { expect, test } from 'vitest';
import { matchingServers } from './matching-servers.ts';

const server = (name: string, tags: string[], isAway = false) => ({
  id: name,
  name,
  host: '127.0.0.1',
  port: 22,
  tags,
  maintenance: isAway ? ({} as never) : null,
});
const servers = [
  server('web-10', ['web']),
  server('web-2', ['web', 'old']),
  server('db-1', ['db']),
  server('web-3', ['web'], true),
];

test('those are named that a run would take', () => {
  expect(matchingServers({ tags: ['web'] }, servers)).toEqual(['web-2', 'web-10']);
  expect(matchingServers({ names: ['*'], notTags: ['old'] }, servers)).toEqual(['db-1', 'web-10']);
});

test('nothing chosen is nothing, and what a template gives is not known', () => {
  expect(matchingServers({}, servers)).toEqual([]);
  expect(matchingServers({ tags: [] }, servers)).toEqual([]);
  expect(matchingServers({ from: '${{ inputs.servers }}' }, servers)).toBeNull();
});
