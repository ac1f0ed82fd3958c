import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SFTPWrapper, Stats } from 'ssh2';
import { type ConnectOptions, type SshTarget, connect } from './connect.ts';
import { SshProblem } from './problem.ts';

export interface SftpPut {
  readonly path: string;
  /** The name beside it under which it grows: the same at each attempt, so that what one left the next one takes over. */
  readonly partPath: string;
  /** Called once the way is open; read to its end. */
  readonly open: () => Promise<NodeJS.ReadableStream & AsyncIterable<Buffer>>;
}

/**
 * Writes a file by SFTP: beside its place first, renamed over it after the last byte has been written and counted there, so
 * that nobody ever reads half of it. A file that cannot be finished is taken away again, as far as the host can be reached.
 * Repeatable. Fails by `sftp.refused` with what the host said, by `ssh.*`, and by whatever reading fails by.
 * @returns bytes written
 */
export async function putFile(
  target: SshTarget,
  { path, partPath, open }: SftpPut,
  options: ConnectOptions,
): Promise<number> {
  const connection = await connect(target, options);
  const gone = new AbortController();
  void connection.ended.then((reason) =>
    gone.abort(new SshProblem('ssh.connection_lost', { host: target.host, reason })),
  );
  const signal = AbortSignal.any([gone.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const sftp = await asked<SFTPWrapper>((done) => connection.client.sftp(done), signal).catch((error: Error) => {
      signal.throwIfAborted();
      throw new SshProblem(
        'sftp.refused',
        { host: target.host, path, reason: `it offers no SFTP: ${error.message}` },
        error,
      );
    });
    const source = await open();
    const sink = sftp.createWriteStream(partPath, { mode: 0o640 });
    // Each is ended by the failure of the other: who failed is whoever said so first.
    let failed: 'reading' | 'writing' | null = null;
    source.once('error', () => (failed ??= 'reading'));
    sink.once('error', () => (failed ??= 'writing'));
    const counted = countedOf();
    try {
      const written = pipeline(source, counted.pass, sink, { signal });
      // A sink whose host is gone waits for an answer to its last request: nobody waits with it.
      await asked<void>((done) => void written.then(() => done(), done), signal);
      const { size } = await asked<Stats>((done) => sftp.stat(partPath, done), signal);
      if (size !== counted.bytes()) throw new Error(`${size} bytes are there where ${counted.bytes()} were written`);
      await renameOver(sftp, partPath, path, signal);
      return counted.bytes();
    } catch (error) {
      if (connection.isOpen()) await asked((done) => sftp.unlink(partPath, done), gone.signal).catch(() => undefined);
      signal.throwIfAborted();
      if (failed === 'reading' || !(error instanceof Error)) throw error;
      throw problemOf(error, { host: target.host, path });
    }
  } finally {
    connection.end();
  }
}

/** Replaces what is there in one step where the host can; else what is there goes first. */
async function renameOver(sftp: SFTPWrapper, from: string, to: string, signal: AbortSignal): Promise<void> {
  try {
    await asked((done) => sftp.ext_openssh_rename(from, to, done), signal);
  } catch (error) {
    // Hosts without that extension: ssh2 says so by throwing, before anything was sent.
    if (!(error instanceof Error) || !/does not support this extended request/.test(error.message)) throw error;
    await asked((done) => sftp.unlink(to, done), signal).catch(() => undefined);
    await asked((done) => sftp.rename(from, to, done), signal);
  }
}

/** One request as a promise. A connection that is lost answers none. */
function asked<T = void>(
  send: (done: (error?: Error | null, value?: T) => void) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    send((error, value) => {
      signal.removeEventListener('abort', stop);
      if (error) reject(error);
      else resolve(value as T);
    });
  });
}

function countedOf() {
  let bytes = 0;
  const pass = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { pass, bytes: () => bytes };
}

/** Answers of SFTP that stay as they are however often one asks (draft-ietf-secsh-filexfer-02, 7). */
const forGood: Readonly<Record<number, string>> = {
  2: 'there is no such folder',
  3: 'this account may not write there',
  8: 'the host does not support this',
};

function problemOf(
  error: Error & { code?: number | string },
  { host, path }: { host: string; path: string },
): SshProblem {
  if (error instanceof SshProblem) return error;
  const known = typeof error.code === 'number' ? forGood[error.code] : undefined;
  return new SshProblem(known ? 'sftp.refused' : 'sftp.failed', { host, path, reason: known ?? error.message }, error);
}
