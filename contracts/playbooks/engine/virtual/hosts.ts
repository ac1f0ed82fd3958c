import type { CancelToken } from '../cancel.ts';
import type { HostReply, HostsRequest } from '../effects.ts';
import { countsAsFailure } from '../hosts/results.ts';
import { Later, type VirtualClock } from './clock.ts';
import { delayMs, type HostMock, type Mock } from './mocks.ts';

type Replies = Record<string, HostReply>;

/** Runs one batch of mocked hosts as an activity would: so many at a time, stopping where too many have failed. */
export function runMockedHosts(
  clock: VirtualClock,
  request: HostsRequest,
  mock: Mock | undefined,
  cancel: CancelToken,
  onStart: (host: string) => void,
): Later<Replies> {
  const later = new Later<Replies>();
  const replies: Replies = {};
  const waiting = request.hosts.map(({ server }) => server.name);
  const running = new Map<string, () => void>();
  let failures = 0;
  const end = (name: string, reply: HostReply): void => {
    running.delete(name);
    replies[name] = reply;
    if (countsAsFailure(reply, request)) failures += 1;
  };
  /** Starts as many as may run; those that take no time end together, and make room for the next. */
  const fill = (): void => {
    for (let hasEnded = true; hasEnded && !later.isSettled;) {
      if (failures > request.stopAfterFailures)
        for (const name of waiting.splice(0)) replies[name] = { kind: 'notStarted' };
      const atOnce: [name: string, reply: HostReply][] = [];
      while (running.size + atOnce.length < request.parallel && waiting.length > 0) {
        const name = waiting.shift() ?? '';
        onStart(name);
        const { ms, reply } = mockedHost(mock, name, request.timeoutMs);
        if (ms === 0) atOnce.push([name, reply]);
        else
          running.set(
            name,
            clock.after(ms, 'call', () => {
              end(name, reply);
              fill();
            }),
          );
      }
      for (const [name, reply] of atOnce) end(name, reply);
      hasEnded = atOnce.length > 0;
    }
    if (running.size === 0 && waiting.length === 0) later.settle(replies);
  };
  cancel.onCancel(() => {
    for (const [name, callOff] of running) {
      callOff();
      replies[name] = { kind: 'canceled' };
    }
    for (const name of waiting) replies[name] = { kind: 'canceled' };
    later.settle(replies);
  });
  fill();
  return later;
}

/** What a host says, and after how long. A host that is not named succeeds. */
function mockedHost(mock: Mock | undefined, name: string, timeoutMs: number | null): { ms: number; reply: HostReply } {
  const own = mock?.hosts?.[name];
  const host: HostMock =
    own ??
    (mock?.hosts ? {} : { ...(mock?.output as HostMock | undefined), ...(mock?.error ? { error: mock.error } : {}) });
  const ms = delayMs(host.delay ?? mock?.delay);
  if (timeoutMs !== null && ms > timeoutMs) {
    return {
      ms: timeoutMs,
      reply: { kind: 'error', error: { code: 'step.timed_out', message: `Not ended after ${timeoutMs} ms.` } },
    };
  }
  const { exitCode = 0, signal = null, stdout = '', stderr = '', error, delay: _delay, ...more } = host;
  if (error)
    return { ms, reply: { kind: 'error', error: { ...error, message: error.message ?? error.code }, stdout, stderr } };
  return { ms, reply: { kind: 'ended', exitCode, signal, stdout, stderr, more: more as never } };
}
