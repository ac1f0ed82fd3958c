import type { EngineKind } from '#contracts/queries/engine.ts';
import type { GivenValue, GivenValues, ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { ParameterType } from '#contracts/queries/parameters.ts';
import { placeholdersIn } from '#contracts/queries/placeholders.ts';
import { type ResolvedTime, resolveTime } from '#contracts/queries/relative-time.ts';
import { formatTime } from '../../kit/time.ts';

export interface FoundParameters {
  /** One field each, in order of first mention; what is declared is taken over the text's own words. */
  defs: readonly ParameterDef[];
  /** The text asks for `{{ window.from }}` or `{{ window.to }}`. */
  hasWindow: boolean;
}

/** The parameters of a text and how each is asked for. */
export function findParameters(
  engine: EngineKind,
  sql: string,
  declared: readonly ParameterDef[] = [],
): FoundParameters {
  const found = placeholdersIn(engine, sql).flatMap((one) => (one.name === null ? [] : [{ ...one, name: one.name }]));
  const isWindow = (name: string) => name === 'window.from' || name === 'window.to';
  const names = [...new Set(found.map(({ name }) => name))].filter((name) => !name.includes('.'));
  const defs = names.map((name): ParameterDef => {
    const known = declared.find((def) => def.name === name);
    if (known) return known;
    const uses = found.filter((one) => one.name === name);
    const typed = uses.find(({ type }) => type !== null);
    const type: ParameterType = typed?.type ?? 'text';
    return {
      name,
      type,
      ...(type === 'list' && { itemType: typed?.of ?? 'text' }),
      ...(typed?.default !== undefined && typed.default !== null && { default: typed.default as GivenValue }),
      isRequired: uses.some(({ clause }) => clause === null),
    };
  });
  return { defs, hasWindow: found.some(({ name }) => isWindow(name)) };
}

/** What of the kept values is sent: those that are asked for and given. */
export function givenFor(defs: readonly ParameterDef[], values: GivenValues): GivenValues {
  return Object.fromEntries(
    defs.flatMap(({ name }) => {
      const value = values[name];
      return value === undefined || value === null || value === '' ? [] : [[name, value]];
    }),
  );
}

/** The first parameter without which the server would refuse; null where all is there. */
export const missingIn = (defs: readonly ParameterDef[], values: GivenValues): ParameterDef | null =>
  defs.find(
    ({ name, isRequired, default: preset, type }) =>
      isRequired &&
      (preset === undefined || preset === null) &&
      type !== 'boolean' &&
      givenFor(defs, values)[name] === undefined,
  ) ?? null;

/** What typed text means for a field of this type. */
export function valueOf(text: string, { type, itemType }: ParameterDef): GivenValue {
  if (type === 'number') return text.trim() === '' ? null : (numberOf(text) ?? text);
  if (type === 'boolean') return text === 'true';
  if (type !== 'list') return text;
  const items = text.split(/[\n,]/).flatMap((item) => item.trim() || []);
  return itemType === 'number' ? items.map((item) => numberOf(item) ?? item) : items;
}
/** A number that keeps its digits; what is longer than a number can hold stays text. */
function numberOf(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : undefined;
}

export const textOf = (value: GivenValue | undefined): string =>
  value === undefined || value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value);

/** What a relative date would be now. A preview: the server resolves it when the query runs. */
export function previewOf(text: string, type: 'date' | 'timestamp', now: number, timeZone: string) {
  if (text.trim() === '') return null;
  const time = resolveTime(text, type, { now, timeZone });
  return time === null ? { isValid: false as const } : { isValid: true as const, ...time };
}

const toTheMinute: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'shortOffset',
};
/** What `previewOf` gives, to be read: an instant in the zone that it was asked in, with its offset; what was written as it is. */
export const timeText = ({ value, isRelative }: ResolvedTime, type: 'date' | 'timestamp', zone: string): string =>
  isRelative && type === 'timestamp'
    ? formatTime(Date.parse(value), toTheMinute, { zone, locale: 'sv-SE' })
    : value.replace('T', ' ').slice(0, 16);
