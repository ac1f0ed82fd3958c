import type { EverydayCommand } from '../kit/command.ts';
import { exits } from '../kit/exits.ts';
import { isSet, valueOf } from '../kit/scan-arguments.ts';
import { openClient } from '../kit/session.ts';
import { note } from '../kit/terminal.ts';
import { placeWords, runIdOf } from '../kit/watch-run.ts';

export const cancel: EverydayCommand = {
  name: 'cancel',
  summary: 'Ask a run to stop; windlass wait tells when it has',
  usage: 'RUN [--undo] [--reason TEXT]',
  mostWords: 1,
  options: [
    { name: 'undo', isFlag: true, about: 'take back what its steps did, where they say how' },
    { name: 'reason', about: 'kept with the run' },
  ],
  run: async (scanned, env) => {
    const id = runIdOf(scanned.words, 'cancel');
    const body = { reason: valueOf(scanned, 'reason'), ...(isSet(scanned, 'undo') && { undo: true }) };
    const run = await openClient(scanned, env).call('cancelRun', { params: { id }, body });
    note(`Asked to stop: ${placeWords(run)}.`);
    return exits.succeeded;
  },
};
