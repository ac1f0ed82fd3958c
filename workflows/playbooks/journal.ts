import type { Change } from '#contracts/playbooks/engine/changes.ts';
import { type Book, type StepNode, openBook } from '#contracts/playbooks/engine/book.ts';
import type { Playbook } from '#contracts/playbooks/document.ts';
import type { HostState, RunRecord, StepState } from '#contracts/runs/record-run.ts';
import type { Progress, RunError, StrandSegment } from '#contracts/runs/runs.ts';
import type { Json } from '#contracts/kit/schemas.ts';

const containers = new Set(['parallel', 'each', 'if', 'switch']);

const iso = (ms: number): string => new Date(ms).toISOString();

/** A journal at rest, as JSON. */
export interface SavedJournal {
  steps: StepState[];
  hosts: HostState[];
  waiting: [address: string, what: string][];
  warnings: number;
}

/**
 * Keeps what the console shows of a run: the engine's changes go in one by one, and what has changed since the last
 * time comes out as one record. Many changes of one step become one row and one event.
 */
export class Journal {
  readonly #book: Book;
  readonly #steps = new Map<string, StepState>();
  readonly #hosts = new Map<string, HostState>();
  readonly #dirtySteps = new Set<string>();
  readonly #dirtyHosts = new Set<string>();
  readonly #waiting = new Map<string, string>();
  #notes: NonNullable<RunRecord['notes']> = [];
  #undoPlan: { address: string; undo: string[] }[] | undefined;
  #undone: { address: string; undo: 'done' | 'failed' | 'skipped' }[] = [];
  #warnings = 0;
  #warningsTold = 0;
  #isStrandDirty = true;

  constructor(definition: Playbook) {
    this.#book = openBook(definition);
  }

  /**
   * What a new execution of the same run needs of it. Steps of iterations that have ended are left out: they are in the
   * database, and only an undo may still touch them.
   */
  save(): SavedJournal {
    const isNeeded = ({ address, endedAt }: { address: string; endedAt?: string | null | undefined }): boolean =>
      !endedAt || !address.includes('[');
    return {
      steps: [...this.#steps.values()].filter(isNeeded),
      hosts: [...this.#hosts.values()].filter(isNeeded),
      waiting: [...this.#waiting],
      warnings: this.#warnings,
    };
  }

  /** Goes on where another execution has left off. */
  restore({ steps, hosts, waiting, warnings }: SavedJournal): void {
    for (const step of steps) this.#steps.set(step.address, step);
    for (const host of hosts) this.#hosts.set(`${host.address} ${host.host}`, host);
    for (const [address, what] of waiting) this.#waiting.set(address, what);
    this.#warnings = warnings;
    this.#warningsTold = warnings;
  }

  get isDirty(): boolean {
    return (
      this.#dirtySteps.size > 0 ||
      this.#dirtyHosts.size > 0 ||
      this.#notes.length > 0 ||
      this.#undoPlan !== undefined ||
      this.#undone.length > 0 ||
      this.#isStrandDirty
    );
  }

  /** What the run waits for when nothing in it is at work; null where something is. */
  waitingFor(): string | null {
    let waiting: string | null = null;
    for (const step of this.#steps.values()) {
      if (containers.has(step.kind)) continue;
      if (step.status === 'running') return null;
      if (step.status === 'waiting' || step.status === 'unknown')
        waiting ??= this.#waiting.get(step.address) ?? step.status;
    }
    return waiting;
  }

  /** Takes what has changed since the last time. */
  take(): Pick<RunRecord, 'steps' | 'hosts' | 'notes' | 'undoPlan' | 'undone' | 'strand' | 'progress' | 'warnings'> {
    const steps = [...this.#dirtySteps].map((address) => this.#steps.get(address)).filter((step) => step !== undefined);
    const hosts = [...this.#dirtyHosts].map((key) => this.#hosts.get(key)).filter((host) => host !== undefined);
    const notes = this.#notes;
    const undoPlan = this.#undoPlan;
    const undone = this.#undone;
    const record = {
      ...(steps.length > 0 && { steps: steps.map((step) => ({ ...step })) }),
      ...(hosts.length > 0 && { hosts: hosts.map((host) => ({ ...host })) }),
      ...(notes.length > 0 && { notes }),
      ...(undoPlan && { undoPlan }),
      ...(undone.length > 0 && { undone }),
      ...(this.#isStrandDirty && { strand: this.#strand(), progress: this.#progress() }),
      ...(this.#warnings !== this.#warningsTold && { warnings: this.#warnings }),
    };
    // An output is told once: it can be large.
    for (const step of steps) delete step.output;
    this.#dirtySteps.clear();
    this.#dirtyHosts.clear();
    this.#notes = [];
    this.#undoPlan = undefined;
    this.#undone = [];
    this.#warningsTold = this.#warnings;
    this.#isStrandDirty = false;
    return record;
  }

  /** One line of the engine's journal. */
  add(change: Change): void {
    switch (change.type) {
      case 'step.started':
        return this.#update(change.address, (step) => {
          step.status = 'running';
          step.startedAt ??= iso(change.at);
          step.attempts = [
            ...step.attempts,
            { attempt: step.attempts.length + 1, status: 'running', startedAt: iso(change.at), endedAt: null },
          ];
        });
      case 'step.waiting':
        this.#waiting.set(change.address, change.what);
        return this.#update(change.address, (step) => {
          step.status = 'waiting';
          step.reason = change.what;
          step.waitingUntil = change.until === null ? null : iso(change.until);
        });
      case 'step.resumed':
        return this.#update(change.address, (step) => {
          const last = step.attempts.at(-1);
          if (last?.endedAt)
            step.attempts = [
              ...step.attempts,
              { attempt: step.attempts.length + 1, status: 'running', startedAt: iso(change.at), endedAt: null },
            ];
          step.status = 'running';
          step.reason = null;
          step.waitingUntil = null;
        });
      case 'step.attempt_failed':
        return this.#update(change.address, (step) =>
          this.#endAttempt(step, change.at, 'failed', change.error as RunError),
        );
      case 'step.unknown':
        this.#waiting.set(change.address, 'unknown');
        return this.#update(change.address, (step) => {
          step.status = 'unknown';
          step.reason = change.reason;
        });
      case 'step.answered':
        this.#note('step.answered', { address: change.address, host: change.host, answer: change.answer });
        return this.#update(change.address, (step) => {
          step.status = 'running';
          step.reason = null;
        });
      case 'step.ended':
        return this.#update(change.address, (step) => {
          this.#endAttempt(step, change.at, change.status, change.error as RunError | null);
          step.status = change.status;
          step.endedAt = iso(change.at);
          step.output = (change.sealed ? '[secret]' : change.output) as Json;
          step.error = change.error as RunError | null;
          step.reason = change.partial ? 'partial' : null;
          step.waitingUntil = null;
          step.childRunId = change.childRunId;
        });
      case 'steps.skipped':
        for (const address of change.addresses)
          this.#update(
            address,
            (step) => void ((step.status = 'skipped'), (step.reason = change.reason), (step.endedAt = iso(change.at))),
          );
        return;
      case 'steps.canceled':
        for (const address of change.addresses)
          this.#update(address, (step) => void ((step.status = 'canceled'), (step.endedAt = iso(change.at))));
        return;
      case 'steps.carried':
        for (const address of change.addresses) this.#update(address, (step) => void (step.carried = true));
        return;
      case 'hosts.chosen':
        for (const [batch, hosts] of change.batches.entries()) {
          for (const { id, name } of hosts)
            this.#host(
              change.address,
              name,
              (host) => void ((host.serverId = id), (host.batch = batch), (host.status = 'pending')),
            );
        }
        if (change.leftOut.length > 0)
          this.#note('host.left_out', { address: change.address, hosts: [...change.leftOut], reason: 'maintenance' });
        return;
      case 'batch.started':
        for (const name of change.hosts)
          this.#host(
            change.address,
            name,
            (host) =>
              void ((host.status = 'running'),
              (host.attempt = change.attempt),
              (host.error = null),
              (host.endedAt = null),
              (host.startedAt = iso(change.at))),
          );
        return;
      case 'hosts.ended':
        for (const [name, result] of Object.entries(change.hosts)) {
          this.#host(change.address, name, (host) => {
            host.status = result.status;
            host.exitCode = result.exitCode;
            host.signal = result.signal;
            host.error = result.error as RunError | null;
            host.endedAt = iso(change.at);
          });
        }
        return;
      case 'undo.announced': {
        const plan = change.addresses.map((address) => ({
          address,
          undo: (this.#node(address)?.undo ?? []).map(({ id }) => id),
        }));
        this.#undoPlan = plan;
        return this.#note('undo.announced', { steps: plan });
      }
      case 'step.undone':
        if (!this.#steps.has(change.address))
          return void this.#undone.push({ address: change.address, undo: change.result });
        return this.#update(change.address, (step) => void (step.undo = change.result));
      case 'warning':
        this.#warnings += 1;
        return this.#note('run.warned', { address: change.address, code: change.code, message: change.message });
      case 'step.rendered':
      case 'run.phase':
      case 'run.ended':
    }
  }

  #endAttempt(step: StepState, at: number, status: StepState['status'], error: RunError | null): void {
    const last = step.attempts.at(-1);
    if (!last || last.endedAt !== null) return;
    step.attempts = [...step.attempts.slice(0, -1), { ...last, status, endedAt: iso(at), error }];
  }

  #update(address: string, change: (step: StepState) => void): void {
    const step = this.#steps.get(address) ?? this.#newStep(address);
    if (!step) return;
    change(step);
    this.#steps.set(address, step);
    this.#dirtySteps.add(address);
    if (step.parent === null && step.section === 'steps') this.#isStrandDirty = true;
  }

  #host(address: string, name: string, change: (host: HostState) => void): void {
    const key = `${address} ${name}`;
    const host = this.#hosts.get(key) ?? {
      address,
      host: name,
      serverId: null,
      batch: 0,
      status: 'pending',
      attempt: 1,
    };
    change(host);
    this.#hosts.set(key, host);
    this.#dirtyHosts.add(key);
    this.#isStrandDirty = true;
  }

  #note(type: string, data: Record<string, Json>): void {
    this.#notes.push({ type, data });
  }

  #node = (address: string): StepNode | undefined => this.#book.byId.get(address.slice(address.lastIndexOf('.') + 1));

  #newStep(address: string): StepState | undefined {
    const node = this.#node(address);
    if (!node) return undefined;
    return {
      address,
      id: node.id,
      parent: parentOf(address, node),
      kind: node.step.kind,
      name: node.step.name ?? null,
      section: sectionOf(node),
      status: 'pending',
      reason: null,
      attempts: [],
      startedAt: null,
      endedAt: null,
      error: null,
      carried: false,
      undo: null,
      waitingUntil: null,
      childRunId: null,
      position: node.order,
    };
  }

  #strand(): StrandSegment[] {
    return this.#book.steps.map(({ id }) => ({ id, status: this.#steps.get(id)?.status ?? 'pending' }));
  }

  /** Hosts where the run is at work on several, else its top-level steps. */
  #progress(): Progress {
    const steps = this.#book.steps.map(({ id }) => this.#steps.get(id));
    const done = steps.filter(
      (step) =>
        step &&
        step.status !== 'pending' &&
        step.status !== 'running' &&
        step.status !== 'waiting' &&
        step.status !== 'unknown',
    ).length;
    const current = steps.find(
      (step) => step?.status === 'running' || step?.status === 'waiting' || step?.status === 'unknown',
    );
    const hosts = current ? [...this.#hosts.values()].filter(({ address }) => address === current.address) : [];
    if (current && hosts.length > 1) {
      const ended = hosts.filter(({ status }) => status !== 'pending' && status !== 'running').length;
      return { done: ended, total: hosts.length, unit: 'hosts', message: current.name ?? current.id };
    }
    return { done, total: steps.length, unit: 'steps', message: current ? (current.name ?? current.id) : null };
  }
}

/** The address of the step around: `each[2].copy` stands in `each`, or in what holds it within that iteration. */
function parentOf(address: string, { parent }: StepNode): string | null {
  if (!parent) return null;
  const prefix = address.slice(0, address.lastIndexOf('.') + 1);
  const iteration = new RegExp(`${parent.id}\\[\\d+\\]\\.$`).exec(prefix);
  return parent.step.kind === 'each' && iteration ? prefix.slice(0, iteration.index) + parent.id : prefix + parent.id;
}

const sectionOf = ({ pointer }: StepNode): StepState['section'] => {
  if (pointer.startsWith('/finally')) return 'finally';
  if (pointer.includes('/undo/')) return 'undo';
  return pointer.includes('/onFailure/') ? 'onFailure' : 'steps';
};
