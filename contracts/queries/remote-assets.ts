import type { RemoteAsset, RunRef } from './engine.ts';

/**
 * What a run has, or may have, at its service by its reference: so that it is on record before it is made. What engines
 * say they have removed goes by the same names.
 */
export function assetsOf({ engine, parts }: RunRef): RemoteAsset[] {
  const { key, workflowId } = parts;
  if (engine === 'sfmc' && typeof key === 'string')
    return [
      { kind: 'query', name: key },
      { kind: 'data_extension', name: key },
    ];
  if (engine === 'amc' && typeof workflowId === 'string') return [{ kind: 'workflow', name: workflowId }];
  return [];
}

/** What support at the service asks for: ids alone, without our own bookkeeping. */
const shown: Readonly<Record<string, readonly string[]>> = {
  sfmc: ['key', 'queryId', 'taskId'],
  amc: ['instanceId', 'workflowId', 'executionId'],
};
export function remoteIdsOf(ref: RunRef | null): RunRef['parts'] {
  const names = ref ? (shown[ref.engine] ?? Object.keys(ref.parts)) : [];
  return Object.fromEntries(names.flatMap((name) => (ref?.parts[name] == null ? [] : [[name, ref.parts[name]]])));
}
