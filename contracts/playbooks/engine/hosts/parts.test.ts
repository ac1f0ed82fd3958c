import { expect, test } from 'vitest';
import type { HostReply, HostsRequest } from '../effects.ts';
import { nextPart } from './parts.ts';

const work = (command: string) => ({
  kind: 'ssh' as const,
  command,
  shell: '/bin/sh',
  env: {},
  stdin: null,
  cwd: null,
  sudo: false,
  durable: true,
});
const request: HostsRequest = {
  address: 'a',
  stepId: 'a',
  attempt: 1,
  execution: 1,
  safeToRepeat: false,
  timeoutMs: 1000,
  hosts: ['h1', 'h2', 'h3', 'h4', 'h5'].map((name, index) => ({
    server: { id: name, name, host: name, port: 22, tags: [] },
    work: index % 2,
  })),
  work: [work('even'), work('odd')],
  parallel: 20,
  okExitCodes: [0],
  stopAfterFailures: 1,
  retryRule: null,
  batch: 0,
  outputBytes: 65_536,
};
const good: HostReply = { kind: 'ended', exitCode: 0 };
const bad: HostReply = { kind: 'ended', exitCode: 1 };
const names = (part: HostsRequest | null) => part?.hosts.map(({ server }) => server.name);

test('parts follow one another in order, with the works they need and what is left of the budget', () => {
  const first = nextPart(request, {}, 2).part;
  expect(names(first)).toEqual(['h1', 'h2']);
  expect(first?.stopAfterFailures).toBe(1);
  const second = nextPart(request, { h1: good, h2: bad }, 2).part;
  expect(names(second)).toEqual(['h3', 'h4']);
  expect(second?.stopAfterFailures).toBe(0);
  const last = nextPart(request, { h1: good, h2: bad, h3: good, h4: good }, 2).part;
  expect(last).toMatchObject({ hosts: [{ server: { name: 'h5' }, work: 0 }], work: [{ command: 'even' }] });
  expect(nextPart(request, Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5'].map((name) => [name, good])), 2)).toEqual({
    part: null,
    passedOver: {},
  });
});

test('once too many have failed, or it was canceled, the rest is not begun', () => {
  expect(nextPart(request, { h1: bad, h2: bad }, 2)).toEqual({
    part: null,
    passedOver: { h3: { kind: 'notStarted' }, h4: { kind: 'notStarted' }, h5: { kind: 'notStarted' } },
  });
  expect(nextPart(request, { h1: good, h2: { kind: 'canceled' } }, 4).passedOver).toEqual({
    h3: { kind: 'canceled' },
    h4: { kind: 'canceled' },
    h5: { kind: 'canceled' },
  });
});
