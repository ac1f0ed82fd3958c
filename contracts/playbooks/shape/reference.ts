import { celFunctions } from '../expressions/functions.ts';
import type { StepKind } from '../document.ts';
import { documentFields } from './document.ts';
import { commonInputFields, inputTypes } from './inputs.ts';
import { shapeName } from './shape.ts';
import type { Field, Fields, Shape } from './shape.ts';
import { commonFields, kinds } from './steps.ts';

/** The reference for authors, in Markdown, derived from the same tables as the validator. */
export function playbookReference(): string {
  const kindNames = Object.keys(kinds) as StepKind[];
  const typeNames = Object.keys(inputTypes) as (keyof typeof inputTypes)[];
  return [
    '# Playbook reference',
    '## Document',
    table(documentFields),
    '## Inputs',
    'Every input:',
    table(commonInputFields),
    ...typeNames.flatMap((type) => [`### ${type}`, inputTypes[type].help, table(inputTypes[type].fields)]),
    '## Steps',
    'Every step:',
    table(commonFields),
    ...kindNames.flatMap((kind) => [`### ${kind}`, kinds[kind].help, table(kinds[kind].fields)]),
    '## Functions',
    'Beside those of CEL itself:',
    ...celFunctions
      .filter(({ help }) => help !== undefined)
      .map(({ name, types, help }) => `- \`${types[0] ?? name}\`: ${help}`),
    '',
  ].join('\n\n');
}

/** Rows of a table; fields of a nested map are indented by their parent's name. */
function table(fields: Fields, prefix = ''): string {
  const rows = rowsOf(fields, prefix);
  return rows.length === 0 ? '' : ['| field | | default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const rowsOf = (fields: Fields, prefix: string): string[] =>
  Object.entries(fields).flatMap(([name, field]) => [
    rowOf(`${prefix}${name}`, field),
    ...rowsOf(innerFields(field.shape), `${prefix}${name}.`),
  ]);

function innerFields(shape: Shape): Fields {
  if (shape.is === 'object') return shape.fields;
  if (shape.is === 'list') return innerFields(shape.of);
  if (shape.is !== 'either') return {};
  return shape.of.map(innerFields).find((fields) => Object.keys(fields).length > 0) ?? {};
}

const rowOf = (name: string, field: Field): string =>
  `| \`${name}\`${field.isRequired ? ' ★' : ''} | ${cell(shapeName(field.shape))} | ${field.default === undefined ? '' : `\`${cell(JSON.stringify(field.default))}\``} | ${cell([field.help, ...notes(field)].join(' '))} |`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const notes = ({ templates, secrets, isPerHost }: Field): string[] => [
  ...(templates === 'static' ? ['Static.'] : []),
  ...(templates === 'command' ? ['Templates become quoted words.'] : []),
  ...(secrets ? ['Takes secrets.'] : []),
  ...(isPerHost ? ['Once for each host.'] : []),
];
