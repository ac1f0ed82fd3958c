import { z } from 'zod';
import { isValue, readValue } from './parameter-values.ts';
import { type Instant, resolveTime } from './relative-time.ts';
import { placeholdersIn } from './placeholders.ts';
import type { Dialect } from './sql/language.ts';

export const parameterTypes = ['text', 'number', 'boolean', 'date', 'timestamp', 'list'] as const;
export const ParameterType = z.enum(parameterTypes);
export type ParameterType = z.infer<typeof ParameterType>;

/** What a user gives for a parameter. Dates and times may be relative: `start of month`, `now - 7d`. */
export const ParameterValue = z.union([
  z.string().max(100_000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.union([z.string().max(10_000), z.number()])).max(10_000),
]);
export type ParameterValue = z.infer<typeof ParameterValue>;

/** What a query declares of one `{{ name }}`. */
export const QueryParameter = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'letters, digits and _')
    .max(60),
  type: ParameterType.default('text'),
  /** Of a list: what its items are. */
  of: z.enum(['text', 'number']).default('text'),
  label: z.string().max(100).optional(),
  description: z.string().max(1_000).optional(),
  default: ParameterValue.default(null),
  /** Without a value the query is not run. A parameter that stands in `[[ … ]]` alone needs none: the clause drops out. */
  isRequired: z.boolean().default(true),
});
export type QueryParameter = z.infer<typeof QueryParameter>;

/** A value as the engine is given it: nothing relative is left. Kept with the run, so that it can be told and repeated. */
export const ResolvedParameter = z.object({
  name: z.string(),
  type: ParameterType,
  of: z.enum(['text', 'number']),
  value: ParameterValue,
  from: z.enum(['given', 'default', 'window', 'none']),
  /** What was asked, where that was relative. */
  asked: z.string().optional(),
});
export type ResolvedParameter = z.infer<typeof ResolvedParameter>;

/** The server's clock and the zone in which `today` is meant. */
export interface ResolveOptions {
  readonly now: Instant;
  readonly timeZone: string;
  /** What `{{ window.from }}` and `{{ window.to }}` are: ISO 8601 or relative. */
  readonly window?: { readonly from: string; readonly to: string } | undefined;
}
export interface ParameterFault {
  readonly code: 'parameter.missing' | 'parameter.invalid' | 'parameter.undeclared' | 'parameter.misplaced';
  readonly parameter: string;
  /** A sentence for the user. */
  readonly message: string;
  /** Where in the text, if the text is at fault. */
  readonly from?: number;
  readonly to?: number;
}
export type ResolvedParameters =
  | { readonly ok: true; readonly parameters: readonly ResolvedParameter[] }
  | { readonly ok: false; readonly faults: readonly ParameterFault[] };

/** The built-in parameters that a time window gives. */
const windowEdge = (name: string, description: string): QueryParameter => ({
  name,
  description,
  type: 'timestamp',
  of: 'text',
  default: null,
  isRequired: true,
});
export const windowParameters: readonly QueryParameter[] = [
  windowEdge('window.from', 'Where the time window begins.'),
  windowEdge('window.to', 'Where the time window ends; not part of it.'),
];

/**
 * Every parameter of a text, as declared. One that is declared nowhere else is declared by its first placeholder that has
 * a type (`{{ since: date = start of month }}`), or is a required text.
 */
export function parametersOf(
  dialect: Dialect,
  text: string,
  declared: readonly QueryParameter[] = [],
): QueryParameter[] {
  const placeholders = placeholdersIn(dialect, text).filter(({ name }) => name !== null);
  const names = [...new Set(placeholders.flatMap(({ name }) => name ?? []))];
  return names.map((name) => {
    const known = declared.find((one) => one.name === name) ?? windowParameters.find((one) => one.name === name);
    if (known) return known;
    const uses = placeholders.filter((one) => one.name === name);
    const typed = uses.find(({ type }) => type !== null);
    return {
      name,
      type: typed?.type ?? 'text',
      of: typed?.of ?? 'text',
      default: typed?.default ?? null,
      isRequired: uses.some(({ clause }) => clause === null),
    };
  });
}

/**
 * Values for a run: what is given, else the default, with relative dates made absolute by the server's clock. Pure: the
 * same clock gives the same values, so that they can be recorded and a schedule can be repeated for the time it missed.
 */
export function resolveParameters(
  parameters: readonly QueryParameter[],
  given: Readonly<Record<string, ParameterValue | undefined>>,
  options: ResolveOptions,
): ResolvedParameters {
  const faults: ParameterFault[] = [];
  const resolved = parameters.map((parameter): ResolvedParameter => {
    const { name, type, of } = parameter;
    const isWindow = name === 'window.from' || name === 'window.to';
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const windowValue = name === 'window.from' ? options.window?.from : options.window?.to;
    const asked = isWindow ? (windowValue ?? null) : isValue(own) ? own : parameter.default;
    if (!isValue(asked)) return { name, type, of, value: null, from: 'none' };
    const from = isWindow ? 'window' : isValue(own) ? 'given' : 'default';
    if ((type === 'date' || type === 'timestamp') && typeof asked === 'string') {
      const time = resolveTime(asked, type, options);
      if (time === null) {
        faults.push(invalid(name, timeWords[type]));
        return { name, type, of, value: null, from };
      }
      return { name, type, of, value: time.value, from, ...(time.isRelative && { asked }) };
    }
    const read = readValue(asked, parameter);
    if (!read.ok) faults.push(invalid(name, read.expected));
    return { name, type, of, value: read.ok ? read.value : null, from };
  });
  return faults.length > 0 ? { ok: false, faults } : { ok: true, parameters: resolved };
}

const timeWords = {
  date: 'a date such as 2026-01-31, or a relative one such as today, start of month or today - 7d',
  timestamp: 'a time such as 2026-01-31T08:00, or a relative one such as now - 2h or start of month',
};
const invalid = (parameter: string, expected: string): ParameterFault => ({
  code: 'parameter.invalid',
  parameter,
  message: `The parameter ${parameter} must be ${expected}.`,
});
