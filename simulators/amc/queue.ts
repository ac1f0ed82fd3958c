import type { Compiled } from './compile.ts';
import type { Outcome } from './scenario.ts';
import type { AskedWindow } from './time-window.ts';
import type { WorkflowBody } from './workflows.ts';
import type { World } from './world.ts';

export type ExecutionStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'REJECTED';
export interface Execution {
  readonly id: string;
  readonly instanceId: string;
  readonly workflowId: string;
  readonly isAdHoc: boolean;
  readonly workflow: WorkflowBody;
  readonly compiled: Compiled;
  readonly window: AskedWindow;
  readonly windowType: string;
  readonly zone: string;
  readonly parameters: Readonly<Record<string, never>> | Readonly<Record<string, unknown>>;
  readonly isDryRun: boolean;
  readonly isUnfiltered: boolean;
  readonly skipsPublish: boolean;
  readonly timeoutSeconds: number;
  readonly createdMs: number;
  readonly outcome: Outcome | undefined;
  status: ExecutionStatus;
  reason: string;
  reasonField: Outcome['reasonField'];
  startedMs: number | null;
  updatedMs: number;
  succeededMs: number | null;
  parts: readonly Buffer[];
  rows: number;
  /** Taken off the list by DELETE. */
  isCleared: boolean;
}
export const isOpen = ({ status }: Execution): boolean => status === 'PENDING' || status === 'RUNNING';

export type RunExecution = (
  execution: Execution,
) => Promise<{ parts: readonly Buffer[]; rows: number } | { failed: string }>;

/** Moves executions on: so many at once an instance, the rest in turn. */
export class Queue {
  readonly #world: World;
  readonly #run: RunExecution;
  readonly executions: Execution[] = [];
  readonly #waiting: Execution[] = [];
  /** The most that ever ran at once on one instance. */
  mostAtOnce = 0;

  constructor(world: World, run: RunExecution) {
    this.#world = world;
    this.#run = run;
  }

  add(execution: Execution): void {
    this.executions.push(execution);
    const world = this.#world;
    const { outcome } = execution;
    if (execution.isDryRun)
      return world.later(0, () => this.#end(execution, outcome?.status ?? 'SUCCEEDED', outcome?.reason ?? ''));
    const rival = world.knobs.rejectsOverlap ? this.#rivalOf(execution) : undefined;
    world.later(world.between(world.knobs.pendingMs), () => {
      if (execution.status !== 'PENDING') return;
      if (rival)
        return this.#end(
          execution,
          'REJECTED',
          `Execution "${execution.id}" of workflow "${execution.workflowId}" could not be run because too many workflows have already been run against the same input data sources in the same or overlapping time windows.`,
        );
      if (outcome?.status === 'REJECTED') return this.#end(execution, 'REJECTED', outcome.reason);
      this.#waiting.push(execution);
      this.#admit(execution.instanceId);
    });
  }

  find(instanceId: string, id: string): Execution | undefined {
    this.settle();
    return this.executions.find((one) => one.id === id && one.instanceId === instanceId && !one.isCleared);
  }

  /** Ends what has run too long and forgets what is too old. */
  settle(): void {
    const now = this.#world.now();
    for (const execution of this.executions) {
      if (execution.status === 'RUNNING' && now - (execution.startedMs ?? now) > execution.timeoutSeconds * 1_000)
        this.#end(
          execution,
          'FAILED',
          `The execution was stopped after its timeout of ${execution.timeoutSeconds} seconds.`,
        );
      if (now - execution.createdMs > this.#world.knobs.expiresAfterMs && !isOpen(execution))
        execution.isCleared = true;
    }
  }

  /** False where it is final already. */
  cancel(execution: Execution): boolean {
    this.settle();
    if (!isOpen(execution)) return false;
    this.#end(execution, 'CANCELLED', 'The execution was cancelled.');
    return true;
  }

  #rivalOf(execution: Execution): Execution | undefined {
    return this.executions.find(
      (other) =>
        other !== execution &&
        other.instanceId === execution.instanceId &&
        isOpen(other) &&
        !other.isDryRun &&
        other.window.fromMs < execution.window.toMs &&
        execution.window.fromMs < other.window.toMs &&
        other.compiled.tables.some((table) => execution.compiled.tables.includes(table)),
    );
  }

  #admit(instanceId: string): void {
    for (;;) {
      const running = this.executions.filter((one) => one.instanceId === instanceId && one.status === 'RUNNING').length;
      const at = this.#waiting.findIndex((one) => one.instanceId === instanceId);
      const next = this.#waiting[at];
      if (!next || running >= this.#world.knobs.slots) return;
      this.#waiting.splice(at, 1);
      if (next.status !== 'PENDING') continue;
      this.mostAtOnce = Math.max(this.mostAtOnce, running + 1);
      void this.#begin(next);
    }
  }

  async #begin(execution: Execution): Promise<void> {
    execution.status = 'RUNNING';
    execution.startedMs = execution.updatedMs = this.#world.now();
    const atLeast = new Promise<void>((resolve) =>
      this.#world.later(this.#world.between(this.#world.knobs.runningMs), resolve),
    );
    const result = execution.outcome && execution.outcome.status !== 'SUCCEEDED' ? null : await this.#run(execution);
    await atLeast;
    if (execution.status !== 'RUNNING') return;
    if (!result) this.#end(execution, execution.outcome?.status ?? 'FAILED', execution.outcome?.reason ?? '');
    else if ('failed' in result) this.#end(execution, 'FAILED', result.failed);
    else {
      execution.parts = result.parts;
      execution.rows = result.rows;
      this.#end(execution, 'SUCCEEDED', '');
    }
  }

  #end(execution: Execution, status: ExecutionStatus, reason: string): void {
    execution.status = status;
    execution.reason = reason;
    execution.reasonField = execution.outcome?.reasonField ?? 'statusReason';
    execution.updatedMs = this.#world.now();
    if (status === 'SUCCEEDED') execution.succeededMs = this.#world.now();
    this.#admit(execution.instanceId);
  }
}
