// The process `demo`, which only `npm run demo` starts: sample hosts and web services on loopback, and the sample workspace,
// made through the public API. Everything a visitor sees comes from real runs.
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '#system/config.ts';
import { StartFailure, reasonOf } from '#system/start-failure.ts';
import { failStart, joinSupervisor } from '#system/supervisor/child.ts';
import { signInAs, type DemoClient } from './demo/client.ts';
import { startSampleHosts } from './demo/hosts.ts';
import { openKeep } from './demo/keep.ts';
import { makeSampleRuns } from './demo/sample-runs.ts';
import { makeOwner, seed } from './demo/seed.ts';
import { startSampleServices } from './demo/services.ts';
import { startSink } from './demo/sink.ts';

const apiLimitMs = 60_000;

try {
  const config = loadConfig();
  let isStopping = false;
  const closers: (() => unknown)[] = [];
  const ready = joinSupervisor({
    home: config.home,
    stop: async () => {
      isStopping = true;
      for (const close of closers.toReversed()) await close();
    },
  });
  const name = config.host.replace(/^\[|\]$/g, '');
  if (name !== 'localhost' && name !== '::1' && !name.startsWith('127.'))
    throw new StartFailure('The demo signs people in without a password, so it listens on loopback alone: unset HOST.');
  const base = `http://${name.includes(':') ? `[${name}]` : name}:${config.port}`;

  const keep = openKeep(config.home);
  const hosts = await startSampleHosts(keep);
  closers.push(() => hosts.drop());
  const sink = await startSink(keep);
  closers.push(() => sink.close());
  // The API says where a sign-in leads back to in the same words.
  const callback = new URL('/api/v1/oauth/callback', config.publicUrl ?? base).href;
  const services = await startSampleServices(keep, callback);
  closers.push(() => services.stop());

  await apiAnswers(base);
  const owner = await makeOwner(base);
  await seed(base, owner, { keep, hosts, sink, services });
  ready({
    links: {
      'Sample hosts': hosts.running.map((host) => host.name).join(', '),
      'Sample Marketing Cloud': `${services.sfmc.authUrl}, sign in as ${services.sfmcLogin.username} with ${services.sfmcLogin.password}; client ${services.sfmcApp.clientId}, secret ${services.sfmcApp.clientSecret}`,
      'Sample Amazon Marketing Cloud': `${services.amc.origin}, client ${services.amc.clientId}, secret ${services.amc.clientSecret}`,
      'Sample database': `${services.database.host}:${services.database.port}/${services.database.database}, user ${services.database.user}, password ${services.database.password}`,
      'Sample data': `${keep.folder} (commands run on this machine as you, in folders of their own)`,
    },
  });

  const people = async (role: string): Promise<DemoClient> => {
    const client = await signInAs(base, role);
    if (!client) throw new Error(`The demo has no ${role}.`);
    return client;
  };
  await makeSampleRuns(people, keep, () => isStopping).catch((error: unknown) =>
    console.error(`The sample runs stopped: ${reasonOf(error)}`),
  );
} catch (error) {
  await failStart(error);
}

/** The API starts beside us. */
async function apiAnswers(base: string): Promise<void> {
  for (const until = Date.now() + apiLimitMs; ;) {
    const isUp = await fetch(`${base}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    if (Date.now() > until) throw new StartFailure('The demo got no answer from the API: the log of app says why.');
    await pause(100);
  }
}
