import { loadRunInput } from '#db/playbooks/run-definition.ts';
import { ConnectionLifecycle } from '#contracts/connections/lifecycle.ts';
import { RunPlaybook } from '#contracts/playbooks/run-playbook.ts';
import { tendConnections } from '#activities/connections/keep-tokens-fresh.ts';
import { tendIncidents } from '#activities/incidents/deliver-signals.ts';
import { alertOfSearch, lookAtSearches } from '#activities/logs/look-at-searches.ts';
import { lettingGo } from '#activities/settings/begin-letting-go.ts';
import { alertSettler, watchHeartbeats } from '#activities/alerts/settle-alerts.ts';
import { deliverDecisions } from '#activities/approvals/deliver-decisions.ts';
import { mailApprovals } from '#activities/approvals/mail-approvals.ts';
import { tellRestarts } from '#activities/runs/tell-restarts.ts';
import { trimKept } from '#activities/runs/trim-kept.ts';
import { enforceCancels, findLost, followEndings, houseKeeping, startAbandoned } from '#activities/runs/sweep-runs.ts';
import { followRuns } from '#activities/hooks/follow-runs.ts';
import { followIncidents } from '#activities/incident-rules/follow-incidents.ts';
import { deliveryBeginner } from '#activities/notifications/begin-deliveries.ts';
import { notifier } from '#activities/notifications/notifier.ts';
import { trimTriggerRecords } from '#activities/notifications/trim-records.ts';
import { reconcileSchedules } from '#activities/schedules/reconcile-schedules.ts';
import { scheduleTroubleTeller } from '#activities/schedules/tell-trouble.ts';
import { LogWriter } from '#db/logs/log-writer.ts';
import { acceptAlerts } from '#db/alerts/accept-alerts.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import { systemClock } from '#system/clock.ts';
import { type RunningSweeps, runSweeps } from '#system/run-sweeps.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { purgeSignIn } from '#db/system/sessions.ts';
import { deliverRestarts } from '#system/supervisor/restarts.ts';
import { Dispatcher } from '#temporal/dispatcher.ts';
import type { ProcessParts } from '#temporal/process.ts';
import { temporalSchedules } from '#temporal/schedules.ts';
import { listenSyslog } from './ingest/syslog.ts';
import { createAuthenticator } from './kit/authenticate.ts';
import { type EventHub, startEventHub } from './kit/event-hub.ts';
import { createLogWakes } from './kit/log-wakes.ts';
import { createPresenceBoard } from './kit/presence-board.ts';
import type { ApiTools } from './kit/tools.ts';

export interface AppParts {
  tools: ApiTools;
  hub: EventHub;
  dispatcher: Dispatcher;
  startRuns: (runs: readonly RunRef[]) => void;
  sweeps: RunningSweeps;
  /** Where syslog is listened for. */
  syslogPorts: readonly number[];
  close(): Promise<void>;
}

/** What the API's process has beside the server itself: event hub, dispatcher, sweeps and the tools of the rooms. */
export async function startApp(
  parts: ProcessParts,
  {
    eagerQueues = new Set<string>(),
    queuePrefix = '',
    withSweeps = true,
  }: { eagerQueues?: ReadonlySet<string>; queuePrefix?: string; withSweeps?: boolean } = {},
): Promise<AppParts> {
  const { config, log, db, system, vault, workflows, metrics } = parts;
  const hub = await startEventHub({ system, log });
  parts.onWake(() => hub.wake());
  const logWakes = createLogWakes();
  parts.onLogGrown((runId) => logWakes.wake(runId));
  const presence = createPresenceBoard({ spread: (word) => parts.wakeups.tellPresence(word) });
  parts.onPresence((word) => presence.hear(word));

  const dispatcher = new Dispatcher({
    client: workflows,
    loadInput: (run) => parts.inTenant(run.workspaceId, (tx) => loadRunInput(tx, vault, run.workspaceId, run.id)),
    eagerQueues,
    metrics,
    log,
  });
  const startRuns = (runs: readonly RunRef[]): void =>
    dispatcher.offer(runs.map((run) => ({ ...run, taskQueue: queuePrefix + run.taskQueue })));
  const auth = await createAuthenticator({ system, vault, config });
  const alerts = alertSettler({ system, inTenant: parts.inTenant, log });
  const deliveries = deliveryBeginner({ system, vault, inTenant: parts.inTenant, startRuns, log });
  hub.listen({
    onEvent: ({ event }) => {
      alerts.onEvent(event);
      deliveries.onEvent(event);
      // From the beginning of its transaction, which is some milliseconds before its commit.
      metrics.eventDelay.observe(Math.max(0, Date.now() - event.at.getTime()) / 1_000);
      // A query that is under way waits for its service, within its connection's slots: it is no load to Temporal.
      const isAway = event.type === 'run.ended' || event.type === 'run.waiting' || event.type === 'query.progress';
      if (isAway && event.runId) dispatcher.release(event.runId);
      if (
        event.type === 'member.changed' ||
        event.type === 'key.changed' ||
        event.type === 'query_rule.changed' ||
        event.type === 'session.ended' ||
        event.type === 'settings.changed'
      )
        auth.invalidate(event);
      // Nothing of it is used again, and no result of it stays open.
      if (
        event.type === 'connection.changed' &&
        event.subject &&
        (event.data['change'] === 'disconnecting' || event.data['change'] === 'deleted')
      )
        void parts.engines.forget(event.subject.slice('connection:'.length)).catch(() => {});
      // A cancel that machinery asked for (a newer run took its place) has nobody else to pass it on.
      if (event.type === 'run.cancel_asked' && event.runId) void workflows.cancel(event.runId).catch(() => false);
    },
  });
  const cancelWorkflow = async (workspaceId: string, runId: string, undo?: boolean): Promise<boolean> => {
    if (
      undo !== undefined &&
      (await workflows.signal(workspaceId, runId, RunPlaybook.signal.cancelAsked, [{ undo, by: null }]))
    )
      return true;
    return workflows.cancel(runId);
  };
  const writer = new LogWriter({ url: config.databaseAppUrl?.reveal() ?? '' });
  const tools: ApiTools = {
    config,
    log,
    db,
    system,
    vault,
    auth,
    hub,
    countCut: (reason) => metrics.streamsCut.inc({ reason }),
    logWakes,
    presence,
    inTenant: ({ workspaceId, mids, hidden }, work) => parts.inTenant({ workspaceId, mids, hidden }, work),
    startRuns,
    signalRun: parts.signalRun,
    cancelWorkflow,
    temporal: {
      schedules: temporalSchedules(workflows.client, { queuePrefix }),
      describeQueues: () =>
        Promise.all(
          ['main', 'ssh', 'query'].map(async (queue) => ({ queue, ...(await workflows.describeQueue(queue)) })),
        ),
    },
    engines: parts.engines,
    isOwnPort: parts.isOwnPort,
    mail: { isReady: parts.mail.isReady, send: (message) => parts.mail.send(message) },
    connections: {
      renew: ({ workspaceId, runId }, wanted) =>
        workflows.update(workspaceId, runId, ConnectionLifecycle.update.renewToken, wanted),
      publicUrl: parts.publicUrl,
    },
    incidents: parts.incidents,
    logs: {
      write: async (workspaceId, sourceId, events) => {
        try {
          const written = await writer.write(workspaceId, sourceId, events);
          metrics.logEvents.inc({ outcome: 'stored' }, written.stored);
          metrics.logEvents.inc({ outcome: 'duplicate' }, written.duplicates.size);
          return written;
        } catch (error) {
          metrics.logEvents.inc({ outcome: 'refused' }, events.length);
          throw error;
        }
      },
      settleSearch: async (tx, search) => {
        const alert = alertOfSearch(search, { isFiring: false, count: 0, now: new Date() });
        await acceptAlerts(tx, null, 'Log searches', [alert]);
      },
    },
  };
  const syslog = config.syslog
    ? await listenSyslog({
        listeners: config.syslog.reveal(),
        db,
        system,
        write: tools.logs.write,
        onLost: (count) => metrics.logEvents.inc({ outcome: 'lost' }, count),
        log,
      })
    : undefined;
  const notify = notifier({ db, vault, mail: parts.mail, log, isOwnPort: parts.isOwnPort });
  const tellTrouble = scheduleTroubleTeller({
    db,
    notify,
    hasMail: parts.mail.isReady,
    publicUrl: parts.publicUrl,
    log,
  });
  const sweepTools = { system, vault, inTenant: parts.inTenant, startRuns, workflows, metrics, log };
  const sweeps = runSweeps(
    withSweeps
      ? [
          startAbandoned(sweepTools),
          followEndings(sweepTools),
          findLost(sweepTools),
          enforceCancels(sweepTools),
          houseKeeping(sweepTools),
          tendConnections({ system, inTenant: parts.inTenant, vault, signalRun: parts.signalRun, startRuns }),
          tendIncidents({ system, inTenant: parts.inTenant, tellIncident: parts.incidents.tell }),
          alerts.sweep,
          watchHeartbeats({ system, inTenant: parts.inTenant }),
          deliverDecisions({ db, system, signalRun: parts.signalRun }),
          mailApprovals({ db, system, mail: parts.mail, publicUrl: parts.publicUrl, log }),
          trimTriggerRecords({ db, system }),
          deliveries.sweep,
          trimKept({ system, inTenant: parts.inTenant, log }),
          lettingGo(sweepTools),
          lookAtSearches({ system, inTenant: parts.inTenant, acceptAlerts, log }),
          followRuns({ system, vault, inTenant: parts.inTenant, startRuns }),
          followIncidents({ system, vault, inTenant: parts.inTenant, startRuns }),
          reconcileSchedules({
            db,
            system,
            inTenant: parts.inTenant,
            schedules: tools.temporal.schedules,
            tellTrouble,
            onMissed: (times) => metrics.scheduleMissed.inc(times),
            clock: systemClock,
            log,
          }),
          tellRestarts({
            system,
            inTenant: parts.inTenant,
            takeRestarts: (save) => deliverRestarts(config.home, save),
          }),
          {
            name: 'purge-sign-in',
            everyMs: 86_400_000,
            run: () => inSystem(system, (tx) => purgeSignIn(tx, new Date())),
          },
          { name: 'gate', everyMs: 30_000, run: async () => dispatcher.forgetStale() },
        ]
      : [],
    log,
  );
  return {
    tools,
    hub,
    dispatcher,
    startRuns,
    sweeps,
    syslogPorts: syslog?.ports ?? [],
    close: async () => {
      dispatcher.close();
      presence.close();
      await sweeps.stop();
      await syslog?.close();
      await writer.close();
      await alerts.stop();
      await deliveries.stop();
      await hub.close();
    },
  };
}
