import type { Caller } from '#contracts/identity/accounts.ts';
import type { EverydayCommand } from '../kit/command.ts';
import { exits } from '../kit/exits.ts';
import { isSet } from '../kit/scan-arguments.ts';
import { openClient } from '../kit/session.ts';
import { isTerminal, print, printJson } from '../kit/terminal.ts';

/** Who calls, in a sentence. */
export const callerWords = ({ kind, name, role, workspace }: Caller): string =>
  `${kind === 'key' ? `The key ${name}` : `${name} (${role})`} in ${workspace.name} (${workspace.slug})`;

export const whoami: EverydayCommand = {
  name: 'whoami',
  summary: 'Who calls, in which workspace, and what they may do there',
  usage: '',
  mostWords: 0,
  options: [{ name: 'json', isFlag: true, about: 'JSON on a terminal too' }],
  run: async (scanned, env) => {
    const caller = await openClient(scanned, env).call('getCaller', {});
    if (isTerminal() && !isSet(scanned, 'json'))
      await print(`${callerWords(caller)}\nMay: ${caller.permissions.join(', ')}\n`);
    else await printJson(caller);
    return exits.succeeded;
  },
};
