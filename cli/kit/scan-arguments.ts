import { didYouMean } from '#contracts/playbooks/nearest.ts';
import { UsageError } from './exits.ts';

/** An option that a command takes. */
export interface OptionDef {
  /** In kebab-case, without the dashes. */
  readonly name: string;
  /** Stands for yes by itself; `--name=false` says no. */
  readonly isFlag?: boolean | undefined;
  /** May be given several times. */
  readonly isMany?: boolean | undefined;
  /** Takes parts after a point: `--inputs.city Rome`. */
  readonly hasParts?: boolean | undefined;
}
export interface Given {
  /** What follows the name after points. */
  readonly parts: readonly string[];
  readonly value: string;
}
export interface Scanned {
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, readonly Given[]>;
}

/** `connectionId` as it is typed: `connection-id`. */
export const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

/** Sorts a command line into words and options. @throws UsageError for an option that is not known, or lacks its value */
export function scanArguments(tokens: readonly string[], defs: readonly OptionDef[]): Scanned {
  const known = new Map(defs.map((def) => [def.name, def]));
  const words: string[] = [];
  const options = new Map<string, Given[]>();
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === '--') {
      words.push(...tokens.slice(at + 1));
      break;
    }
    if (!token.startsWith('-') || token === '-' || /^-\d/.test(token)) {
      words.push(token);
      continue;
    }
    const [, name = '', inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(token) ?? [];
    const [first = '', ...parts] = name.split('.');
    const def = token.startsWith('--') ? known.get(kebab(first)) : undefined;
    if (!def)
      throw new UsageError(
        `There is no option ${token.split('=')[0]}.${didYouMean(kebab(first), known.keys()).replace('mean ', 'mean --')}`,
      );
    if (parts.length > 0 && !def.hasParts) throw new UsageError(`--${def.name} has no parts.`);
    const isFlag = def.isFlag && parts.length === 0;
    const value = inline ?? (isFlag ? 'true' : tokens[++at]);
    if (value === undefined || (inline === undefined && !isFlag && value.startsWith('--')))
      throw new UsageError(`--${name} needs a value; one that begins with dashes as --${name}=…`);
    if (isFlag && value !== 'true' && value !== 'false') throw new UsageError(`--${name} is a switch: true or false.`);
    const given = options.get(def.name) ?? [];
    if (given.length > 0 && !def.isMany && parts.length === 0) throw new UsageError(`--${def.name} is given twice.`);
    options.set(def.name, [...given, { parts, value }]);
  }
  return { words, options };
}

/** The value of an option that is given once; undefined where it is not given. */
export const valueOf = ({ options }: Scanned, name: string): string | undefined => options.get(name)?.at(-1)?.value;
export const isSet = (scanned: Scanned, name: string): boolean => valueOf(scanned, name) === 'true';
export const valuesOf = ({ options }: Scanned, name: string): readonly string[] =>
  (options.get(name) ?? []).map(({ value }) => value);

/** `name=value` in two. @throws UsageError */
export function pairOf(option: string, text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--${option} takes name=value, not ${text}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
