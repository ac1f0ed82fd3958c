import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '#system/log.ts';
import { connectWakeups } from '#system/wakeups.ts';
import { testDatabase } from '#tests/kit/test-database.ts';
import { createPresenceBoard, type PresenceBoard, type PresenceWord } from './presence-board.ts';

const [ana, jo] = [
  { id: '01900000-0000-7000-8000-000000000001', name: 'Ana' },
  { id: '01900000-0000-7000-8000-000000000002', name: 'Jo' },
];
const word = (person: typeof ana, more: Partial<PresenceWord> = {}): PresenceWord => ({
  workspaceId: 'w',
  subject: 'playbook:p',
  page: `${person.id}/1`,
  person,
  isHere: true,
  ...more,
});
const names = (board: PresenceBoard): string[] => board.people('w', 'playbook:p').map(({ name }) => name);
/** A board, and what it told the listeners of its workspace: who was there, change by change. */
function aBoard() {
  const board = createPresenceBoard({ spread: () => undefined });
  const told: string[] = [];
  board.listen('w', ({ json }) => {
    const { data } = JSON.parse(json()) as { data: { people: { name: string }[] } };
    told.push(data.people.map(({ name }) => name).join(' '));
  });
  return { board, told };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

test('who comes and goes is told once, however often they say that they are there', () => {
  const { board, told } = aBoard();
  board.tell(word(jo));
  board.tell(word(jo));
  board.tell(word(ana));
  board.tell(word(jo, { isHere: false }));
  expect(told).toEqual(['Jo', 'Ana Jo', 'Ana']);
  expect(names(board)).toEqual(['Ana']);
});

test('somebody with two pages open is there until the last is closed, and one person', () => {
  const { board, told } = aBoard();
  board.tell(word(jo));
  board.tell(word(jo, { page: `${jo.id}/2` }));
  board.tell(word(jo, { isHere: false }));
  expect(names(board)).toEqual(['Jo']);
  board.tell(word(jo, { page: `${jo.id}/2`, isHere: false }));
  expect(told).toEqual(['Jo', '']);
});

test('who says nothing more is gone within 30 seconds, who goes on stays', () => {
  const { board, told } = aBoard();
  board.tell(word(jo));
  for (let beat = 0; beat < 4; beat += 1) {
    board.tell(word(ana));
    vi.advanceTimersByTime(7_500);
  }
  expect(names(board)).toEqual(['Ana']);
  expect(told).toEqual(['Jo', 'Ana Jo', 'Ana']);
  vi.advanceTimersByTime(30_000);
  expect([names(board), vi.getTimerCount()]).toEqual([[], 0]);
});

test('another workspace hears nothing of it', () => {
  const { board } = aBoard();
  const listener = vi.fn<() => void>();
  board.listen('other', listener);
  board.tell(word(jo));
  expect(listener).not.toHaveBeenCalled();
  expect(board.people('other', 'playbook:p')).toEqual([]);
});

test('other processes hear it by the database; what is no word of it is passed over', async () => {
  vi.useRealTimers();
  const database = await testDatabase({ isEmpty: true });
  const parts = { onWake: () => undefined, onLog: () => undefined, log: createLog({ level: 'silent' }) };
  const heard = Promise.withResolvers<void>();
  const here = createPresenceBoard({ spread: (text) => sender.tellPresence(text) });
  const there = createPresenceBoard({ spread: () => undefined });
  there.listen('w', () => heard.resolve());
  const sender = await connectWakeups(database.appUrl, { ...parts, onPresence: (text) => here.hear(text) });
  const receiver = await connectWakeups(database.appUrl, { ...parts, onPresence: (text) => there.hear(text) });
  there.hear('nonsense');
  there.hear('{"isHere":true}');
  here.tell(word(jo));
  await heard.promise;
  expect(names(there)).toEqual(['Jo']);
  await Promise.all([sender.close(), receiver.close()]);
  here.close();
  there.close();
  await database.close();
});
