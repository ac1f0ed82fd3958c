import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { openSse, sseFrame } from './sse.ts';

test('frames made once for many streams and frames of one stream come whole and in the order of their sending', async () => {
  const app = Fastify({ forceCloseConnections: true });
  const shared = sseFrame('run.ended', JSON.stringify({ title: 'Größe → 12 µm' }), 'c.1.2');
  app.get('/', (request, reply) => {
    const stream = openSse(request, reply);
    stream.send('hello', '{}');
    stream.sendFrame(shared);
    stream.send('ping', '{"ü":1}');
    stream.sendFrame(shared);
    setTimeout(() => {
      stream.sendFrame(shared);
      stream.end();
      stream.sendFrame(shared); // too late, and no harm
    }, 5);
  });
  try {
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    const both = await Promise.all([fetch(origin), fetch(origin)].map(async (answer) => (await answer).text()));
    const event = 'id: c.1.2\nevent: run.ended\ndata: {"title":"Größe → 12 µm"}\n\n';
    for (const text of both)
      expect(text).toBe(`event: hello\ndata: {}\n\n${event}event: ping\ndata: {"ü":1}\n\n${event}${event}`);
  } finally {
    await app.close();
  }
});
