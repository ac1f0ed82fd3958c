import { gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { SharedAnswers, WrittenAnswer } from './shared-answers.ts';

/** Answers that are made when the test says so, each with the number of its making. */
function maker() {
  const ends: ((failure?: Error) => void)[] = [];
  const make = () =>
    new Promise<number>((done, fail) => {
      const no = ends.length + 1;
      ends.push((failure) => (failure ? fail(failure) : done(no)));
    });
  return { make, ends };
}
const settle = () => new Promise((done) => setImmediate(done));

test('who asks while an answer is made is given the next one, begun after they asked, and shares it', async () => {
  const { make, ends } = maker();
  const shared = new SharedAnswers();
  const first = shared.get('a', make);
  const later = [shared.get('a', make), shared.get('a', make)];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  expect((await first).json).toBe('1');
  await settle();
  expect(ends).toHaveLength(2);
  const last = shared.get('a', make);
  ends[1]?.();
  expect((await Promise.all(later)).map(({ json }) => json)).toEqual(['2', '2']);
  await settle();
  ends[2]?.();
  expect((await last).json).toBe('3');
});

test('another question is another answer, and one that has been given is not given again', async () => {
  const { make, ends } = maker();
  const shared = new SharedAnswers();
  const answers = [shared.get('a', make), shared.get('b', make)];
  for (const end of ends) end();
  expect((await Promise.all(answers)).map(({ json }) => json)).toEqual(['1', '2']);
  await settle();
  const again = shared.get('a', make);
  expect(ends).toHaveLength(3);
  ends[2]?.();
  expect((await again).json).toBe('3');
});

test('a failure is told to who asked, and those behind are answered anew', async () => {
  const { make, ends } = maker();
  const shared = new SharedAnswers();
  const first = shared.get('a', make);
  const second = shared.get('a', make);
  ends[0]?.(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await settle();
  ends[1]?.();
  expect((await second).json).toBe('2');
});

test('an answer is packed where the caller takes that and it is worth it', async () => {
  const app = Fastify();
  const long = new WrittenAnswer({ text: 'a'.repeat(5_000) });
  const short = new WrittenAnswer({ text: 'a' });
  app.get('/long', (request, reply) => long.send(request, reply));
  app.get('/short', (request, reply) => short.send(request, reply));
  const ask = (url: string, encoding: string) => app.inject({ url, headers: { 'accept-encoding': encoding } });
  const packed = await ask('/long', 'br, gzip');
  expect(packed.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-type': 'application/json; charset=utf-8',
    vary: 'accept-encoding',
  });
  expect(gunzipSync(packed.rawPayload).toString()).toBe(long.json);
  for (const [url, encoding, json] of [
    ['/long', 'gzip;q=0', long.json],
    ['/long', '', long.json],
    ['/short', 'gzip', short.json],
  ] as const) {
    const plain = await ask(url, encoding);
    expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, json]);
  }
  await app.close();
});
