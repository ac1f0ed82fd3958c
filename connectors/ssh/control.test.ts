import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ControlScanner, type ControlItem } from './control.ts';
import { outcomeOf, parseEnd, signalOf } from './command.ts';
import { playbookCode } from './problem.ts';
import { StreamText } from './text.ts';

const nonce = '0123456789abcdef0123456789abcdef';
const bytesOf = (items: ControlItem[]) =>
  Buffer.concat(items.flatMap((item) => (item.kind === 'bytes' ? [item.bytes] : [])));
const wordsOf = (items: ControlItem[]) => items.flatMap((item) => (item.kind === 'words' ? [item.words] : []));

test('however a stream is cut into chunks, its bytes and the words in it are the same', () => {
  const byte = fc.oneof(fc.constantFrom(10, 48, 49, 32, 0, 255), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(byte), fc.array(byte), fc.array(fc.nat(40)), (one, two, cuts) => {
      const whole = Buffer.concat([
        Buffer.from('noise\n'),
        Buffer.from(`\n${nonce} begun 42\n`),
        Buffer.from(one),
        Buffer.from(`\n${nonce} gap o 7\n`),
        Buffer.from(two),
        Buffer.from(`\n${nonce.slice(0, 9)}`),
      ]);
      const scanner = new ControlScanner(nonce);
      const items: ControlItem[] = [];
      let at = 0;
      for (const cut of cuts) items.push(...scanner.push(whole.subarray(at, (at += cut))));
      items.push(...scanner.push(whole.subarray(at)), ...scanner.flush());
      expect(wordsOf(items)).toEqual([
        ['begun', '42'],
        ['gap', 'o', '7'],
      ]);
      expect(bytesOf(items)).toEqual(
        Buffer.concat([Buffer.from(one), Buffer.from(two), Buffer.from(`\n${nonce.slice(0, 9)}`)]),
      );
      expect(scanner.noise.toString()).toBe('noise\n');
    }),
  );
});

test('a line that never ends is an error, not a growing buffer', () => {
  const scanner = new ControlScanner(nonce);
  expect(() => scanner.push(Buffer.from(`\n${nonce} ${'x'.repeat(600)}`))).toThrow('does not end');
});

test('an end line is read strictly', () => {
  expect(parseEnd('x 143 10 0 lost 1 .'.split(' '))).toMatchObject({
    exitCode: 143,
    signal: 'SIGTERM',
    isOutputLost: true,
    isOutputOpen: true,
  });
  expect(parseEnd('x canceled 0 0 ok 0 .'.split(' '))).toMatchObject({ exitCode: null, isCanceled: true });
  for (const torn of ['x 0 1 2 ok 0', 'x 256 0 0 ok 0 .', 'x 0 -1 0 ok 0 .', 'x 0 0 0 maybe 0 .', '']) {
    expect(() => parseEnd(torn.split(' '))).toThrow(expect.objectContaining({ code: 'command.outcome_unknown' }));
  }
  expect([signalOf(128), signalOf(137), signalOf(192), signalOf(193)]).toEqual([null, 'SIGKILL', 'SIG64', null]);
});

test('an end means success, failure or cancel, and warnings do not change that', () => {
  const end = (line: string) => parseEnd(line.split(' '));
  expect(outcomeOf(end('x 0 5 0 ok 0 .'))).toEqual({ state: 'succeeded', problem: null, warnings: [] });
  expect(outcomeOf(end('x 3 5 0 lost 0 .'), [0, 3])).toMatchObject({
    state: 'succeeded',
    warnings: ['command.output_lost'],
  });
  const killed = outcomeOf(end('x 137 5 0 ok 0 .'));
  expect(killed).toMatchObject({
    state: 'failed',
    problem: { code: 'command.failed', facts: { exitCode: 137, signal: 'SIGKILL' } },
  });
  expect(killed.problem && playbookCode(killed.problem)).toBe('command.killed');
  expect(outcomeOf(end('x canceled 0 0 ok 0 .'))).toMatchObject({
    state: 'canceled',
    problem: { code: 'command.canceled' },
  });
});

test('a character cut in two by a chunk is read whole', () => {
  const text = new StreamText();
  const bytes = Buffer.from('aé€😀');
  const read = Array.from(bytes, (byte) => text.push(Uint8Array.of(byte))).join('') + text.end();
  expect(read).toBe('aé€😀');
});

test('playbooks see their own codes', () => {
  expect(playbookCode({ code: 'command.failed', facts: { exitCode: 1 } })).toBe('command.exited_nonzero');
  expect(playbookCode({ code: 'command.failed', facts: { exitCode: 143, signal: 'SIGTERM' } })).toBe('command.killed');
  expect(playbookCode({ code: 'ssh.auth_refused' })).toBe('host.auth_failed');
  expect(playbookCode({ code: 'command.host_rebooted' })).toBe('outcome.unknown');
  expect(playbookCode({ code: 'command.disk_full' })).toBe('command.disk_full');
});
