import type { RemoteAsset, RunRef } from './engine.ts';

/**
 * What a run has, or may have, at its service by its reference: so that it is on record before it is made. What engines
 * say they have removed goes by the same names.
 */
export function assetsOf({ engine, parts }: RunRef): RemoteAsset[] {
  const { key, workflowId, copies } = parts;
  if (engine === 'sfmc' && typeof key === 'string')
    return [
      { kind: 'query', name: key },
      { kind: 'data_extension', name: key },
      ...copyAssets(key, typeof copies === 'string' ? copies : ''),
    ];
  if (engine === 'amc' && typeof workflowId === 'string') return [{ kind: 'workflow', name: workflowId }];
  return [];
}

/**
 * What writing a result into targets makes beside it, by the letters that are put to its key: a copy with the query that
 * fills it has an even place in the alphabet from `g` on, the query that fills the target from it the next.
 */
export const copyAssets = (key: string, letters: string): RemoteAsset[] =>
  [...letters].flatMap((letter) => {
    const name = `${key}${letter}`;
    const isCopy = letter.charCodeAt(0) % 2 === firstCopyLetter % 2;
    return [{ kind: 'query', name }, ...(isCopy ? [{ kind: 'data_extension', name }] : [])];
  });
const firstCopyLetter = 'g'.charCodeAt(0); // no digit of a key, so that no key is another with a letter more
/** The letters of one write: of its copy, and of the query that fills its target. */
export const copyLetters = (index: number): { copy: string; write: string } => ({
  copy: String.fromCharCode(firstCopyLetter + 2 * index),
  write: String.fromCharCode(firstCopyLetter + 2 * index + 1),
});

/** What support at the service asks for: ids alone, without our own bookkeeping. */
const shown: Readonly<Record<string, readonly string[]>> = {
  sfmc: ['key', 'queryId', 'taskId'],
  amc: ['instanceId', 'workflowId', 'executionId'],
};
export function remoteIdsOf(ref: RunRef | null): RunRef['parts'] {
  const names = ref ? (shown[ref.engine] ?? Object.keys(ref.parts)) : [];
  return Object.fromEntries(names.flatMap((name) => (ref?.parts[name] == null ? [] : [[name, ref.parts[name]]])));
}
