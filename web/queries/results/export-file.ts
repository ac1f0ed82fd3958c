import { exportFormats, type ExportFormat } from '#contracts/queries/export-formats.ts';
import { addressOf, send } from '../../kit/api.ts';
import { currentWorkspace } from '../../kit/workspace.ts';

export interface ExportProgress {
  bytes: number;
  /** Of the whole file; null where the server cannot tell before its end. */
  total: number | null;
}
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
 * elsewhere the browser's own download takes them. A stream that breaks leaves no file that looks whole.
 */
export async function saveResult(
  run: { runId: string; title: string },
  format: ExportFormat,
  told: (progress: ExportProgress) => void,
  signal: AbortSignal,
): Promise<'saved' | 'handed' | 'none'> {
  const name = fileName(run.title, format);
  const picker = (globalThis as SavePicker).showSaveFilePicker;
  let target: (WritableStream<Uint8Array> & { abort: () => Promise<void> }) | null = null;
  if (picker) {
    try {
      target = await (await picker.call(globalThis, { suggestedName: name })).createWritable();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return 'none';
      // Forbidden here (a frame, a policy): the browser's own download does it.
    }
  }
  if (!target) {
    // The browser streams it to the disk and shows how far it is.
    const link = document.createElement('a');
    link.href = addressOf('exportQueryRows', {
      params: { id: run.runId },
      query: { format, workspace: currentWorkspace() },
    });
    link.download = name;
    link.click();
    return 'handed';
  }
  const response = await send(addressOf('exportQueryRows', { params: { id: run.runId }, query: { format } }), {
    signal,
  });
  const length = Number(response.headers.get('content-length'));
  const total = length > 0 && !response.headers.get('content-encoding') ? length : null;
  let bytes = 0;
  const counted = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.byteLength;
        told({ bytes, total });
        controller.enqueue(chunk);
      },
    }),
  );
  // A failure aborts the file: what was written so far is thrown away by the browser.
  await counted.pipeTo(target, { signal });
  return 'saved';
}
