import { copyText } from '../../ui/copy.tsx';
import { toast } from '../../ui/toast.tsx';
import type { CopyRange } from './copy.ts';
import { countWords } from './cell-text.ts';
import type { ResultStore } from './result-store.ts';

/** Puts cells on the clipboard, and says where not all of them fit. */
export async function copySelected(store: ResultStore, range: CopyRange): Promise<void> {
  try {
    const { text, rows, asked } = await store.copy(range);
    if (!(await copyText(text))) return;
    const what = range.columns.length * rows === 1 ? 'the cell' : countWords(rows, 'row');
    if (rows < asked)
      toast.note(
        `Copied the first ${rows.toLocaleString('en-GB')} of ${countWords(asked, 'row')}: a clipboard holds no more. The export has the whole result.`,
      );
    else toast.done(`Copied ${what}${range.format === 'tsv' ? '' : ` as ${range.format.toUpperCase()}`}`);
  } catch (error) {
    toast.failure(error);
  }
}
