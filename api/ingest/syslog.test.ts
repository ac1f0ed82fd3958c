import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogLine } from '#contracts/logs/logs.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';
import { listenSyslog, type SyslogServer } from './syslog.ts';

let app: TestApp;
let server: SyslogServer;
let sourceId = '';
let lost = 0;
let isFailing = false;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  const { source, address } = await app.ok('POST', '/log-sources', { name: 'Syslog', sender: 'rsyslog', timeZone: 'Europe/Berlin' }); // prettier-ignore
  sourceId = source.id;
  const { db, system, log } = app.parts;
  server = await listenSyslog({
    listeners: `tcp://127.0.0.1:0/${address.token}, udp://127.0.0.1:0/${address.token}`,
    db,
    system,
    write: (...given) =>
      isFailing ? Promise.reject(new Error('the database is away')) : app.app.tools.logs.write(...given),
    onLost: (count) => void (lost += count),
    log,
  });
});
afterAll(async () => {
  await server?.close();
  await app?.close();
});

const word = (): string => `w${Math.random().toString(36).slice(2)}`;
const found = (q: string, count: number): Promise<LogLine[]> =>
  until(async () => {
    const { data } = await app.ok('GET', `/logs?q=${encodeURIComponent(q)}&from=2026-01-01T00:00:00Z`);
    return data.length >= count ? (data as LogLine[]) : undefined;
  });
const tcp = async (...parts: string[]): Promise<void> => {
  const socket = connect(server.ports[0] ?? 0, '127.0.0.1');
  await once(socket, 'connect');
  for (const part of parts) await new Promise<void>((done) => void socket.write(part, () => done()));
  socket.end();
  await once(socket, 'close');
};
const udp = async (...messages: string[]): Promise<void> => {
  const socket = createSocket('udp4');
  for (const message of messages)
    await new Promise<void>((done) => socket.send(message, server.ports[1] ?? 0, '127.0.0.1', () => done()));
  socket.close();
};
const stamp = (): string => new Date().toISOString();

test('over TCP counted frames and lines come in, in one connection and torn anywhere', async () => {
  const mark = word();
  const counted = `<165>1 ${stamp()} web-1 nginx 42 ID47 [req@1 path="/a"] counted ${mark}\nwith a line of its own`;
  const line = `<11>1 ${stamp()} web-2 app - - - line ${mark}\n`;
  const all = `${Buffer.byteLength(counted)} ${counted}${line}`;
  await tcp(all.slice(0, 30), all.slice(30, 100), all.slice(100));
  const lines = await found(mark, 2);
  expect(lines.find(({ host }) => host === 'web-1')).toMatchObject({ service: 'nginx', severity: 'info', sourceId, text: `counted ${mark}\nwith a line of its own`, attributes: { 'req@1.path': '/a', 'syslog.facility': 'local4' } }); // prettier-ignore
  expect(lines.find(({ host }) => host === 'web-2')).toMatchObject({ service: 'app', severity: 'high', text: `line ${mark}` }); // prettier-ignore
});

test('over UDP each datagram is a message, of the new form or the old', async () => {
  const mark = word();
  const old = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Berlin', month: 'short', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }); // prettier-ignore
  const part = Object.fromEntries(old.formatToParts(new Date()).map(({ type, value }) => [type, value]));
  await udp(
    `<34>1 ${stamp()} host-1 su - - - new ${mark}`,
    `<13>${part['month']} ${part['day']} ${part['hour']}:${part['minute']}:${part['second']} host-2 cron[7]: old ${mark}`,
  );
  const lines = await found(mark, 2);
  expect(lines.map(({ host, service, severity }) => [host, service, severity]).sort()).toEqual([
    ['host-1', 'su', 'critical'],
    ['host-2', 'cron', 'info'],
  ]);
  // The wall clock of a zone that was set is an instant near now.
  for (const { at } of lines) expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(600_000);
});

test('while the database is away what came over TCP waits and is written; a frame that cannot be is counted as lost', async () => {
  const mark = word();
  isFailing = true;
  const sent = tcp(`<11>1 ${stamp()} web-3 app - - - waits ${mark}\n`);
  await udp(`<11>1 ${stamp()} web-3 app - - - too ${mark}`);
  isFailing = false;
  await sent;
  await found(mark, 2);
  const before = lost;
  await tcp(`999999999 <11>1 never`);
  await until(() => lost > before);
  const figures = await until(async () => {
    const { data } = await app.ok('GET', '/log-sources');
    return data[0].figures.lost > 0 ? data[0].figures : undefined;
  });
  expect(figures.events).toBeGreaterThanOrEqual(6);
});
