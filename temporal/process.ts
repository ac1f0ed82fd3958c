import { NativeConnection, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { ConnectionLifecycle } from '#contracts/connections/lifecycle.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { CallBudgets } from '#activities/connections/call-budget.ts';
import { ConnectionEngines } from '#activities/connections/engines.ts';
import { ownPorts, placesOf, type IsOwnPort } from '#activities/servers/own-ports.ts';
import { postgresOpener } from '#connectors/engines/open-postgres.ts';
import { LiveRows } from '#connectors/postgres/live-rows.ts';
import { openMail, type MailClient } from '#connectors/mail/mailer.ts';
import { type Db, type TenantTx, openDatabase } from '#db/kit/database.ts';
import { deliverSignals } from '#activities/incidents/deliver-signals.ts';
import { signalsOf } from '#db/incidents/signals.ts';
import { hasEvents } from '#db/events/append-event.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { readRunText } from '#db/queries/read-execution.ts';
import { checkAppRole, checkKeys } from '#db/system/process-checks.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import type { Config } from '#system/config.ts';
import { createLog, type Log } from '#system/log.ts';
import { createMetrics, type Metrics } from '#system/metrics.ts';
import { StartFailure, reasonOf } from '#system/start-failure.ts';
import { readMasterKeys } from '#system/vault/master-key.ts';
import { type Vault, createVault } from '#system/vault/vault.ts';
import { type Wakeups, connectWakeups } from '#system/wakeups.ts';
import { type IncidentWorkflows, incidentWorkflows } from './incidents.ts';
import { type TemporalCodec, WorkflowClient, sealingConverter } from './client.ts';

/** What every process of the product is made of, whatever its roles. */
export interface ProcessParts {
  config: Config;
  log: Log;
  metrics: Metrics;
  db: Db;
  system: Db;
  vault: Vault;
  connection: NativeConnection;
  converter: TemporalCodec;
  workflows: WorkflowClient;
  wakeups: Wakeups;
  mail: MailClient;
  isOwnPort: IsOwnPort;
  /** Engines of connections: tokens, budget and settings as the database has them. */
  engines: ConnectionEngines;
  /** A tenant transaction; after its commit, this process and the others look at the event stream. */
  inTenant: <T>(
    scope: string | { workspaceId: string; mids?: string; hidden?: string | undefined },
    work: (tx: TenantTx) => Promise<T>,
  ) => Promise<T>;
  signalRun: (workspaceId: string, runId: string, signal: string, args: readonly Json[]) => Promise<boolean>;
  incidents: IncidentWorkflows;
  /** Called at each wake-up from here or elsewhere: the hub sets it. */
  onWake: (wake: () => void) => void;
  onLogGrown: (grown: (runId: string) => void) => void;
  wakeLog: (runId: string) => void;
  /** Called at each word of who is there from other processes: the board sets it. */
  onPresence: (heard: (word: string) => void) => void;
  publicUrl: string;
  close(): Promise<void>;
}

/** Opens database pools, vault, Temporal and wake-ups. @throws StartFailure with one line that says what to do */
export async function openProcess(config: Config, name: string): Promise<ProcessParts> {
  const log = createLog({ level: config.logLevel, name });
  const metrics = createMetrics();
  if (!config.databaseAppUrl || !config.databaseSystemUrl || !config.temporalAddress) {
    throw new StartFailure(
      'This process needs DATABASE_APP_URL, DATABASE_SYSTEM_URL and TEMPORAL_ADDRESS; `npm start` sets them.',
      { exitCode: 78 },
    );
  }
  const appUrl = config.databaseAppUrl.reveal();
  // A pooler mixes connections, and not every one carries kept plans from one to the next.
  const keepsPlans = config.databaseDirectUrl === undefined;
  const db = openDatabase(appUrl, { max: 24, applicationName: `windlass ${name}`, keepsPlans });
  const system = openDatabase(config.databaseSystemUrl.reveal(), {
    max: 6,
    applicationName: `windlass ${name} system`,
    keepsPlans,
  });
  try {
    await checkAppRole(db);
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw new StartFailure(`The database does not answer as DATABASE_APP_URL says: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
  const masterKeys = readMasterKeys(config, { say: (line) => log.info(line) });
  await checkKeys(system, masterKeys);
  const vault = await createVault({ masterKeys, keys: databaseKeyStore(system) });

  installRuntime(log);
  const connection = await connectTemporal(config.temporalAddress);
  const converter = sealingConverter(vault);
  const workflows = new WorkflowClient(connection, config.temporalNamespace, converter);

  let wake = (): void => {};
  let grown: (runId: string) => void = () => {};
  let heard: (word: string) => void = () => {};
  const wakeups = await connectWakeups(config.databaseDirectUrl?.reveal() ?? appUrl, {
    onWake: () => wake(),
    onLog: (runId) => grown(runId),
    onPresence: (word) => heard(word),
    log,
  });
  const isOwnPort = await ownPorts(
    placesOf([`http://${config.host}:${config.port}`, appUrl, config.temporalAddress, config.temporalUiUrl]),
  );
  const mail = openMail(config.smtpUrl);
  const readTenant = <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
    inTenant(db, workspaceId, work);
  const budgets = new CallBudgets({ inTenant: readTenant, log });
  const live = new LiveRows();
  const engines = new ConnectionEngines({
    inTenant: readTenant,
    vault,
    budgets,
    isOwnPort,
    postgres: postgresOpener(live, ({ workspaceId, runId }) => readTenant(workspaceId, (tx) => readRunText(tx, runId))),
    closeLive: (connectionId) => live.closeConnection(connectionId),
    askRenewal: ({ workspaceId, runId }, wanted) =>
      workflows.update(workspaceId, runId, ConnectionLifecycle.update.renewToken, wanted),
  });
  const incidents = incidentWorkflows(workflows);
  /** What was written for incidents' workflows in a committed transaction. What fails here is found by the sweep. */
  const deliver = (workspaceId: string, signals: ReturnType<typeof signalsOf>): void => {
    for (const [incidentId, ids] of signals)
      deliverSignals(
        { inTenant: readTenant, tellIncident: incidents.tell },
        { workspaceId, incidentId, ids, signal: { kind: 'look' } },
      ).catch((err: unknown) => log.debug({ err, incidentId }, 'an incident is told later'));
  };
  return {
    config,
    log,
    metrics,
    db,
    system,
    vault,
    connection,
    converter,
    workflows,
    wakeups,
    mail,
    isOwnPort,
    engines,
    publicUrl:
      config.publicUrl ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`,
    inTenant: async (scope, work) => {
      let isTold = false;
      let signals: ReturnType<typeof signalsOf> = new Map();
      const result = await inTenant(db, scope, async (tx) => {
        const done = await work(tx);
        isTold = hasEvents(tx);
        signals = signalsOf(tx);
        return done;
      });
      if (signals.size > 0) deliver(typeof scope === 'string' ? scope : scope.workspaceId, signals);
      if (isTold) {
        wake();
        wakeups.tell();
      }
      return result;
    },
    signalRun: (workspaceId, runId, signal, args) => workflows.signal(workspaceId, runId, signal, args),
    incidents,
    onWake: (listener) => void (wake = listener),
    onLogGrown: (listener) => void (grown = listener),
    onPresence: (listener) => void (heard = listener),
    wakeLog: (runId) => {
      grown(runId);
      wakeups.tellLog(runId);
    },
    close: async () => {
      mail.close();
      await live.end();
      await budgets.close();
      await wakeups.close();
      await connection.close().catch(() => {});
      await db.destroy();
      await system.destroy();
    },
  };
}

let isInstalled = false;
/** Temporal's native part logs through ours, and only what needs eyes. */
function installRuntime(log: Log): void {
  if (isInstalled) return;
  isInstalled = true;
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: object) =>
    log[level]({ ...meta }, message);
  Runtime.install({
    logger: {
      log: () => {},
      trace: () => {},
      debug: () => {},
      info: at('debug'),
      warn: at('warn'),
      error: at('error'),
    },
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} } },
  });
}

async function connectTemporal(address: string): Promise<NativeConnection> {
  const until = Date.now() + 30_000;
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (Date.now() > until)
        throw new StartFailure(
          `Temporal does not answer at ${address}: ${reasonOf(error)}. Start it, or mend TEMPORAL_ADDRESS.`,
          { cause: error },
        );
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
