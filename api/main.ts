// The process `app`: the API, and the `main` worker on the same native connection, which makes eager starts possible.
import type { Worker } from '@temporalio/worker';
import { processBuildId, consoleFolder } from '#system/build/sources.ts';
import { loadConfig } from '#system/config.ts';
import { failStart, joinSupervisor } from '#system/supervisor/child.ts';
import { openProcess } from '#temporal/process.ts';
import { makeCurrent } from '#temporal/versioning.ts';
import { builtBundle, createMainWorker } from '#temporal/worker.ts';
import { withDemoDoor } from './identity/demo.ts';
import { jwksRoot } from './identity/identity.ts';
import { makeSetupToken } from '#db/system/set-up.ts';
import { consoleFallback, consoleRoot } from './roots/console.ts';
import { healthRoots } from './roots/health.ts';
import { statusPageRoots } from './roots/status-page.ts';
import { temporalWebRoots } from './roots/temporal-web.ts';
import { rooms } from './rooms.ts';
import { buildServer } from './server.ts';
import { startApp } from './start-app.ts';

try {
  const config = loadConfig();
  const closers: (() => Promise<unknown>)[] = [];
  const ready = joinSupervisor({
    home: config.home,
    stop: async () => {
      for (const close of closers.toReversed()) await close();
    },
  });
  const parts = await openProcess(config, 'app');
  closers.push(() => parts.close());
  const runsMain = config.roles.includes('main');
  const app = await startApp(parts, { eagerQueues: new Set(runsMain ? ['main'] : []) });
  closers.push(() => app.close());

  if (runsMain) {
    const buildId = processBuildId();
    const worker = await createMainWorker({ parts, startRuns: app.startRuns, workflowBundle: builtBundle, buildId });
    const running = worker.run();
    running.catch((error: unknown) => {
      parts.log.fatal({ err: error }, 'the main worker ended');
      process.exit(1);
    });
    closers.push(() => stopWorker(worker, running));
    await makeCurrent(parts.workflows.client, config.temporalNamespace, buildId, parts.log);
  }

  const authenticate = app.tools.auth.authenticate.bind(app.tools.auth);
  const server = await buildServer({
    tools: app.tools,
    rooms: withDemoDoor(rooms, config),
    authenticate,
    limitRate: (request, reply) => app.tools.auth.limitRate(request, reply),
    metrics: parts.metrics,
    fallback: consoleFallback(consoleFolder),
    roots: [
      jwksRoot(app.tools.auth),
      healthRoots(app.tools, parts.metrics, () => parts.workflows.isUp()),
      temporalWebRoots(app.tools, authenticate),
      statusPageRoots(app.tools, parts.publicUrl),
      consoleRoot(consoleFolder),
    ],
  });
  await server.listen({ host: config.host, port: config.port });
  closers.push(() => server.close());
  const setupToken = await makeSetupToken(parts.system);
  // The demo makes its owner itself.
  ready(
    setupToken === null || config.isDemo
      ? {}
      : { links: { 'First start': `${parts.publicUrl}/setup#token=${setupToken}` } },
  );
} catch (error) {
  await failStart(error);
}

async function stopWorker(worker: Worker, running: Promise<void>): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await running.catch(() => {});
}
