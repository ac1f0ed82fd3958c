// The door of the command line: finds the command, runs it, and turns how it ended into an exit code.
import { everyday, help, unknownCommand } from './everyday.ts';
import { type Exit, UsageError, describeError, exitOf, exits } from './kit/exits.ts';
import { isSet, scanArguments } from './kit/scan-arguments.ts';
import { commonOptions, openClient } from './kit/session.ts';
import { note, print } from './kit/terminal.ts';
import { callOperation, prepareCall } from './operations/call-operation.ts';
import { describeEveryday, describeOperation } from './operations/describe.ts';
import { commandNames, operationCommand } from './operations/operation-command.ts';

async function main([name = 'help', ...rest]: readonly string[]): Promise<Exit> {
  if (name === '--help' || name === '-h') return help.run({ words: [], options: new Map() }, process.env);
  const byHand = everyday.find((each) => each.name === name);
  if (byHand) {
    const scanned = scanArguments(rest, [...byHand.options, ...commonOptions]);
    if (!isSet(scanned, 'help')) {
      const extra = scanned.words[byHand.mostWords];
      if (extra !== undefined)
        throw new UsageError(
          `${extra} is one argument too many. Usage: windlass ${byHand.name} ${byHand.usage}`.trimEnd(),
        );
      return byHand.run(scanned, process.env);
    }
    await print(`${describeEveryday(byHand)}\n`);
    return exits.succeeded;
  }
  // An operation's own name is as good: listRuns.
  const id = commandNames.get(name) ?? [...commandNames.values()].find((each) => each === name);
  if (id === undefined) throw unknownCommand(name);
  const command = operationCommand(id);
  const scanned = scanArguments(rest, [...command.fields, ...command.general, ...commonOptions]);
  if (isSet(scanned, 'help')) {
    await print(`${describeOperation(command)}\n`);
    return exits.succeeded;
  }
  const sent = await prepareCall(command, scanned);
  await callOperation(openClient(scanned, process.env), command, sent, scanned);
  return exits.succeeded;
}

// Whoever read the output has gone (`| head`): there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  note(describeError(error));
  process.exitCode = exitOf(error);
}
