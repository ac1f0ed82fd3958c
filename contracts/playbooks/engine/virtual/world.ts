import type { JsonObject, Playbook } from '../../document.ts';
import type { ServerFacts } from '../effects.ts';
import { VirtualClock } from './clock.ts';
import { VirtualLocks } from './locks.ts';

/** The instant every virtual run starts at. */
export const virtualStart = '2026-01-05T08:00:00Z';

/** About a minute of work. */
const mostSteps = 500_000;

/** What all runs of one case share: one clock, one inventory, the playbooks that may be called. */
export class VirtualWorld {
  readonly clock = new VirtualClock(Date.parse(virtualStart));
  readonly locks = new VirtualLocks(this.clock);
  readonly playbooks: { readonly [name: string]: Playbook };
  readonly servers: readonly ServerFacts[];
  readonly vars: JsonObject;
  readonly secrets: { readonly [name: string]: string };
  /** Lines as the log would hold them, masked. */
  readonly logs: string[] = [];
  /** Replaces every secret the case knows. */
  mask: (text: string) => string;
  #runs = 0;
  #steps = 0;

  constructor(parts: {
    playbooks: { readonly [name: string]: Playbook };
    servers: readonly {
      readonly name: string;
      readonly tags?: readonly string[];
      readonly maintenance?: boolean;
      readonly id?: string;
    }[];
    vars: JsonObject;
    secrets: { readonly [name: string]: string };
    mask: (text: string) => string;
  }) {
    this.playbooks = parts.playbooks;
    this.vars = parts.vars;
    this.secrets = parts.secrets;
    this.mask = parts.mask;
    this.servers = parts.servers.map(({ name, tags = [], maintenance = false, id = name }) => ({
      id,
      name,
      host: name,
      port: 22,
      tags,
      inMaintenance: maintenance,
    }));
  }

  /** Ids of virtual runs: always the same for the same case. */
  nextRunId(): string {
    this.#runs += 1;
    return `00000000-0000-7000-8000-${String(this.#runs).padStart(12, '0')}`;
  }

  countSteps(count: number): void {
    this.#steps += count;
    if (this.#steps > mostSteps) throw new Error(`A virtual run passes at most ${mostSteps} steps.`);
  }

  log(text: string): void {
    if (text !== '') this.logs.push(this.mask(text));
  }
}
