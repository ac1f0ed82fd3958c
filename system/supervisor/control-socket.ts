import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const Answer = z.object({
  pid: z.number().int(),
  name: z.string(),
  key: z.string(),
  isReady: z.boolean(),
  links: z.record(z.string(), z.string()),
});
export type ControlAnswer = z.infer<typeof Answer>;

/** Where a child answers: in its home, or, where that path is too long for a socket, in the temporary folder. */
export function controlSocketOf(home: string, name: string): string {
  const path = join(resolve(home), 'run', `${name}.sock`);
  if (path.length <= 100) return path;
  return join(tmpdir(), `windlass-${createHash('sha256').update(path).digest('hex').slice(0, 20)}.sock`);
}

/** What the child of that name says of itself; undefined where none answers within two seconds. */
export const askChild = (home: string, name: string): Promise<ControlAnswer | undefined> =>
  new Promise((done) => {
    let text = '';
    const socket = connect(controlSocketOf(home, name));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      try {
        done(Answer.parse(JSON.parse(text)));
      } catch {
        done(undefined);
      }
    });
  });
