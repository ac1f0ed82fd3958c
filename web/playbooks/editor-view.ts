import { z } from 'zod';
import type { FormTab } from './forms/step-panel.tsx';
import { partsOf } from './document/json-pointer.ts';
import type { Reading, TreeStep } from './document/read-playbook.ts';

export const formTabs = ['settings', 'flow', 'undo', 'notes'] as const satisfies readonly FormTab[];
export const dockPanels = ['problems', 'versions', 'plan', 'tests', 'test'] as const;
export type DockPanel = (typeof dockPanels)[number];

/** The state of the editor, as it stands in the address. */
export const EditorView = z.object({
  view: z.enum(['list', 'graph', 'yaml']).default('graph'),
  /** The selected step; `~` is the playbook itself. */
  step: z.string().default(''),
  form: z.enum(formTabs).default('settings'),
  panel: z.enum(dockPanels).default('versions'),
  run: z.string().default(''),
  from: z.coerce.number().int().optional(),
  /** 0 is the draft. */
  to: z.coerce.number().int().optional(),
});
export type EditorView = z.output<typeof EditorView>;

export const THE_PLAYBOOK = '~';

/** The step and the field that a place in the document belongs to; no step for what is the playbook's own. */
export function placeOf(reading: Reading, pointer: string): { step: TreeStep | undefined; field: string } {
  const step = reading.steps.findLast((one) => pointer === one.pointer || pointer.startsWith(`${one.pointer}/`));
  const inside = step ? pointer.slice(step.pointer.length) : pointer;
  return { step, field: partsOf(inside)[0] ?? '' };
}

const flowFields = new Set(['retry', 'lock', 'sensitive', 'onFailure']);

/** The tab of the form on which a field stands. */
export const tabOf = (field: string): FormTab =>
  flowFields.has(field)
    ? 'flow'
    : field === 'undo' || field === 'undoWhen'
      ? 'undo'
      : field === 'id' || field === 'description'
        ? 'notes'
        : 'settings';
