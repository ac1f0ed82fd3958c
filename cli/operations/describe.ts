import { routes } from '#contracts/routes.ts';
import type { EverydayCommand } from '../kit/command.ts';
import { table } from '../kit/client.ts';
import { kebab } from '../kit/scan-arguments.ts';
import { commonOptions } from '../kit/session.ts';
import { usageLine } from './call-operation.ts';
import { type Field, type OperationCommand, commandNames } from './operation-command.ts';
import { alternativesOf, typeWords } from './schema-reader.ts';

/** What an option takes, in words: type, bounds, default. */
export function fieldWords(field: Field): string {
  const { schema, root, isRequired, isFlag, isCommaList, isMany } = field;
  const plain = alternativesOf(schema, root);
  const [{ minimum, maximum } = {}] = plain.filter(({ type }) => type === 'integer' || type === 'number');
  // JSON Schema bounds a whole number by what a double holds; that tells nobody anything.
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const bounds = [low !== undefined && `at least ${low}`, high !== undefined && `at most ${high}`].filter(Boolean);
  const words = [
    isFlag
      ? 'switch'
      : isCommaList
        ? 'text, several times'
        : typeWords(schema, root) + (isMany ? ', several times' : ''),
    ...bounds,
    ...(schema.default !== undefined ? [`default ${JSON.stringify(schema.default)}`] : []),
    ...(isRequired ? ['needed'] : []),
  ];
  return words.join('; ');
}

const accessWords: Readonly<Record<string, string>> = {
  public: 'open to everybody',
  member: 'any member or key of the workspace',
  'signed-in': 'a signed-in person (an access token, no API key)',
  'instance-admin': 'an instance administrator (an access token, no API key)',
};
/** Who may do it. */
export const accessOf = (access: string): string => accessWords[access] ?? access;

const columns = (rows: readonly (readonly [string, string])[]): string[] => {
  const wide = Math.min(28, Math.max(...rows.map(([name]) => name.length)));
  return rows.map(([name, about]) => `  ${name.padEnd(wide)}  ${about}`);
};

/** Help of an operation's command. */
export function describeOperation(command: OperationCommand): string {
  const { def, params, fields, general, id } = command;
  const options = fields.map((field): [string, string] => [
    `--${field.name}${field.hasParts ? '[.PART]' : ''}`,
    fieldWords(field),
  ]);
  return [
    usageLine(command),
    '',
    `${def.summary}.`,
    `${def.method} ${def.path} (${id}); needs: ${accessOf(def.access)}`,
    ...(params.length > 0
      ? ['', 'Arguments:', ...columns(params.map((name) => [`<${kebab(name)}>`, 'from the path']))]
      : []),
    ...(options.length > 0 ? ['', 'Options:', ...columns(options)] : []),
    '',
    'Also:',
    ...columns([...general, ...commonOptions].map(({ name, about }) => [`--${name}`, about])),
    ...(fields.some(({ inQuery }) => !inQuery)
      ? ['', 'A value @FILE is read from the file, @- from standard input; @@ begins a value with an @.']
      : []),
  ].join('\n');
}

/** Help of a command made by hand. */
export const describeEveryday = ({ name, summary, usage, options, more }: EverydayCommand): string =>
  [
    `Usage: windlass ${name} ${usage}`.trimEnd(),
    '',
    `${summary}.`,
    '',
    'Options:',
    ...columns([...options, ...commonOptions].map((option) => [`--${option.name}`, option.about])),
    ...(more ? ['', more] : []),
  ].join('\n');

/** What `windlass help` prints. */
export const describeAll = (everyday: readonly EverydayCommand[]): string =>
  [
    'Usage: windlass COMMAND [arguments] [options]',
    '',
    ...columns(everyday.map(({ name, summary }): [string, string] => [name, summary])),
    '',
    `Each of the ${commandNames.size} operations of the API is a command too, by its name (listRuns is list-runs):`,
    '  windlass commands --search WORDS   finds them',
    '  windlass help COMMAND              what one takes',
    '',
    'The live events over WebSocket are left out: stream-events gives the same.',
    'Exit codes: 0 succeeded, 1 failed, 2 not understood, 3 canceled, 4 cannot reach or not allowed.',
  ].join('\n');

/** The operations that hold all these words in name, summary, path or permission, a line each. */
export function findCommands(words: readonly string[]): string[] {
  const wanted = words.flatMap((word) => word.toLowerCase().split(/\s+/)).filter(Boolean);
  const found = [...commandNames].filter(([name, id]) => {
    const def = table[id];
    const text = `${name} ${id} ${def?.summary} ${def?.path} ${def?.access}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const wide = Math.max(0, ...found.map(([name]) => name.length));
  return found.map(([name, id]) => `${name.padEnd(wide)}  ${table[id]?.summary ?? ''}`);
}

/** The room of an operation: the first word of its path. */
export const roomOf = (id: keyof typeof routes): string => routes[id].path.split('/')[1] ?? '';
