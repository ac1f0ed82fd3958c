import { toUtf8, utf8Length } from '../bytes.ts';
import { sha256 } from '../canonical.ts';
import type { Effects, HostWork } from './effects.ts';
import { type Fiber, outside } from './fibers.ts';
import type { PlanEntry } from './plan.ts';

type Draft = { -readonly [K in keyof PlanEntry]: PlanEntry[K] };

/**
 * Says of a step on hosts what is known of its files without touching a host: a script's hash, an upload's bytes, and what
 * the stored files it names hold now. It stands in the plan's hash: other bytes under the same name are another plan.
 */
export function* describeFiles(
  effects: Pick<Effects, 'describeArtifacts'>,
  pointer: string,
  works: readonly HostWork[],
  draft: Draft,
): Fiber<void> {
  const [first] = works;
  if (first?.kind === 'script') draft.details = { sha256: sha256(toUtf8(first.script)) };
  if (first?.kind !== 'upload') return;
  if (typeof first.content === 'string') draft.details = { bytes: utf8Length(first.content) };
  const names = [...new Set(works.flatMap((work) => (work.kind === 'upload' && work.artifact) || []))].sort();
  if (names.length === 0 || !effects.describeArtifacts) return;
  const files = yield* outside(effects.describeArtifacts(names));
  const missing = names.find((name) => !files[name]);
  if (missing !== undefined)
    draft.error ??= {
      code: 'artifact.missing',
      message: `There is no stored file called ${missing}.`,
      path: pointer,
    };
  draft.details = { files: Object.fromEntries(names.map((name) => [name, files[name] ?? null])) };
}
