import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { Refused, UsageError } from './exits.ts';
import { print, readInput } from './terminal.ts';

const mimes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.csv': 'text/csv',
  '.txt': 'text/plain',
  '.ndjson': 'application/x-ndjson',
};
/** The content type that a file's name speaks of. */
export const mimeOf = (path: string): string => mimes[extname(path).toLowerCase()] ?? 'application/octet-stream';

/** The text of a file, or of standard input for `-`. @throws UsageError where it cannot be read */
export async function readText(path: string): Promise<string> {
  if (path === '-') return readInput();
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** A file as a request's body, read as it is sent. @throws UsageError where it cannot be read */
export async function bodyOfFile(path: string): Promise<Blob | ReadableStream<Uint8Array>> {
  if (path === '-') return Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) throw new UsageError(`${path} is no file that can be read.`);
  return openAsBlob(path);
}

/** Where bytes go: a file that is there only once it is whole, or standard output. */
export interface Target {
  write(bytes: Uint8Array): Promise<void>;
  /** All has come, and is what was sent. */
  keep(): Promise<void>;
  /** What has come so far is thrown away. */
  drop(): Promise<void>;
}

const unwritable = (path: string, error: unknown): Refused =>
  new Refused({
    code: 'file.unwritable',
    message: `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
  });

/** A file that is written beside its place under another name, and takes its place whole. @throws Refused */
export async function fileTarget(path: string): Promise<Target> {
  const half = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.part`);
  const orFail = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw unwritable(path, error);
    }
  };
  const file = await orFail(open(half, 'wx'));
  return {
    write: (bytes) => orFail(file.writeFile(bytes)),
    keep: () =>
      orFail(
        (async () => {
          await file.sync();
          await file.close();
          await rename(half, path);
        })(),
      ),
    drop: async () => {
      await file.close().catch(() => {});
      await rm(half, { force: true });
    },
  };
}

/** Standard output: what went out cannot be taken back, so the exit code alone tells of a break. */
export const outputTarget: Target = { write: print, keep: async () => {}, drop: async () => {} };
