import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { type Address, egressRule } from '../http/address-guard.ts';
import { permittedAddresses, readUrl, untilAborted } from '../http/guarded-request.ts';
import { type PostgresAccess, connectTimeoutOf, type PostgresTarget } from './access.ts';
import { postgresFailure, tlsFailure } from './failures.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';

/** A connection over which the server's protocol can begin, and where it leads. */
export interface OpenSocket {
  readonly socket: Socket | TLSSocket;
  readonly address: Address;
  /**
   * Whether chunks are lent until their `data` event is over, instead of given. All come through one piece of memory: of a
   * piece each, as many would lie about as the collector lets, which is tens of megabytes in a large result.
   */
  readonly lends: (isLent: boolean) => void;
}

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Connects to the database: the host is resolved once, each of its addresses judged, and the connection goes to one that
 * passed. `to`: the address an earlier connection went to, for what belongs to it.
 * @throws QueryFailure of kind `network`
 */
export async function openSocket(access: PostgresAccess, signal?: AbortSignal, to?: Address): Promise<OpenSocket> {
  const { target } = access;
  const timeoutMs = connectTimeoutOf(access);
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const addresses = to ? [to] : await untilAborted(judged(access), either);
    let last: unknown;
    for (const address of addresses) {
      try {
        const taking = takeChunks();
        const isClear = target.tls === 'off';
        const tcp = await openTcp(address, target.port, either, isClear ? taking.onread : undefined);
        const socket = isClear ? tcp : await encrypt(tcp, target, either, taking.onread);
        taking.of(socket);
        return { socket, address, lends: taking.lends };
      } catch (error) {
        last = error;
        // Who answers and is refused is the one meant: another address would not be better.
        if (either.aborted || error instanceof QueryFailure) break;
      }
    }
    throw last;
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted)
      throw new QueryFailure(
        {
          kind: 'network',
          code: 'connect_timed_out',
          message: `${target.host}:${target.port} did not answer within ${timeoutMs} ms.`,
          hint: 'Check host, port and firewall; it is tried again.',
        },
        error,
      );
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND')
      throw new QueryFailure(
        {
          kind: 'network',
          code: 'host_unknown',
          message: `Nobody knows the host ${target.host}.`,
          hint: "Check the host's name in the connection.",
          retryable: false,
        },
        error,
      );
    throw postgresFailure(error);
  }
}

function judged({ target, guard }: PostgresAccess): Promise<readonly Address[]> {
  const { host, port } = target;
  // Read as an address of the web is, which turns all ways to write an IPv4 address into the one that is judged.
  const url = readUrl(`http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new QueryFailure({
      kind: 'network',
      code: 'host_invalid',
      message: 'The host is no name and no address.',
      hint: 'Give the name or address alone.',
      retryable: false,
    });
  return permittedAddresses(url, egressRule(guard.allow), guard);
}

/** The wire gives so much at a time at most. */
const chunkBytes = 65_536;

/** Reads a socket through one buffer, and tells of each chunk as sockets do. */
function takeChunks(): {
  onread: OnReadOpts;
  of: (socket: Socket) => void;
  lends: OpenSocket['lends'];
} {
  let socket: Socket | undefined;
  let isLent = false;
  return {
    onread: {
      buffer: Buffer.allocUnsafeSlow(chunkBytes),
      callback: (length, buffer) => {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
        socket?.emit('data', isLent ? chunk : Buffer.from(chunk));
        return true;
      },
    },
    of: (opened) => (socket = opened),
    lends: (lent) => (isLent = lent),
  };
}

function openTcp(
  { address, family }: Address,
  port: number,
  signal: AbortSignal,
  onread: OnReadOpts | undefined,
): Promise<Socket> {
  const socket = connectTcp({
    ...(onread && { onread }),
    host: address,
    port,
    family,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
  });
  return settled(socket, 'connect', signal);
}

/** Asks whether the server speaks TLS, and begins it. A server that does not is left: nothing is sent to it in clear. */
async function encrypt(
  tcp: Socket,
  target: PostgresTarget,
  signal: AbortSignal,
  onread: OnReadOpts,
): Promise<TLSSocket> {
  tcp.write(sslRequest);
  const answer = await untilAborted(
    new Promise<Buffer>((resolve, reject) => {
      tcp.once('data', resolve);
      tcp.once('error', reject);
      tcp.once('close', () => reject(tlsFailure('tls_refused', 'The server ended the connection when asked for TLS.')));
    }),
    signal,
  ).catch((error: unknown) => {
    tcp.destroy();
    throw error;
  });
  tcp.removeAllListeners();
  tcp.pause();
  // More than the one byte would be taken for the server's, although it came before the encryption (CVE-2021-23222).
  if (answer.length !== 1 || answer[0] !== 0x53) {
    tcp.destroy();
    throw tlsFailure('tls_unavailable', 'The server does not speak TLS, and the connection asks for it.');
  }
  const secure = connectTls(tlsOptions(tcp, target, onread));
  try {
    return await settled(secure, 'secureConnect', signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw tlsFailure('tls_failed', `TLS with the server failed: ${message} (${code ?? 'no code'}).`, error);
  }
}

/** `onread` is passed on to the socket as net.connect has it; the types of Node leave it out. */
function tlsOptions(
  socket: Socket,
  { host, tls, ca }: PostgresTarget,
  onread: OnReadOpts,
): ConnectionOptions & { onread: OnReadOpts } {
  const isName = isIP(host) === 0;
  return {
    socket,
    onread,
    // The name that is verified is the user's, not the address that it led to.
    host,
    ...(isName && { servername: host }),
    rejectUnauthorized: tls === 'verify-full',
    ...(ca !== undefined && ca !== '' && { ca }),
    minVersion: 'TLSv1.2',
  };
}

/** Waits for a socket's event; a socket that fails before it is destroyed. */
function settled<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<S> {
  return untilAborted(
    new Promise<S>((resolve, reject) => {
      socket.once(event, () => {
        socket.removeListener('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
    }),
    signal,
  ).catch((error: unknown) => {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  });
}
