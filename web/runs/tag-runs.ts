import type { TagResult } from '#contracts/runs/bulk.ts';
import { mostTags } from '#contracts/runs/limits.ts';
import { api } from '../kit/api.ts';
import { toast } from '../ui/toast.tsx';
import { actOnMany, type BulkOutcome } from './bulk.ts';

export interface TagChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What takes a change of tags back, as few requests as there are different changes: run by run what it did, the other way round. */
export function undoOf(results: readonly TagResult[]): Array<TagChange & { ids: string[] }> {
  const byChange = new Map<string, TagChange & { ids: string[] }>();
  for (const { id, ok, added = [], removed = [] } of results) {
    if (!ok || added.length + removed.length === 0) continue;
    const name = JSON.stringify([added, removed]);
    const group = byChange.get(name) ?? { add: removed, remove: added, ids: [] };
    group.ids.push(id);
    byChange.set(name, group);
  }
  return [...byChange.values()];
}

/** What is wrong with tags that somebody would add; null where nothing is. */
export const faultOfTags = (tags: readonly string[]): string | null => {
  const bad = tags.find((tag) => !/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,62}$/.test(tag));
  if (bad !== undefined) return `${bad}: letters, digits and _ . : / - (63 at most).`;
  return tags.length > mostTags ? `A run carries ${mostTags} tags at most.` : null;
};

const send = (
  ids: readonly string[],
  { add, remove }: TagChange,
  onProgress: (done: number) => void = () => undefined,
) => actOnMany(ids, (some) => api.tagRuns({ body: { ids: some, add: [...add], remove: [...remove] } }), onProgress);

/**
 * Changes tags of runs and offers to take it back: only what this change did is undone, a tag that was there before stays.
 * @returns what became of each; the caller shows what could not be done
 */
export async function tagRuns(
  ids: readonly string[],
  change: TagChange,
  onProgress?: (done: number) => void,
): Promise<BulkOutcome> {
  const outcome = await send(ids, change, onProgress);
  const undo = undoOf(outcome.done);
  const changed = undo.reduce((sum, group) => sum + group.ids.length, 0);
  const takeBack = async () => {
    const failed = (await Promise.all(undo.map((group) => send(group.ids, group)))).flatMap((one) => one.failed);
    if (failed.length > 0)
      toast.error(`${failed.length} runs keep their changed tags: ${failed[0]?.error?.message ?? ''}`);
    else toast.done('The tags are as they were');
  };
  if (changed === 0 && outcome.failed.length === 0) toast.note('Nothing has changed: the tags were like that already.');
  else if (changed > 0)
    toast.done(`Tags of ${changed} ${changed === 1 ? 'run' : 'runs'} changed`, { undo: () => void takeBack() });
  return outcome;
}
