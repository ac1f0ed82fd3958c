import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { exportFormats, type ExportFormat } from '#contracts/queries/export-formats.ts';
import type { ExportEnd } from '#contracts/queries/query-exports.ts';
import { addressOf, api, send } from '../../kit/api.ts';
import { ApiFailure } from '../../kit/failure.ts';
import { currentWorkspace } from '../../kit/workspace.ts';

export interface ExportProgress {
  bytes: number;
  /** Of the whole file; null where the server cannot tell before its end. */
  total: number | null;
}
/** How it ended. What the browser's own download took, no page can look at: the server tells how that ended, by its id. */
export type Saved =
  | { readonly how: 'none' }
  | { readonly how: 'handed'; readonly exportId: string }
  /** `end` is what the file on the disk was found equal to; null where the server could not be asked. */
  | { readonly how: 'saved'; readonly end: ExportEnd | null };
interface SavePicker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<{
    createWritable: () => Promise<WritableStream<Uint8Array> & { abort: () => Promise<void> }>;
  }>;
}

/** A name that every system takes as a file's. */
export const fileName = (title: string, format: ExportFormat): string =>
  `${
    title
      .replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .slice(0, 80) || 'query'
  }.${exportFormats[format].extension}`;

/**
 * Takes the whole result as a file. Where the browser lets a page write to the disk, the bytes go there as they come;
 * elsewhere the browser's own download takes them. A stream that breaks leaves no file that looks whole, and what was
 * written is held against the size and the checksum of what was made before it becomes a file.
 * @throws ApiFailure, `export.differs` where they are not the same
 */
export async function saveResult(
  run: { runId: string; title: string },
  format: ExportFormat,
  told: (progress: ExportProgress) => void,
  signal: AbortSignal,
): Promise<Saved> {
  const exportId = crypto.randomUUID();
  const name = fileName(run.title, format);
  const picker = (globalThis as SavePicker).showSaveFilePicker;
  let target: (WritableStream<Uint8Array> & { abort: () => Promise<void> }) | null = null;
  if (picker) {
    try {
      target = await (await picker.call(globalThis, { suggestedName: name })).createWritable();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return { how: 'none' };
      // Forbidden here (a frame, a policy): the browser's own download does it.
    }
  }
  if (!target) {
    // The browser streams it to the disk and shows how far it is.
    const link = document.createElement('a');
    link.href = addressOf('exportQueryRows', {
      params: { id: run.runId },
      query: { format, exportId, workspace: currentWorkspace() },
    });
    link.download = name;
    link.click();
    return { how: 'handed', exportId };
  }
  const response = await send(
    addressOf('exportQueryRows', { params: { id: run.runId }, query: { format, exportId } }),
    {
      signal,
    },
  );
  const length = Number(response.headers.get('content-length'));
  const total = length > 0 && !response.headers.get('content-encoding') ? length : null;
  let bytes = 0;
  // The browser's own digest wants the whole file in memory at once.
  const sum = sha256.create();
  const counted = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.byteLength;
        sum.update(chunk);
        told({ bytes, total });
        controller.enqueue(chunk);
      },
    }),
  );
  // A failure aborts the file: what was written so far is thrown away by the browser.
  await counted.pipeTo(target, { signal, preventClose: true });
  const params = { id: run.runId, exportId };
  const end = await api.getQueryExport({ params, signal }).catch(() => null);
  const isWhole =
    end === null || (end.state === 'whole' && end.bytes === bytes && end.sha256 === bytesToHex(sum.digest()));
  if (!isWhole) {
    await target.abort();
    throw new ApiFailure({
      code: 'export.differs',
      message: 'What arrived is not what was sent, so no file was kept. Export it again.',
      status: 0,
    });
  }
  await target.close();
  return { how: 'saved', end };
}
