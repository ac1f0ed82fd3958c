import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Runtime, Worker, makeTelemetryFilterString, type WorkerOptions } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { searchAttributes } from '#temporal/search-attributes.ts';
import { askBroker } from './ask-broker.ts';
import type { TemporalPlace } from './kit.ts';

/** A namespace on the run's real Temporal server, all search attributes declared. */
export const testTemporal = async (): Promise<TemporalPlace> =>
  (await askBroker({ want: 'temporal' })) as TemporalPlace;

export interface SkippingTemporal {
  readonly env: TestWorkflowEnvironment;
  readonly client: Client;
  readonly worker: Worker;
}

/** Workflows to run: those of the house unless a test brings its own file. */
export type SkippingOptions = Partial<Omit<WorkerOptions, 'connection' | 'taskQueue' | 'activities'>>;

let environment: Promise<TestWorkflowEnvironment> | undefined;

/** The workflows of the house, bundled once a run. */
export const houseBundle = async (): Promise<{ codePath: string }> => {
  const { path } = (await askBroker({ want: 'bundle' })) as { path: string };
  return { codePath: path };
};

const quiet = { log: () => {}, trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: console.error };

async function startSkipping(): Promise<TestWorkflowEnvironment> {
  const { path } = (await askBroker({ want: 'testServer' })) as { path: string };
  Runtime.install({
    logger: quiet,
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
  });
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  // An undeclared attribute stalls a run instead of failing it.
  const declared = Object.fromEntries(Object.values(searchAttributes).map(({ name }) => [name, 2 /* keyword */]));
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: declared });
  return env;
}

/**
 * A server that skips time, one per test file, and a worker of the house's workflows on it: `worker.runUntil(…)` inside
 * a test, one after another, since the time is shared. A file calls `closeTemporal` in `afterAll`.
 */
export async function skippingTemporal(
  taskQueue: string,
  activities: object,
  options: SkippingOptions = {},
): Promise<SkippingTemporal> {
  const env = await (environment ??= startSkipping());
  const code = options.workflowsPath || options.workflowBundle ? {} : { workflowBundle: await houseBundle() };
  const worker = await Worker.create({ connection: env.nativeConnection, taskQueue, activities, ...code, ...options });
  return { env, client: env.client, worker };
}

/** Ends this file's time-skipping server. */
export async function closeTemporal(): Promise<void> {
  const env = environment;
  environment = undefined;
  await (await env)?.teardown();
}

/** A native connection to the run's real server: eager start needs worker and client to share one. */
export const connectTemporal = ({ address }: TemporalPlace): Promise<NativeConnection> =>
  NativeConnection.connect({ address });
