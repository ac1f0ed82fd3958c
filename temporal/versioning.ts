import type { Client } from '@temporalio/client';
import type { Log } from '#system/log.ts';

/** All workers of this product are one deployment; its versions are builds. */
export const deploymentName = 'windlass';

/**
 * Makes a build the current version of the deployment once its pollers are seen, so that its workers get tasks
 * (a versioned worker gets none before). Repeatable, and safe from several processes at once.
 * @throws where the server does not see the pollers in time
 */
export async function makeCurrent(
  client: Client,
  namespace: string,
  buildId: string,
  log: Log,
  waitMs = 30_000,
): Promise<void> {
  const until = Date.now() + waitMs;
  for (let round = 1; ; round++) {
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName,
        buildId,
        ignoreMissingTaskQueues: true,
      });
      log.info({ buildId }, 'this build is the current version');
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 50 * round)));
    }
  }
}
