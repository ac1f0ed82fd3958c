import { canonicalJson } from '#contracts/playbooks/canonical.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import type { Reading, StepList, TreeStep } from './document/read-playbook.ts';

/** A line of the list of steps: a step, or the heading of one of several lists. */
export type TreeRow =
  | { readonly is: 'step'; readonly step: TreeStep }
  | { readonly is: 'lane'; readonly list: StepList; readonly depth: number };

/** The rows in the order in which they are seen. A list has a heading where its step has others, or where it is empty. */
export function treeRows(reading: Reading): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (list: StepList): void => {
    for (const step of list.steps) {
      rows.push({ is: 'step', step });
      for (const inner of step.lists) {
        if (inner.field !== 'steps' || inner.steps.length === 0)
          rows.push({ is: 'lane', list: inner, depth: step.depth + 1 });
        walk(inner);
      }
    }
  };
  for (const root of reading.roots) {
    if (root.field === 'finally') rows.push({ is: 'lane', list: root, depth: 0 });
    walk(root);
  }
  return rows;
}

/** What has become of each step since the text it is compared with: its own fields, not those of steps inside. */
export function changesSince(before: Reading, now: Reading): ReadonlyMap<string, 'added' | 'changed'> {
  const changes = new Map<string, 'added' | 'changed'>();
  for (const step of now.steps) {
    const old = before.byKey.get(step.key);
    if (!old) changes.set(step.key, 'added');
    else if (ownText(old) !== ownText(step)) changes.set(step.key, 'changed');
  }
  return changes;
}

const lists = new Set(['steps', 'then', 'else', 'default', 'branches', 'cases', 'undo', 'onFailure']);
const ownText = ({ value }: TreeStep): string =>
  canonicalJson(Object.fromEntries(Object.entries(value).filter(([name]) => !lists.has(name))) as Json);
