import { StartFailure } from '../start-failure.ts';
import type { Supervisor } from './supervise.ts';

/** npm passes Ctrl-C on although the terminal sent it to us already: within this time a second one is the same. */
const SAME_KEY_PRESS_MS = 1_000;

/** Runs a supervisor as this process: prints where everything is, stops at the first Ctrl-C, by force at the second. */
export async function runSupervisor(begin: (say: (line: string) => void) => Promise<Supervisor>): Promise<void> {
  const say = (line: string): void => console.log(line);
  let supervisor: Supervisor | undefined;
  let stopping: { since: number } | undefined;
  const starting = (async () => begin(say))();

  const stop = async (): Promise<void> => {
    await starting.catch(() => {}); // what is starting is let stand up before it is ended
    await supervisor?.stop();
    process.exit(0);
  };
  const onSignal = (): void => {
    if (!stopping) {
      stopping = { since: Date.now() };
      say('Stopping … (once more to stop at once)');
      void stop();
    } else if (Date.now() - stopping.since > SAME_KEY_PRESS_MS) {
      say('Stopping at once.');
      void (supervisor?.kill() ?? Promise.resolve()).finally(() => process.exit(130));
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

  const begun = Date.now();
  try {
    supervisor = await starting;
  } catch (error) {
    console.error(error instanceof StartFailure ? error.message : error);
    process.exit(error instanceof StartFailure ? error.exitCode : 1);
  }
  if (stopping) return;
  const rows = {
    Console: supervisor.url,
    'Temporal Web': `${supervisor.url}/temporal/`,
    ...supervisor.links,
    Logs: supervisor.logs,
  };
  const width = Math.max(...Object.keys(rows).map((label) => label.length));
  say(`Ready in ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
  for (const [label, value] of Object.entries(rows)) say(`  ${label.padEnd(width)}  ${value}`);
  say('Ctrl-C stops it.');
}
