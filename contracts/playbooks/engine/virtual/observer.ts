import type { Change, RunEndStatus } from '../changes.ts';
import type { StepError } from '../failures.ts';
import type { JsonObject } from '../../document.ts';

export interface ObservedEnd {
  readonly status: RunEndStatus;
  readonly error: StepError | null;
  readonly outputs: JsonObject;
}

/** Reads a run's journal into what tests ask about. */
export class Observer {
  /** Addresses by start. */
  readonly order: string[] = [];
  /** Text by address and by `address@host`. */
  readonly rendered: Record<string, string> = {};
  /** Hosts as they were started, by address. */
  readonly batches: Record<string, string[][]> = {};
  readonly changes: Change[] = [];
  onEnd: (end: ObservedEnd) => void = () => undefined;
  readonly #log: (text: string) => void;
  readonly #texts = new Map<string, string>();

  constructor(log: (text: string) => void) {
    this.#log = log;
  }

  startBatch(address: string): string[] {
    const started: string[] = [];
    (this.batches[address] ??= []).push(started);
    return started;
  }

  see(change: Change): void {
    this.changes.push(change);
    switch (change.type) {
      case 'step.started':
        this.order.push(change.address);
        return;
      case 'step.rendered':
        this.#render(change.address, change.text, change.hosts ?? {});
        return;
      case 'hosts.chosen': {
        this.batches[change.address] ??= [];
        const text = this.#texts.get(change.address);
        if (text !== undefined)
          for (const { name } of change.batches.flat()) this.rendered[`${change.address}@${name}`] = text;
        return;
      }
      case 'step.ended':
        if (change.error) this.#log(`${change.address}: ${change.error.code}: ${change.error.message}`);
        return;
      case 'warning':
        this.#log(change.message);
        return;
      case 'run.ended':
        this.onEnd(change);
        return;
      default:
    }
  }

  #render(address: string, text: string | undefined, hosts: { readonly [name: string]: string }): void {
    const [first] = Object.values(hosts);
    const shown = text ?? first;
    if (shown === undefined) return;
    this.rendered[address] = shown;
    this.#log(shown);
    if (text !== undefined) this.#texts.set(address, text);
    for (const [name, own] of Object.entries(hosts)) this.rendered[`${address}@${name}`] = own;
  }
}
