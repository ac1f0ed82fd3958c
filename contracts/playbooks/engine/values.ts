import { limits } from '../limits.ts';
import { countValues, type Done, jsonBytes, type StepRun } from './core.ts';
import { type Fiber, isThenable } from './fibers.ts';
import { failed, failedBy } from './outcomes.ts';
import { guarded } from './outside.ts';
import { sealOf } from './state.ts';

/** Puts output and hosts' output under the limits of §11. */
export function keepValues(run: StepRun, done: Done): Done {
  const { core, state } = run;
  const output = done.output ?? null;
  const bytes = jsonBytes(output);
  state.output = bytes > limits.stepOutputBytes ? { truncated: true } : output;
  const hostBytes = Object.values(state.hosts).reduce((sum, host) => sum + host.stdout.length + host.stderr.length, 0);
  try {
    countValues(core, state, Math.min(bytes, limits.stepOutputBytes) + hostBytes);
    return done;
  } catch (error) {
    state.output = null;
    return done.kind === 'succeeded' ? failedBy(run, error, run.node.pointer) : done;
  }
}

/** What arose in the engine itself is sealed too, so that activities can put it where it is referred to. */
export function* sealOwn(run: StepRun, done: Done): Fiber<Done> {
  const { core, state } = run;
  if (!state.isSealed || done.kind !== 'succeeded' || state.output === null) return done;
  const request = { address: state.address, sealed: sealOf(state.address), output: state.output };
  return yield* guarded<Done>(
    () => {
      const answer = core.effects.seal(request);
      return isThenable(answer) ? answer.then(() => done) : done;
    },
    (facts) => failed(run, facts),
  );
}
