import type { ApiFailure } from '../kit/failure.ts';

/** A field's fault in a form of what starts a playbook; faults below `target/inputs` are those of the inputs. */
export const targetFault = (failure: ApiFailure | null, name: string): string | undefined =>
  failure?.faults.find(
    ({ path }) => path.split(/[/.]/).includes(name) && !(name === 'target' && path.includes('inputs')),
  )?.message;
