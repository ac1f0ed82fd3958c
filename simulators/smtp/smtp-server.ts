import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface ReceivedLetter {
  from: string;
  to: string[];
  /** Header lines and body as they came, dots unstuffed. */
  raw: string;
}
export interface SmtpServer {
  readonly url: string;
  readonly letters: ReceivedLetter[];
  /** Answer to the next RCPT; null again after it was given. */
  refuseNext(line: string): void;
  close(): Promise<void>;
}

/** A mail server on loopback that takes every letter and delivers none: for tests and the demo. */
export async function startSmtpServer(port = 0): Promise<SmtpServer> {
  const letters: ReceivedLetter[] = [];
  const sockets = new Set<Socket>();
  let refusal: string | null = null;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    let letter: ReceivedLetter = { from: '', to: [], raw: '' };
    let isData = false;
    let rest = '';
    const takeLine = (line: string): void => {
      if (isData) {
        if (line !== '.') letter.raw += `${line.startsWith('..') ? line.slice(1) : line}\r\n`;
        else {
          isData = false;
          letters.push(letter);
          letter = { from: '', to: [], raw: '' };
          say('250 taken');
        }
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      if (verb === 'EHLO') say('250-loopback\r\n250-8BITMIME\r\n250 SMTPUTF8');
      else if (verb === 'MAIL') {
        letter = { from: address, to: [], raw: '' };
        say('250 ok');
      } else if (verb === 'RCPT') {
        const refused = refusal;
        refusal = null;
        if (refused === null) letter.to.push(address);
        say(refused ?? '250 ok');
      } else if (verb === 'DATA') {
        isData = true;
        say('354 go on');
      } else if (verb === 'QUIT') {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    };
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) takeLine(line);
    });
    say('220 loopback');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    letters,
    refuseNext: (line) => void (refusal = line),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
