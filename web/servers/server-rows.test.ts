import { expect, test } from 'vitest';
import { aServer, serverId } from './sample-server.ts';
import { type ServerRows, withCheck, withPage, withRead } from './server-rows.ts';

const rows: ServerRows = {
  rows: [1, 2, 3].map((place) => aServer({ id: serverId(place), name: `web-${place}` })),
  next: 'after-3',
};
const names = (state: ServerRows) => state.rows.map(({ name }) => name);

test('a page comes behind what is loaded, and what is here already stays where it is', () => {
  const page = [aServer({ id: serverId(3), name: 'renamed' }), aServer({ id: serverId(4), name: 'web-4' })];
  const state = withPage(rows, { data: page, pagination: { nextCursor: null } });
  expect([names(state), state.next]).toEqual([['web-1', 'web-2', 'web-3', 'web-4'], null]);
});

test('a check changes its row in its place and no other row', () => {
  const data = {
    id: serverId(2), checkId: serverId(900), at: '2026-11-20T10:00:00.000Z', reachable: true, health: 'degraded',
    latencyMs: 12, code: 'server.degraded_disk', message: 'The disk is full.', facts: { load1: 2, cpus: 4 },
  }; // prettier-ignore
  const state = withCheck(rows, { type: 'server.checked', at: '2026-11-20T10:00:00.000Z', data });
  expect(names(state)).toEqual(names(rows));
  expect([state.rows[0] === rows.rows[0], state.rows[2] === rows.rows[2]]).toEqual([true, true]);
  expect(state.rows[1]).toMatchObject({
    health: 'degraded',
    facts: { load1: 2, cpus: 4 },
    lastCheck: { id: serverId(900), latencyMs: 12, code: 'server.degraded_disk' },
  });
  expect(withCheck(rows, { type: 'server.checked', at: '', data: { ...data, id: serverId(77) } })).toBe(rows);
});

test('what was read again takes its place, and what was looked for and not found leaves', () => {
  const found = [aServer({ id: serverId(1), name: 'web-one' })];
  expect(names(withRead(rows, [serverId(1), serverId(3)], found))).toEqual(['web-one', 'web-2']);
});
