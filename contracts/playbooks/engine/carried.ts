import type { Json } from '../document.ts';
import { type StepNode, withInside } from './book.ts';
import type { HostResult, StepStatus } from './changes.ts';
import { addressOf, type Core, type Flow, openState, record } from './core.ts';
import type { StepError } from './failures.ts';
import { type StepState, viewOf } from './state.ts';

/** What is kept of an ended step, and what a rerun takes over. Plain data. */
export interface CarriedStep {
  readonly status: StepStatus;
  readonly output: Json;
  readonly hosts: { readonly [name: string]: HostResult };
  readonly error: StepError | null;
  /** Its values are sealed under `steps.<address>`; the adapter copies them to the new run. */
  readonly isSealed?: boolean;
  readonly startedAt?: number | null;
  readonly endedAt?: number | null;
  readonly childRunId?: string | null;
}

/** Made by `planRerun`, given to the engine. */
export interface Carried {
  /** Steps that are not run again, by address. */
  readonly steps: { readonly [address: string]: CarriedStep };
  /** `hosts: failed`: this step leaves out the hosts that have results here, and merges them into its own. */
  readonly hosts?: { readonly address: string; readonly results: { readonly [name: string]: HostResult } };
}

/** Takes over a step's earlier result, and with a container all that is in it. False where it is to run. */
export function takeCarried(flow: Flow, node: StepNode): boolean {
  const carried = flow.core.input.carried?.steps;
  const address = addressOf(flow, node);
  if (!carried?.[address]) return false;
  const addresses: string[] = [];
  for (const inner of withInside(node)) {
    const at = addressOf(flow, inner);
    const state = openState(flow, inner);
    fill(state, carried[at] ?? notThere);
    flow.frame.views[inner.id] = viewOf(state);
    addresses.push(at);
    if (inner.step.kind === 'each') addresses.push(...takeIterations(flow.core, at, carried));
  }
  record(flow.core, { type: 'steps.carried', addresses });
  return true;
}

/** Steps inside an `each` are seen by nobody any more, but belong to the run's record. */
function takeIterations(core: Core, address: string, carried: Carried['steps']): string[] {
  const inside = Object.keys(carried).filter((one) => one.startsWith(`${address}[`));
  for (const one of inside) {
    const node = core.book.byId.get(one.slice(one.lastIndexOf('.') + 1));
    const step = carried[one];
    if (!node || !step) continue;
    const flow = { core, frame: { prefix: one.slice(0, one.lastIndexOf('.') + 1), views: {}, locals: {} } };
    fill(openState(flow, node), step);
  }
  return inside;
}

const notThere: CarriedStep = { status: 'skipped', output: null, hosts: {}, error: null };

function fill(state: StepState, from: CarriedStep): void {
  state.status = from.status;
  state.output = from.output;
  state.hosts = { ...from.hosts };
  state.error = from.error;
  state.isSealed = from.isSealed ?? false;
  state.startedAt = from.startedAt ?? null;
  state.endedAt = from.endedAt ?? null;
  state.childRunId = from.childRunId ?? null;
  state.carried = true;
}

/** The results a step keeps from the run before, where only its failed hosts run again. */
export function carriedHosts({ input }: Core, address: string): Readonly<Record<string, HostResult>> {
  const { hosts } = input.carried ?? {};
  return hosts?.address === address ? hosts.results : {};
}
