import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { StartFailure, reasonOf } from '../start-failure.ts';
import { controlSocketOf } from './control-socket.ts';

/** What a child tells its supervisor once it serves. */
export interface ReadyInfo {
  /** Rows to print at the start, by label: the first-run link, for one. */
  readonly links?: Readonly<Record<string, string>>;
}

export interface ChildOptions {
  /** WINDLASS_HOME. */
  readonly home: string;
  /** Ends the process's work: called once, at the first SIGTERM or SIGINT; then the process exits. */
  readonly stop: () => Promise<void>;
  readonly say?: (line: string) => void;
}

/** A stop that takes longer is ended by force: whatever it still did is durable elsewhere. */
const STOP_LIMIT_MS = 20_000;

/**
 * Joins this process to the supervisor that started it, if one did (`WINDLASS_CHILD` holds its name): it answers on a
 * control socket, so that a later supervisor finds and adopts it, and it outlives the one that started it. Works alone too.
 * Returns the function that tells that the process serves now.
 */
export function joinSupervisor({ home, stop, say = () => {} }: ChildOptions): (info?: ReadyInfo) => void {
  const name = process.env['WINDLASS_CHILD'];
  const key = process.env['WINDLASS_CHILD_KEY'] ?? '';
  let ready: ReadyInfo | undefined;
  let isStopping = false;

  const control = name
    ? createServer((socket) => {
        socket.on('error', () => {});
        socket.end(
          JSON.stringify({
            pid: process.pid,
            name,
            key,
            isReady: ready !== undefined && !isStopping,
            links: ready?.links ?? {},
          }),
        );
      })
    : undefined;
  if (control && name) {
    const path = controlSocketOf(home, name);
    rmSync(path, { force: true });
    control.on('error', (error) => say(`The control socket failed: ${error.message}`));
    control.listen(path, () => chmodSync(path, 0o600));
    control.unref();
  }
  // Without the supervisor the work goes on; a log on a closed pipe must not end it either.
  process.on('disconnect', () => {});
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  const end = (): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        say(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);

  return (info = {}) => {
    ready = info;
    if (process.connected) process.send?.({ type: 'ready', ...info }, () => {});
  };
}

/** Ends a child that cannot start, with the one line that says why; the supervisor shows it. */
export async function failStart(error: unknown): Promise<never> {
  const exitCode =
    error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 1;
  const isExplained = error instanceof StartFailure;
  const line = reasonOf(error);
  process.stderr.write(`${isExplained || !(error instanceof Error) ? line : (error.stack ?? line)}\n`);
  if (process.connected)
    await new Promise<void>((sent) => process.send?.({ type: 'failed', line, isExplained, exitCode }, () => sent()));
  process.exit(exitCode);
}
