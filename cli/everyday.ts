import { didYouMean } from '#contracts/playbooks/nearest.ts';
import { login, logout } from './identity/login.ts';
import { whoami } from './identity/whoami.ts';
import type { EverydayCommand } from './kit/command.ts';
import { UsageError, exits } from './kit/exits.ts';
import { valuesOf } from './kit/scan-arguments.ts';
import { note, print } from './kit/terminal.ts';
import { describeAll, describeEveryday, describeOperation, findCommands } from './operations/describe.ts';
import { commandNames, operationCommand } from './operations/operation-command.ts';
import { run } from './playbooks/run.ts';
import { query } from './queries/query.ts';
import { cancel } from './runs/cancel.ts';
import { logs } from './runs/logs.ts';
import { wait } from './runs/wait.ts';

/** Prints what there is. */
export const help: EverydayCommand = {
  name: 'help',
  summary: 'What there is, or what one command takes',
  usage: '[COMMAND]',
  mostWords: 1,
  options: [],
  run: async ({ words: [name] }) => {
    await print(`${name === undefined ? describeAll(everyday) : describeCommand(name)}\n`);
    return exits.succeeded;
  },
};
const commands: EverydayCommand = {
  name: 'commands',
  summary: 'The operations of the API as commands',
  usage: '[--search WORDS]',
  mostWords: Infinity,
  options: [{ name: 'search', isMany: true, about: 'words that name, summary, path or permission hold' }],
  run: async (scanned) => {
    const found = findCommands([...valuesOf(scanned, 'search'), ...scanned.words]);
    if (found.length === 0) note('None has these words.');
    else await print(`${found.join('\n')}\n`);
    return found.length === 0 ? exits.failed : exits.succeeded;
  },
};
/** The commands made by hand, as help lists them. */
export const everyday: readonly EverydayCommand[] = [
  login,
  logout,
  whoami,
  query,
  run,
  wait,
  logs,
  cancel,
  commands,
  help,
];

/** Help of one command. @throws UsageError where there is none of that name */
export function describeCommand(name: string): string {
  const byHand = everyday.find((each) => each.name === name);
  if (byHand) return describeEveryday(byHand);
  const id = commandNames.get(name);
  if (id === undefined) throw unknownCommand(name);
  return describeOperation(operationCommand(id));
}

/** What is known of a command that nobody has: the nearest one. */
export function unknownCommand(name: string): UsageError {
  const near = didYouMean(name, [...everyday.map((each) => each.name), ...commandNames.keys()]);
  return new UsageError(`There is no command ${name}.${near} windlass help lists them.`);
}
