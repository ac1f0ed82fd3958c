import { z } from 'zod';
import type {
  CancelResult,
  CleanupResult,
  PageRequest,
  QueryEngine,
  QueryPage,
  RemoteAsset,
} from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { assetsOf } from '#contracts/queries/remote-assets.ts';
import { pageCursor } from '../engines/page-cursor.ts';
import { type CallTools, SfmcCalls } from './calls.ts';
import { describe } from './describe.ts';
import { deleteByKey, deleteFolder, ensureFolder } from './objects.ts';
import { pollRun } from './poll.ts';
import { mostPageRows, readRowset, rowsetPath, validateText } from './rest.ts';
import { readRef } from './run-state.ts';
import { plainSleep, startRun } from './start.ts';
import { listOwn, removeAll, sweepOwn } from './sweep.ts';
import { readTarget } from './target.ts';
import { writeTarget } from './write-target.ts';

export interface SfmcEngineOptions extends CallTools {
  /** The business unit the tokens are for. */
  readonly mid: number;
  /** Our folder for temporary data extensions, one in each business unit. */
  readonly folderName?: string;
  readonly now?: () => number;
  readonly random?: () => number;
  /** How long a start whose answer was lost is looked for. */
  readonly lookForMs?: number;
}

/** Beside the common calls: what is ours at the service now, and taking leave of it. */
export interface SfmcEngine extends QueryEngine {
  /** Temporary objects that exist at this moment. */
  assets(signal?: AbortSignal): Promise<RemoteAsset[]>;
  /** Removes our folder too, once nothing is in it: when a connection ends. */
  leave(signal?: AbortSignal): Promise<CleanupResult>;
}

const folderKey = 'windlass_query_console';

/** Where the next page is: the service's own link, and how many rows came before it. */
const Cursor = z.object({
  link: z
    .string()
    .regex(/^data\/v1\/customobjectdata\/[^?]+\?[^#]*$/)
    .refine((link) => !link.includes('..'), 'no link to rows'),
  offset: z.int().nonnegative(),
  page: z.int().positive(),
  size: z.int().positive(),
});
const cursors = pageCursor(Cursor, {
  message: 'This is no cursor of these rows.',
  hint: 'Read the rows from their beginning.',
});

/**
 * Marketing Cloud Engagement as a query engine, for one business unit. A query needs `columns`: they become the fields of a
 * temporary data extension, which a query activity fills. An empty text may stand for nothing: the service does not tell
 * them apart.
 */
export function sfmcEngine(options: SfmcEngineOptions): SfmcEngine {
  const calls = new SfmcCalls(options);
  const {
    now = Date.now,
    random = Math.random,
    folderName = 'Windlass',
    mid,
    lookForMs = 20_000,
    sleep = plainSleep,
  } = options;
  let folder: Promise<number> | null = null;
  // Found once; forgotten when it could not be made, or somebody deletes it.
  const ourFolder = (signal?: AbortSignal): Promise<number> => {
    folder ??= ensureFolder(calls, { name: folderName, key: folderKey }, signal).catch((error: unknown) => {
      folder = null;
      throw error;
    });
    return folder;
  };

  return {
    kind: 'sfmc',

    async validate({ sql }, { signal } = {}) {
      return { ...(await validateText(calls, sql, { signal })), columns: null };
    },

    async start(request, { signal } = {}) {
      try {
        return await startRun(request, { calls, folder: ourFolder, now, sleep, lookForMs }, signal);
      } catch (error) {
        folder = null;
        throw error;
      }
    },

    poll: (ref, { signal } = {}) => pollRun(ref, { calls, now, random }, signal),

    page: (request, { signal } = {}) => readPage(calls, request, signal),

    async cancel(ref): Promise<CancelResult> {
      const { phase } = readRef(ref);
      if (phase === 'done') return { outcome: 'ended_before', note: 'The query had ended before.' };
      if (phase === 'preparing') return { outcome: 'stopped', note: 'The query had not begun.' };
      return {
        outcome: 'running_on',
        note: 'Marketing Cloud cannot stop a query that has begun: it may run for up to 30 minutes. Its result is dropped.',
      };
    },

    async cleanup(ref, { signal, keepRows = false } = {}) {
      const { key } = readRef(ref);
      // Queries first: while one is there it could fill its data extension again. The rows are in that of the run's own key.
      return removeAll(
        assetsOf(ref)
          .filter(({ kind, name }) => !(keepRows && kind === 'data_extension' && name === key))
          .map(({ kind, name }) => ({
            kind,
            name,
            remove: () => deleteByKey(calls, kind === 'query' ? 'QueryDefinition' : 'DataExtension', name, signal),
          })),
      );
    },

    describe: (request, { signal } = {}) => describe(calls, request, mid, signal),

    sweep: (request, { signal } = {}) => sweepOwn(calls, request, now, signal),

    targets: {
      describe: (key, { signal } = {}) => readTarget(calls, key, signal),
      write: (request, { signal } = {}) =>
        writeTarget(request, { calls, folder: ourFolder, now, random, sleep, lookForMs }, signal),
    },

    async assets(signal) {
      return (await listOwn(calls, signal)).map(({ kind, name }) => ({ kind, name }));
    },

    async leave(signal) {
      const { removed, left } = await sweepOwn(calls, { olderThanMs: 0, keepRunIds: [] }, now, signal);
      folder = null;
      const own = await removeAll([
        { kind: 'folder', name: folderName, remove: () => deleteFolder(calls, folderKey, signal) },
      ]);
      return { removed: [...removed, ...own.removed], left: [...left, ...own.left] };
    },
  };
}

async function readPage(
  calls: SfmcCalls,
  { ref, columns, cursor, limit }: PageRequest,
  signal?: AbortSignal,
): Promise<QueryPage> {
  const { key } = readRef(ref);
  const size = Math.max(1, Math.min(limit, mostPageRows));
  const at = cursor === null ? { link: rowsetPath(key, size), offset: 0, page: 1, size } : cursors.read(cursor);
  const gone = (error: unknown): boolean => error instanceof QueryFailure && error.facts.status === 404;
  const page = await readRowset(calls, at.link, columns, { signal })
    .catch((error: unknown) => {
      // The service's link lives ten minutes; the same page is there by its number while the data extension is.
      if (cursor === null || !gone(error)) throw error;
      return readRowset(calls, rowsetPath(key, at.size, at.page), columns, { signal });
    })
    .catch((error: unknown) => {
      if (!gone(error)) throw error;
      throw new QueryFailure(
        {
          kind: 'provider',
          code: 'rows_expired',
          message: 'The service no longer has the rows of this run.',
          hint: 'Run it again.',
          status: 404,
        },
        error,
      );
    });
  const offset = at.offset + page.rows.length;
  return {
    columns,
    rows: page.rows,
    offset: at.offset,
    cursor: page.next === null ? null : cursors.write({ link: page.next, offset, page: at.page + 1, size: at.size }),
    total: page.count,
    expiresAt: null,
    source: 'provider',
  };
}
