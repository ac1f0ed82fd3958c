import type { OperationId } from '#contracts/routes.ts';
import { table } from '../kit/client.ts';
import { kebab } from '../kit/scan-arguments.ts';
import { accessOf, fieldWords, roomOf } from './describe.ts';
import { commandNames, operationCommand } from './operation-command.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The page of every command that is made from the route table, by the first word of its path. */
export function commandReference(): string {
  const byRoom = Map.groupBy(commandNames, ([, id]) => roomOf(id as OperationId));
  const section = ([room, commands]: [string, [string, string][]]): string =>
    [
      `## ${room}`,
      '',
      '| command | what it does | options | needs |',
      '| --- | --- | --- | --- |',
      ...commands.map(([name, id]) => {
        const { params, fields } = operationCommand(id);
        const typed = [`windlass ${name}`, ...params.map((param) => `<${kebab(param)}>`)].join(' ');
        const options = fields.map((field) => `\`--${field.name}\` ${fieldWords(field)}`).join('<br>');
        return `| \`${typed}\` | ${cell(table[id]?.summary ?? '')} | ${cell(options)} | ${accessOf(table[id]?.access ?? '')} |`;
      }),
    ].join('\n');
  return [
    '# Every command of the API',
    'Each operation of the API as a command; what stands in common (`--json`, `--all`, `--data`, `--file`, `--out`, …) is in [the command line](command-line.md), and `windlass help COMMAND` tells it of each. Printed from `contracts/routes.ts`.',
    ...[...byRoom].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(section),
    '',
  ].join('\n\n');
}
