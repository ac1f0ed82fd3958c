import type { EverydayCommand } from '../kit/command.ts';
import { openClient, untilInterrupted } from '../kit/session.ts';
import { print } from '../kit/terminal.ts';
import { exitOfEnd, runIdOf, watchRun } from '../kit/watch-run.ts';

export const wait: EverydayCommand = {
  name: 'wait',
  summary: 'Wait until a run has ended; the exit code says how',
  usage: 'RUN',
  mostWords: 1,
  options: [],
  run: async (scanned, env) => {
    const id = runIdOf(scanned.words, 'wait');
    const client = openClient(scanned, env);
    const { status } = await untilInterrupted((signal) => watchRun(client, id, signal));
    await print(`${status}\n`);
    return exitOfEnd(status);
  },
};
