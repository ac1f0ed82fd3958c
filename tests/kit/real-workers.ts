import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { connectTemporal, houseBundle, testTemporal } from './test-temporal.ts';

/**
 * The house's workflows and these activities on the run's real Temporal server, a worker for each queue. For what the
 * server that skips time does otherwise: it lets no heartbeat run out once a cancel was asked for.
 */
export async function realWorkers(
  taskQueues: readonly string[],
  activities: object,
): Promise<{ client: Client; stop: () => Promise<void> }> {
  const place = await testTemporal();
  const { namespace } = place;
  const connection = await connectTemporal(place);
  const workflowBundle = await houseBundle();
  const workers = await Promise.all(
    taskQueues.map((taskQueue) => Worker.create({ connection, namespace, taskQueue, workflowBundle, activities })),
  );
  const running = workers.map((worker) => worker.run());
  return {
    client: new Client({ connection, namespace }),
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
    },
  };
}
