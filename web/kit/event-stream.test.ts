import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { frameReader } from '#contracts/events/frame-reader.ts';
import { keepFresh, staleKeys } from './freshness.ts';

const collect = () => {
  const frames: Array<{ event: string; id: string | undefined; data: string }> = [];
  return { frames, read: frameReader((frame) => frames.push(frame)) };
};

test('a frame that comes in pieces is read once it is whole', () => {
  const { frames, read } = collect();
  read('id: 1.2.3\nevent: run.st');
  read('arted\ndata: {"a":');
  expect(frames).toEqual([]);
  read('1}\n\nevent: ping\ndata: {}\n\nid: 4');
  expect(frames).toEqual([
    { event: 'run.started', id: '1.2.3', data: '{"a":1}' },
    { event: 'ping', id: undefined, data: '{}' },
  ]);
});

test('comments keep the connection and are no events', () => {
  const { frames, read } = collect();
  read(': still here\r\n\r\ndata: x\r\n\r\n');
  expect(frames.map(({ event }) => event)).toEqual(['ping', 'message']);
});

test('an event makes stale what shows it, and only the run it names', () => {
  const ofRun = [
    ['runs'],
    ['run', 'r1'],
    ['overview'],
    ['queues'],
    ['query-runs'],
    ['query-run', 'r1'],
    ['query-queue'],
  ];
  expect(staleKeys({ type: 'run.progressed', run: 'r1', subject: null })).toEqual(ofRun);
  expect(staleKeys({ type: 'run.ended', run: 'r1', subject: null })).toEqual([
    ...ofRun,
    ['playbooks'],
    ['schedules'],
    ['server'],
    ['run-triggers'],
  ]);
  expect(staleKeys({ type: 'host.updated', run: 'r1', subject: null })).toEqual([['run', 'r1']]);
  expect(staleKeys({ type: 'server.checked', run: null, subject: null })).toEqual([['servers'], ['overview']]);
  // Events name a thing by its kind and id, queries by its id alone.
  const subject = 'server:019a0000-0000-7000-8000-000000000000';
  expect(staleKeys({ type: 'server.changed', run: null, subject })).toContainEqual(['server', subject.slice(7)]);
  expect(staleKeys({ type: 'weather.changed', run: null, subject: null })).toEqual([]);
});

test('an answer under way is kept, and a change that came meanwhile is read after it', async () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  const asked: Array<(value: string) => void> = [];
  const observer = new QueryObserver(client, {
    queryKey: ['runs'],
    queryFn: () => new Promise<string>((resolve) => asked.push(resolve)),
  });
  const end = observer.subscribe(() => undefined);
  const hear = keepFresh(client);
  const event = { cursor: '', type: 'run.progressed', subject: null, run: null, data: {}, at: '' };
  for (let at = 0; at < 10; at++) {
    hear(event);
    await vi.advanceTimersByTimeAsync(400);
  }
  expect(asked.length).toBe(1); // the first answer is still awaited
  asked[0]?.('before the change');
  await vi.advanceTimersByTimeAsync(2_100);
  expect(asked.length).toBe(2);
  asked[1]?.('after the change');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked.length).toBe(2); // nothing has happened since
  expect(client.getQueryData(['runs'])).toBe('after the change');
  end();
  vi.useRealTimers();
});
