import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { discoveryActivities } from '#activities/assets/discover-server.ts';
import { assetImportActivities, assetRecordActivities } from '#activities/assets/import-assets.ts';
import { lifecycleActivities } from '#activities/connections/lifecycle.ts';
import { connectionCallActivities } from '#activities/connections/lifecycle-calls.ts';
import { incidentActivities } from '#activities/incidents/lifecycle.ts';
import { notifyActivities } from '#activities/notifications/send-notification.ts';
import { attemptDeliveryActivities } from '#activities/notifications/attempt-delivery.ts';
import { notifier } from '#activities/notifications/notifier.ts';
import { artifactActivities } from '#activities/playbooks/artifacts.ts';
import { connectorActivities } from '#activities/playbooks/call-connector.ts';
import { countActivities } from '#activities/queries/count-rows.ts';
import { deliveryActivities } from '#activities/queries/deliver-rows.ts';
import { queryRecordActivities } from '#activities/queries/record-query.ts';
import { alertActivities } from '#activities/queries/tell-alerts.ts';
import { queryActivities } from '#activities/queries/run-query.ts';
import { httpActivities } from '#activities/playbooks/call-http.ts';
import { bookkeepingActivities } from '#activities/playbooks/bookkeeping.ts';
import { queryStepActivities } from '#activities/playbooks/run-query-step.ts';
import { connectorOperations } from '#activities/playbooks/connector-operations.ts';
import { openForCall } from '#activities/playbooks/reveal.ts';
import { hostActivities } from '#activities/playbooks/run-hosts.ts';
import { scheduleActivities } from '#activities/schedules/fire-schedule.ts';
import { letGoActivities } from '#activities/settings/let-go.ts';
import { lateActivities } from '#activities/schedules/tell-late.ts';
import { scheduleTroubleTeller } from '#activities/schedules/tell-trouble.ts';
import { failureTeller } from '#activities/kit/tell-failures.ts';
import type { ActivityTools } from '#activities/kit/tools.ts';
import type { SshHosts } from '#activities/servers/ssh-hosts.ts';
import { untilDatabase } from '#db/kit/database-away.ts';
import { keepSealedOutput } from '#db/playbooks/run-secrets.ts';
import { readSettings } from '#db/settings/settings.ts';
import { windlass } from '#contracts/kit/windlass-actor.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import type { ProcessParts } from './process.ts';
import { deploymentName } from './versioning.ts';

export interface WorkerParts {
  parts: ProcessParts;
  startRuns: (runs: readonly RunRef[]) => void;
  /** Connections to hosts: in processes with the role `ssh`. */
  hosts?: SshHosts;
  /** The workflow bundle, built ahead; tests bundle it themselves. */
  workflowBundle: { codePath: string } | { code: string };
  /** The build, where the deployment is versioned; absent: an unversioned worker (tests). */
  buildId?: string;
  /** Put before the names of queues: tests share a server. */
  queuePrefix?: string;
}

/** Runs open at once stay below this: an eager start needs a free slot (temporal-performance.md, "Worker"). */
const workflowSlots = 200;

const activityTools = ({ parts, startRuns }: WorkerParts): ActivityTools => ({
  db: parts.db,
  system: parts.system,
  vault: parts.vault,
  log: parts.log,
  metrics: parts.metrics,
  inTenant: parts.inTenant,
  startRuns,
  signalRun: parts.signalRun,
  wakeLog: parts.wakeLog,
  hasMail: parts.mail.isReady,
});

/** The activities of the queue `main`: bookkeeping and calls to the outside. */
export function mainActivities(worker: WorkerParts) {
  const { parts } = worker;
  const tools = activityTools(worker);
  // A call goes out once the database has given what it needs: while that is away, it waits instead of failing.
  const calls = {
    openSecrets: (
      { workspaceId, runId, actor }: { workspaceId: string; runId: string; actor?: ActorRef | null },
      refs: Parameters<typeof openForCall>[3],
    ) =>
      untilDatabase(() =>
        parts.inTenant(workspaceId, (tx) =>
          openForCall(tx, parts.vault, { workspaceId, runId, actor: actor ?? windlass }, refs),
        ),
      ),
    keepSealed: (
      { workspaceId, runId }: { workspaceId: string; runId: string },
      name: string,
      value: Parameters<typeof keepSealedOutput>[5],
    ) =>
      untilDatabase(() =>
        parts.inTenant(workspaceId, (tx) => keepSealedOutput(tx, parts.vault, workspaceId, runId, name, value)),
      ),
    readAllowed: async (workspaceId: string) =>
      (await untilDatabase(() => parts.inTenant(workspaceId, readSettings))).egressAllow,
    isOwnPort: parts.isOwnPort,
  };
  const notify = notifier(parts);
  return {
    ...bookkeepingActivities(tools),
    ...assetRecordActivities(tools),
    ...assetImportActivities(tools),
    ...lifecycleActivities(tools),
    ...incidentActivities(tools),
    ...artifactActivities(tools),
    ...letGoActivities(tools),
    ...queryStepActivities({
      ...tools,
      cancelWorkflow: (_workspaceId, runId) => parts.workflows.cancel(runId),
    }),
    ...queryRecordActivities(tools),
    ...httpActivities(calls),
    ...notifyActivities({ db: parts.db, notify, publicUrl: parts.publicUrl }),
    ...attemptDeliveryActivities({
      ...tools,
      mail: parts.mail,
      publicUrl: parts.publicUrl,
      isOwnPort: parts.isOwnPort,
    }),
    ...lateActivities({ ...parts, notify }),
    ...scheduleActivities({
      ...tools,
      cancelWorkflow: (_workspaceId, runId) => parts.workflows.cancel(runId),
      tellTrouble: scheduleTroubleTeller({
        db: parts.db,
        notify,
        hasMail: parts.mail.isReady,
        publicUrl: parts.publicUrl,
        log: parts.log,
      }),
    }),
    ...connectorActivities({
      ...calls,
      operations: connectorOperations({ mail: parts.mail, isOwnPort: parts.isOwnPort, readAllowed: calls.readAllowed }),
    }),
  };
}

/** A cancel comes with the answer to a heartbeat, and the SDK holds heartbeats back for 12 s where nothing is said. */
const promptCancels = { maxHeartbeatThrottleInterval: '1s' } as const;

/** The worker of `main`: all workflows, bookkeeping and calls. */
export const createMainWorker = (worker: WorkerParts): Promise<Worker> =>
  Worker.create({
    ...common(worker),
    taskQueue: `${worker.queuePrefix ?? ''}main`,
    workflowBundle: worker.workflowBundle,
    activities: mainActivities(worker),
    maxConcurrentWorkflowTaskExecutions: workflowSlots,
    maxConcurrentLocalActivityExecutions: workflowSlots,
    maxConcurrentActivityTaskExecutions: 100,
    // A quarter of a megabyte each. What rests for hours is read again when it wakes; what is at work is never so many.
    maxCachedWorkflows: 400,
    stickyQueueScheduleToStartTimeout: '5s',
    ...promptCancels,
  });

/** The worker of `ssh`: batches of hosts. Its own processes, so that hosts never hold up the rest. */
export function createHostsWorker(worker: WorkerParts, hosts: SshHosts): Promise<Worker> {
  return Worker.create({
    ...common(worker),
    taskQueue: `${worker.queuePrefix ?? ''}ssh`,
    activities: {
      ...hostActivities({ ...activityTools(worker), hosts }),
      ...discoveryActivities({ ...activityTools(worker), hosts }),
    },
    maxConcurrentActivityTaskExecutions: 50,
    ...promptCancels,
  });
}

/** The activities of the queue `query`: calls to the services that connections lead to, and whole query runs there. */
export function queryActivitiesOf(worker: WorkerParts) {
  return {
    ...connectionCallActivities({
      ...worker.parts,
      cancelWorkflow: (runId) => worker.parts.workflows.cancel(runId),
    }),
    ...queryActivities({ ...activityTools(worker), engines: worker.parts.engines }),
    ...deliveryActivities(worker.parts),
    ...countActivities(worker.parts),
    ...alertActivities({ ...worker.parts, notify: notifier(worker.parts) }),
  };
}

/** The worker of `query`: calls to services that queries run on. Beside `ssh` in its own process. */
export const createQueryWorker = (worker: WorkerParts): Promise<Worker> =>
  Worker.create({
    ...common(worker),
    taskQueue: `${worker.queuePrefix ?? ''}query`,
    activities: queryActivitiesOf(worker),
    // They wait for a service most of the time: a run that is followed holds its place for a minute.
    maxConcurrentActivityTaskExecutions: 300,
    ...promptCancels,
  });

const common = ({
  parts,
  buildId,
}: WorkerParts): Pick<
  WorkerOptions,
  'connection' | 'namespace' | 'dataConverter' | 'interceptors' | 'shutdownGraceTime' | 'workerDeploymentOptions'
> => ({
  connection: parts.connection,
  namespace: parts.config.temporalNamespace,
  dataConverter: parts.converter.dataConverter,
  interceptors: { activity: [failureTeller(parts.log)] },
  shutdownGraceTime: '5s',
  ...(buildId !== undefined && {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName, buildId },
      defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
    },
  }),
});

/** Where the bundle lies that `prepare` built. */
export const builtBundle = { codePath: fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url)) };
