import { fileURLToPath } from 'node:url';
import {
  Client,
  type ConnectionLike,
  type DataConverter,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { v7 as uuidv7 } from 'uuid';
import type { Json } from '#contracts/kit/schemas.ts';
import { SealingCodec, type PayloadVault } from './codec.ts';
import { searchAttributes } from './search-attributes.ts';
import { untilTaken } from './until-taken.ts';

/** Codec and converters that client and workers of one process share. */
export interface TemporalCodec {
  codec: SealingCodec;
  dataConverter: DataConverter;
}

/** The data converter of this product: payloads and error texts sealed. */
export function sealingConverter(vault: PayloadVault): TemporalCodec {
  const codec = new SealingCodec(vault);
  return {
    codec,
    dataConverter: {
      payloadCodecs: [codec],
      failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
    },
  };
}

/** What is started: a run's workflow, by the run's id. */
export interface WorkflowStart {
  workflowType: string;
  taskQueue: string;
  workflowId: string;
  workspaceId: string;
  kind: string;
  subject: string | null;
  actorId: string | null;
  /** 1 first … 5 last; 2 for what a person waits for, 4 for bulk. */
  priority: number;
  input: unknown;
  /** Ask the server to hand the first task to this process. */
  isEager: boolean;
}

/** An entity's workflow: one under its id at a time, begun anew where it has ended. */
export type EntityStart = Omit<WorkflowStart, 'isEager'>;

const entityOptions = (start: EntityStart) => ({
  taskQueue: start.taskQueue,
  workflowId: start.workflowId,
  args: [start.input],
  workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  priority: { priorityKey: start.priority, fairnessKey: start.workspaceId },
  typedSearchAttributes: attributesOf(start),
});

const attributesOf = ({ workspaceId, kind, subject, actorId }: EntityStart) => [
  { key: searchAttributes.workspace, value: workspaceId },
  { key: searchAttributes.kind, value: kind },
  ...(subject === null ? [] : [{ key: searchAttributes.subject, value: subject }]),
  ...(actorId === null ? [] : [{ key: searchAttributes.actor, value: actorId }]),
];

/** The few things that this product asks of Temporal about single workflows. */
export class WorkflowClient {
  readonly client: Client;
  readonly #codec: SealingCodec;

  constructor(connection: ConnectionLike, namespace: string, { codec, dataConverter }: TemporalCodec) {
    this.client = new Client({ connection, namespace, dataConverter });
    this.#codec = codec;
  }

  /**
   * Starts a workflow, or finds the one that runs under this id (a repeated start is no second run).
   * @returns whether the first task was handed to this process
   */
  async start(start: WorkflowStart): Promise<{ isEager: boolean; didStart: boolean }> {
    this.#codec.remember(start.workflowId, start.workspaceId);
    try {
      const handle = await this.client.workflow.start(start.workflowType, {
        taskQueue: start.taskQueue,
        workflowId: start.workflowId,
        args: [start.input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        requestEagerStart: start.isEager,
        priority: { priorityKey: start.priority, fairnessKey: start.workspaceId },
        typedSearchAttributes: attributesOf(start),
      });
      return { isEager: handle.eagerlyStarted, didStart: true };
    } catch (error) {
      // It ran and ended already: the run's own record tells how.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { isEager: false, didStart: false };
      throw error;
    }
  }

  /** @returns false where no such workflow is open */
  async signal(workspaceId: string, workflowId: string, signal: string, args: readonly Json[]): Promise<boolean> {
    this.#codec.remember(workflowId, workspaceId);
    try {
      await this.client.workflow.getHandle(workflowId).signal(signal, ...args);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Sends an update and waits for its answer. @throws where no such workflow is open, or it refuses */
  async update<T>(workspaceId: string, workflowId: string, update: string, wanted: unknown): Promise<T> {
    this.#codec.remember(workflowId, workspaceId);
    // Under one id, so that it is one wish however often it is sent.
    const options = { args: [wanted] as [unknown], updateId: uuidv7() };
    return untilTaken(() => this.client.workflow.getHandle(workflowId).executeUpdate<T, [unknown]>(update, options));
  }

  /** Signals a workflow, and starts it where none is open under this id. */
  async signalWithStart(start: EntityStart, signal: string, args: readonly Json[]): Promise<void> {
    this.#codec.remember(start.workflowId, start.workspaceId);
    await this.client.workflow.signalWithStart(start.workflowType, {
      ...entityOptions(start),
      signal,
      signalArgs: [...args],
    });
  }

  /**
   * Sends an update and waits for its answer; starts the workflow where none is open under this id.
   * @param updateId the same for the same wish, however often it is sent
   * @throws WorkflowUpdateFailedError where its validator refuses
   */
  async updateWithStart<T>(start: EntityStart, update: string, wanted: unknown, updateId: string): Promise<T> {
    this.#codec.remember(start.workflowId, start.workspaceId);
    return untilTaken(() =>
      this.client.workflow.executeUpdateWithStart<Workflow, T, [unknown]>(update, {
        args: [wanted],
        updateId,
        startWorkflowOperation: new WithStartWorkflowOperation(start.workflowType, {
          ...entityOptions(start),
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      }),
    );
  }

  /** @returns false where no such workflow is open */
  async cancel(workflowId: string): Promise<boolean> {
    try {
      await this.client.workflow.getHandle(workflowId).cancel();
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Ends a workflow by force: for what does not answer to a cancel any more. */
  async terminate(workflowId: string, reason: string): Promise<boolean> {
    try {
      await this.client.workflow.getHandle(workflowId).terminate(reason);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /**
   * Ids of run workflows that were closed since a time otherwise than by their own end, which writes the run's record
   * before it closes. Visibility is a moment late.
   */
  async closedSince(since: Date): Promise<string[]> {
    const found = await this.#list(`CloseTime > "${since.toISOString()}" AND ExecutionStatus != "Completed"`);
    return found.map(({ id }) => id);
  }

  /** Run workflows that are open and began since a time: also those that a reset began anew. */
  startedSince(since: Date): Promise<{ id: string; startedAt: Date }[]> {
    return this.#list(`ExecutionStatus = "Running" AND StartTime > "${since.toISOString()}"`);
  }

  /** Ids of all run workflows that are open. Visibility is a moment late: what is not among them may yet be. */
  async open(): Promise<Set<string>> {
    return new Set((await this.#list('ExecutionStatus = "Running"')).map(({ id }) => id));
  }

  async #list(query: string): Promise<{ id: string; startedAt: Date }[]> {
    const found: { id: string; startedAt: Date }[] = [];
    for await (const { workflowId, startTime } of this.client.workflow.list({ query, pageSize: 1_000 }))
      if (isRunId(workflowId)) found.push({ id: workflowId, startedAt: startTime });
    return found;
  }

  /** Whether an execution is open, and whether its workflow task fails again and again. */
  async look(workflowId: string): Promise<{ isOpen: boolean; isStuck: boolean }> {
    try {
      const described = await this.client.workflow.getHandle(workflowId).describe();
      return {
        isOpen: described.status.name === 'RUNNING',
        isStuck: (described.raw.pendingWorkflowTask?.attempt ?? 0) >= 5,
      };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { isOpen: false, isStuck: false };
      throw error;
    }
  }

  /** Whether the server answers. */
  async isUp(): Promise<boolean> {
    try {
      await this.client.workflowService.getSystemInfo({});
      return true;
    } catch {
      return false;
    }
  }

  /** Pollers and backlog of task queues, as the server sees them. */
  async describeQueue(queue: string): Promise<{ pollers: number; backlog: number | null }> {
    const { pollers, stats } = await this.client.workflowService.describeTaskQueue({
      namespace: this.client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: queue === 'main' ? 1 : 2,
      reportStats: true,
    });
    return {
      pollers: pollers?.length ?? 0,
      backlog: stats?.approximateBacklogCount == null ? null : Number(stats.approximateBacklogCount),
    };
  }
}

const isRunId = (id: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);
