import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

type Want =
  | { want: 'database'; isEmpty: boolean }
  | { want: 'drop'; name: string }
  | { want: 'temporal' }
  | { want: 'testServer' }
  | { want: 'bundle' };

const post = (socketPath: string, body: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const asking = request({ socketPath, method: 'POST', path: '/' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asking.on('error', reject).end(body);
  });

/** Asks the run's broker; the first moments of a run it may not listen yet. */
export async function askBroker(want: Want): Promise<unknown> {
  const socketPath = inject('brokerSocket');
  for (let attempt = 1; ; attempt++) {
    try {
      const { status, text } = await post(socketPath, JSON.stringify(want));
      if (status !== 200) throw new Error(`The test kit could not give a ${want.want}: ${text}`);
      return JSON.parse(text);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if ((code !== 'ENOENT' && code !== 'ECONNREFUSED') || attempt > 200) throw error;
      await sleep(50);
    }
  }
}
