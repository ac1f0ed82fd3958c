import { LanguageFailure } from './expressions/failure.ts';
import { asMap, doubleText, isList, isMap, Optional, Raw, Secret, toJson, toText } from './expressions/values.ts';
import type { Value } from './expressions/values.ts';
import { ShellReader } from './shell-reader.ts';
import type { TemplatePart } from './templates.ts';

/** Where a template stands in a shell command. */
export interface ShellPlace {
  /** Why quoting cannot make a value safe here; undefined in plain shell text. */
  readonly unsafe: string | undefined;
  /** Whether other word characters touch it, so that a list would not be words of its own. */
  readonly touches: boolean;
  /** Whether its words go to a second shell (`eval`, `sh -c`), which reads them again. */
  readonly isReadTwice: boolean;
}

/** The place of each template of a command, in order. A small reader of POSIX shell: it errs on the side of refusing. */
export function placesInShell(parts: readonly TemplatePart[]): readonly ShellPlace[] {
  return new ShellReader(parts).read();
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A value as shell words (§3): always quoted, but for numbers, bool and `raw`. */
export function shellWords(value: Value, place: ShellPlace): string {
  const words = wordsOf(value, place);
  if (words.includes('\0'))
    throw new LanguageFailure('shell.nul_in_value', 'A value in the command holds a NUL, which no shell can pass on.');
  return words;
}

function wordsOf(value: Value, place: ShellPlace): string {
  if (value instanceof Secret) {
    throw new LanguageFailure('secret.in_command', 'A secret in a command would show in ps: pass it by env or stdin.');
  }
  if (value instanceof Optional) return wordsOf(value.value ?? null, place);
  if (value instanceof Raw) return value.text;
  if (!isList(value)) return wordOf(value);
  if (place.touches) {
    throw new LanguageFailure(
      'shell.list_in_word',
      'A list becomes words of its own, so nothing may touch it: put spaces around the template, or join(…) it.',
    );
  }
  return value.map((part) => (isList(part) || isMap(part) ? quote(jsonOf(part)) : wordsOf(part, place))).join(' ');
}

const jsonOf = (value: Value): string =>
  JSON.stringify(
    toJson(value, () => {
      throw new LanguageFailure(
        'secret.in_command',
        'A secret in a command would show in ps: pass it by env or stdin.',
      );
    }),
  );

function wordOf(value: Value): string {
  if (value === null) return "''";
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? doubleText(value) : toText(value);
  if (isMap(value)) return quote(jsonOf(asMap(value)));
  return quote(toText(value));
}
