import { expect, test } from 'vitest';
import { frameReader } from './event-stream.ts';
import { staleKeys } from './freshness.ts';

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
  const ofRun = [['runs'], ['run', 'r1'], ['overview'], ['queues']];
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
