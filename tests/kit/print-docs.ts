// `node tests/kit/print-docs.ts` writes the pages that are printed from code: the authors' reference, the list of errors,
// and the command of each operation.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandReference } from '#cli/operations/print-reference.ts';
import { errors } from '#contracts/errors.ts';
import type { ErrorDef } from '#contracts/kit/error-def.ts';
import { playbookReference } from '#contracts/playbooks/shape/reference.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The list of error codes as a page, a table for the codes that begin with the same word. */
export function printErrors(all: Readonly<Record<string, ErrorDef>>): string {
  const codes = Object.keys(all).toSorted();
  const groups = [...new Set(codes.map((code) => code.split('.')[0] ?? ''))];
  const table = (group: string): string =>
    [
      `## ${group}`,
      '',
      '| code | HTTP status | again? | what it says |',
      '| --- | --- | --- | --- |',
      ...codes
        .filter((code) => code.startsWith(`${group}.`))
        .map((code) => {
          const { status, retry, message } = all[code] ?? { status: 500, retry: false, message: '' };
          return `| \`${code}\` | ${status} | ${retry ? 'yes' : ''} | ${cell(message)} |`;
        }),
    ].join('\n');
  return [
    '# Errors',
    'Every error has a stable code. The API answers `{error, message, statusCode, details?, requestId}`, where `error` is the code; runs and steps carry the same codes. "again?" says that trying the same once more can help. `{name}` stands for a fact of the case. Printed from `contracts/errors.ts`.',
    ...groups.map(table),
    '',
  ].join('\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const docs = new URL('../../docs/', import.meta.url);
  writeFileSync(new URL('authors/reference.md', docs), playbookReference());
  writeFileSync(new URL('errors.md', docs), printErrors(errors));
  writeFileSync(new URL('command-line-reference.md', docs), commandReference());
}
