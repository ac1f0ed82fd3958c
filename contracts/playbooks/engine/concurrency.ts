import { renderText } from '../expressions/render.ts';
import { flowScope, type EngineInput } from './core.ts';
import { topFrame } from './frame.ts';
import { at } from './render.ts';

/** With whom a run shares its turn (§7 Concurrency). */
export interface Turn {
  /** Runs of this playbook, of any version, with the same text share the limit. */
  readonly key: string;
  readonly limit: number;
  readonly onBusy: 'queue' | 'skip' | 'cancel';
}

/**
 * A run's turn, rendered before it begins; null where the playbook says nothing. Throws a `StepFailure` (pointer
 * `/concurrency/key`) where the key cannot be evaluated.
 */
export function turnOf(input: EngineInput, nowMs: number): Turn | null {
  const { concurrency } = input.definition;
  if (!concurrency) return null;
  const { key = '', limit = 1, onBusy = 'queue' } = concurrency;
  const scope = flowScope({ core: { input }, frame: topFrame(), error: null, end: null }, nowMs);
  return { key: at('/concurrency/key', () => renderText(key, scope)), limit, onBusy };
}
