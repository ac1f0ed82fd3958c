// 1,000 clients of the event stream, in a process of their own: each frame's arrival is held against the time, on the
// machine's monotonic clock, that its writer noted at the commit.
import { get } from 'node:http';

const [url = '', key = '', clients = '1000'] = process.argv.slice(2);
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const delays: number[] = [];

function open(): Promise<void> {
  return new Promise((done, fail) => {
    const asking = get(`${url}/api/v1/events?types=run.progressed`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      agent: false,
    });
    asking.once('error', fail).once('response', (answer) => {
      if (answer.statusCode !== 200) return fail(new Error(`A stream was answered ${answer.statusCode}.`));
      answer.socket.setNoDelay(true);
      let isOpen = false;
      answer.on('data', (chunk: Buffer) => {
        const at = now();
        const text = chunk.toString('latin1');
        for (const [, committed] of text.matchAll(/"committedAtMs":([\d.]+)/g)) delays.push(at - Number(committed));
        if (isOpen) return;
        isOpen = true;
        done();
      });
    });
  });
}

// Some at once: a burst of a thousand would only measure the listen queue.
let left = Number(clients);
await Promise.all(
  Array.from({ length: 20 }, async () => {
    while (left-- > 0) await open();
  }),
);
process.on('message', (message) => {
  if (message === 'reset') delays.length = 0;
  if (message === 'report') process.send?.({ delays });
});
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
