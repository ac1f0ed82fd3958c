import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPresenceBoard } from '../kit/presence-board.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { presenceRoom } from './presence.ts';
import { streamFilter } from './stream-filter.ts';

let world: TriggerWorld;
let playbook: string;
const board = createPresenceBoard({ spread: () => undefined });

beforeAll(async () => {
  world = await triggerWorld({ presence: presenceRoom }, { presence: board });
  playbook = await world.playbook();
});
afterAll(async () => {
  board.close();
  await world?.close();
});

const tell = (person: 'mia' | 'max' | 'vic', isHere = true, id = playbook) =>
  world.post(`/playbooks/${id}/presence`, { page: 'page-1', isHere }, world.people[person]);

test('who has a playbook open to change it is told to those who say so too, until it is closed', async () => {
  await tell('mia');
  const { people } = (await tell('max')).json();
  expect(people).toEqual([
    { id: world.people.max.id, name: 'Max' },
    { id: world.people.mia.id, name: 'Mia' },
  ]);
  expect((await tell('mia', false)).json().people).toEqual([{ id: world.people.max.id, name: 'Max' }]);
});

test('who may only read is told who is there, and is not shown', async () => {
  const { people } = (await tell('vic')).json();
  expect(people).toEqual([{ id: world.people.max.id, name: 'Max' }]);
});

test('a playbook that is not there has nobody at it', async () => {
  expect((await tell('mia', true, uuidv7())).statusCode).toBe(404);
});

test('streams of those who may not read playbooks do not carry it', () => {
  const event = { type: 'presence.changed', subject: `playbook:${playbook}`, runId: null };
  expect(streamFilter({ permissions: new Set(['playbooks:read']) }, {})(event)).toBe(true);
  expect(streamFilter({ permissions: new Set(['runs:read']) }, {})(event)).toBe(false);
});
