import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly address: string;
  readonly port: number;
  /** Connections taken since the start. */
  readonly taken: () => number;
  /** Bytes that came from the target. */
  readonly received: () => number;
  /** Ends every open connection by a reset, as a broken network does. New ones are taken. */
  reset: () => void;
  /** Passes nothing more on in either direction, without an end: a link that froze. */
  freeze: () => void;
  thaw: () => void;
  /** Refuses new connections (they are reset at once) until `accept`. */
  refuse: () => void;
  accept: () => void;
  stop: () => Promise<void>;
}

/** A TCP proxy on loopback that breaks on demand, to stand between a client and a real server. */
export async function startTcpProxy(target: { address: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let frozen = false;
  let refusing = false;
  let taken = 0;
  let received = 0;
  const server = createServer((near) => {
    near.on('error', () => {});
    if (refusing) {
      near.resetAndDestroy();
      return;
    }
    taken++;
    const far = connect({ host: target.address, port: target.port, noDelay: true });
    const pair: [Socket, Socket] = [near, far];
    near.setNoDelay(true);
    far.on('error', () => {});
    far.on('data', (bytes) => (received += bytes.length));
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    if (frozen) pair.forEach((socket) => socket.pause());
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.on('close', end);
    far.on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The proxy has no TCP address.');
  const each = (act: (socket: Socket) => void) => pairs.forEach((pair) => pair.forEach(act));
  const reset = () => each((socket) => socket.resetAndDestroy());
  return {
    address: '127.0.0.1',
    port: bound.port,
    taken: () => taken,
    received: () => received,
    reset,
    freeze: () => {
      frozen = true;
      each((socket) => socket.pause());
    },
    thaw: () => {
      frozen = false;
      each((socket) => socket.resume());
    },
    refuse: () => void (refusing = true),
    accept: () => void (refusing = false),
    stop: () => {
      reset();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
