import type { Step } from '../../document.ts';
import type { Prepared, StepRun } from '../core.ts';
import type { Fiber } from '../fibers.ts';
import { prepareHosts } from '../hosts/rolling.ts';
import { prepareApprove } from './approve.ts';
import { prepareConnector, prepareHttp, prepareNotify } from './calls.ts';
import { prepareAssert, prepareFail, prepareSet, prepareWait } from './cheap.ts';
import { prepareIf, prepareParallel, prepareSwitch } from './containers.ts';
import { prepareEach } from './each.ts';
import { preparePlaybook } from './child.ts';
import { prepareQuery } from './query.ts';

/** Renders the step's fields and says how to try it. What it throws fails the step before anything has happened. */
export function* prepare(run: StepRun): Fiber<Prepared> {
  const { step } = run;
  const as = <S extends Step>(narrow: S): StepRun<S> => ({ ...run, step: narrow });
  switch (step.kind) {
    case 'ssh':
    case 'script':
    case 'upload':
      return yield* prepareHosts(as(step));
    case 'http':
      return prepareHttp(as(step));
    case 'connector':
      return prepareConnector(as(step));
    case 'query':
      return prepareQuery(as(step));
    case 'notify':
      return prepareNotify(as(step));
    case 'approve':
      return prepareApprove(as(step));
    case 'wait':
      return prepareWait(as(step));
    case 'parallel':
      return prepareParallel(as(step));
    case 'each':
      return prepareEach(as(step));
    case 'if':
      return prepareIf(as(step));
    case 'switch':
      return prepareSwitch(as(step));
    case 'assert':
      return prepareAssert(as(step));
    case 'set':
      return prepareSet(as(step));
    case 'playbook':
      return preparePlaybook(as(step));
    case 'fail':
      return prepareFail(as(step));
  }
}
