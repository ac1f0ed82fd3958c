// The process `work`: workers that reach other machines, apart from the API.
import type { Worker } from '@temporalio/worker';
import { keepTokensFresh } from '#activities/connections/keep-tokens-fresh.ts';
import { sweepAssets, sweepOrphans } from '#activities/queries/sweep-assets.ts';
import { checkServers } from '#activities/servers/check-servers.ts';
import { sshHosts } from '#activities/servers/ssh-hosts.ts';
import { processBuildId } from '#system/build/sources.ts';
import { loadConfig } from '#system/config.ts';
import { serveMetrics } from '#system/serve-metrics.ts';
import { runSweeps } from '#system/run-sweeps.ts';
import { failStart, joinSupervisor } from '#system/supervisor/child.ts';
import { openProcess } from './process.ts';
import { builtBundle, createHostsWorker, createQueryWorker } from './worker.ts';

try {
  const config = loadConfig();
  const closers: (() => Promise<unknown>)[] = [];
  const ready = joinSupervisor({
    home: config.home,
    stop: async () => {
      for (const close of closers.toReversed()) await close();
    },
  });
  const parts = await openProcess(config, 'work');
  closers.push(() => parts.close());
  if (config.roles.includes('ssh')) {
    const hosts = sshHosts({ inTenant: parts.inTenant, vault: parts.vault, isOwnPort: parts.isOwnPort });
    closers.push(() => hosts.close(1_000));
    // Runs are started by the process that has the dispatcher; what a batch of hosts ends admits none.
    const worker = await createHostsWorker(
      { parts, startRuns: () => {}, workflowBundle: builtBundle, buildId: processBuildId() },
      hosts,
    );
    const running = worker.run();
    running.catch((error: unknown) => {
      parts.log.fatal({ err: error }, 'the ssh worker ended');
      process.exit(1);
    });
    closers.push(() => stopWorker(worker, running));
    const sweeps = runSweeps(
      [checkServers({ inTenant: parts.inTenant, system: parts.system, hosts, log: parts.log })],
      parts.log,
    );
    closers.push(() => sweeps.stop());
    const gauge = setInterval(() => parts.metrics.connectionsOpen.set(hosts.pool.size.connections), 5_000).unref();
    closers.push(async () => clearInterval(gauge));
  }
  if (config.roles.includes('query')) {
    const worker = await createQueryWorker({
      parts,
      startRuns: () => {},
      workflowBundle: builtBundle,
      buildId: processBuildId(),
    });
    const running = worker.run();
    running.catch((error: unknown) => {
      parts.log.fatal({ err: error }, 'the query worker ended');
      process.exit(1);
    });
    closers.push(() => stopWorker(worker, running));
    const { inTenant, system, vault, log, signalRun, isOwnPort, engines } = parts;
    const sweeps = runSweeps(
      [
        keepTokensFresh({ inTenant, system, vault, log, signalRun, isOwnPort }),
        sweepAssets({ system, inTenant, engines, log }),
        sweepOrphans({ system, inTenant, engines, log }),
      ],
      log,
    );
    closers.push(() => sweeps.stop());
  }
  if (config.metricsPort !== undefined)
    closers.push(await serveMetrics(parts.metrics, { host: config.host, port: config.metricsPort }));
  ready();
} catch (error) {
  await failStart(error);
}

async function stopWorker(worker: Worker, running: Promise<void>): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await running.catch(() => {});
}
