import { limits } from '../limits.ts';
import { outline, readableInputs } from './outline.ts';
import type { Problems } from './problems.ts';
import { isMap } from './maps.ts';

/** What a `playbook` step calls: the definition of that version, or what does not exist. */
export type FoundPlaybook =
  | { readonly name: string; readonly id?: string; readonly definition: unknown }
  | 'unknown'
  | 'version_unknown';
/** Finds a playbook by name or id; without a version the newest. */
export type PlaybookLookup = (nameOrId: string, version?: number) => FoundPlaybook;

/** The playbook that is checked: a call that comes back to one of these is a circle. */
export interface Self {
  readonly name: string | undefined;
  readonly id: string | undefined;
}

const callOf = (
  step: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly version: number | undefined } | undefined => {
  const { playbook, version } = step;
  return typeof playbook === 'string'
    ? { name: playbook, version: typeof version === 'number' ? version : undefined }
    : undefined;
};

/** Checks a `playbook` step's target (§8). */
export function checkCall(
  step: Readonly<Record<string, unknown>>,
  path: string,
  self: Self,
  lookup: PlaybookLookup,
  problems: Problems,
): void {
  const call = callOf(step);
  if (!call || call.name.includes('${{')) return;
  const at = `${path}/playbook`;
  if (call.name === self.name || call.name === self.id)
    return problems.error('playbook.cyclic', at, 'The playbook calls itself.');
  const found = lookup(call.name, call.version);
  if (found === 'unknown') return problems.error('playbook.unknown', at, `There is no playbook ${call.name}.`);
  if (found === 'version_unknown')
    return problems.error(
      'playbook.version_unknown',
      `${path}/version`,
      `${call.name} has no version ${call.version}.`,
    );
  const { circle, depth } = follow(
    found.definition,
    [call.name, found.name, ...(found.id ? [found.id] : [])],
    self,
    lookup,
  );
  if (circle)
    return problems.error('playbook.cyclic', at, `The call comes back to where it began: ${circle.join(' → ')}.`);
  if (depth > limits.subRunDepth) {
    problems.error('limit.exceeded', at, `Sub-runs are at most ${limits.subRunDepth} deep, this call is ${depth}.`, {
      details: { limit: 'subRunDepth', is: depth },
    });
  }
}

/** Follows the calls of a called playbook: a circle that it leads into, and how deep its calls nest. */
function follow(
  definition: unknown,
  trail: readonly string[],
  self: Self,
  lookup: PlaybookLookup,
): { readonly circle?: readonly string[]; readonly depth: number } {
  let depth = 1;
  if (!isMap(definition) || trail.length > 60) return { depth };
  for (const { step, kind } of outline(definition)) {
    const call = kind === 'playbook' ? callOf(step) : undefined;
    if (!call) continue;
    if (call.name === self.name || call.name === self.id || trail.includes(call.name))
      return { circle: [...trail, call.name], depth };
    const found = lookup(call.name, call.version);
    if (typeof found === 'string') continue; // told when that playbook was saved, and again at the start
    const inner = follow(found.definition, [...trail, call.name, found.name], self, lookup);
    if (inner.circle) return inner;
    depth = Math.max(depth, 1 + inner.depth);
  }
  return { depth };
}

/** Whether an input of the called playbook is secret: only such a one takes a secret. Undefined where it is not known. */
export function secretInputsOf(
  step: Readonly<Record<string, unknown>>,
  lookup: PlaybookLookup | undefined,
): ((name: string) => boolean) | undefined {
  const call = callOf(step);
  const found = call && lookup?.(call.name, call.version);
  if (!found || typeof found === 'string' || !isMap(found.definition)) return undefined;
  const secret = new Set(
    readableInputs(found.definition['inputs'])
      .filter((input) => input.type === 'secret' || input.secret === true)
      .map(({ name }) => name),
  );
  return (name) => secret.has(name);
}
