import { z } from 'zod';
import { tokenize } from './sql/tokens.ts';

/** Types that the service knows for the value of a parameter (AMC §4.2). */
export const amcDataTypes = [
  'BINARY',
  'BOOLEAN',
  'BYTE',
  'CALENDAR_INTERVAL',
  'DATE',
  'DECIMAL',
  'DOUBLE',
  'FLOAT',
  'INTEGER',
  'LONG',
  'SHORT',
  'STRING',
  'TIMESTAMP',
] as const;
export const AmcDataType = z.enum(amcDataTypes);
export type AmcDataType = z.infer<typeof AmcDataType>;

/** What a user declares of one `{{ name }}`. */
export const AmcParameter = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .max(100),
  type: AmcDataType,
  isList: z.boolean().default(false),
  description: z.string().max(1_000).optional(),
});
export type AmcParameter = z.infer<typeof AmcParameter>;

/** As the service is told (AMC §4.2). */
export interface InputParameter {
  readonly name: string;
  readonly dataType: AmcDataType | { readonly type: 'ARRAY'; readonly elementDataType: AmcDataType };
  readonly columnType: 'DIMENSION';
  readonly description?: string;
}
export type ParameterValue = string | number | boolean | readonly (string | number | boolean)[];

export interface BoundParameters {
  readonly inputParameters: readonly InputParameter[];
  readonly parameterValues: Readonly<Record<string, ParameterValue>>;
}
export interface ParameterProblem {
  readonly code: 'parameter.undeclared' | 'parameter.missing' | 'parameter.invalid' | 'parameter.too_many';
  readonly parameter: string;
  /** What the value must look like. */
  readonly expected?: string;
}
export type Bound =
  | { readonly ok: true; readonly bound: BoundParameters }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] };

/** Most parameters a query may declare. */
export const mostParameters = 100;

/** Names of `{{ name }}` outside strings and comments, and of `CUSTOM_PARAMETER('name')`, in order of first mention. */
export function parametersIn(sql: string): string[] {
  const tokens = tokenize(sql).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const names = tokens.flatMap((token, at) => {
    if (token.kind === 'parameter') return [token.value];
    const isCall =
      token.kind === 'word' && token.text.toUpperCase() === 'CUSTOM_PARAMETER' && tokens[at + 1]?.text === '(';
    const name = tokens[at + 2];
    return isCall && name?.kind === 'string' ? [name.value] : [];
  });
  return [...new Set(names)];
}

const integer = (min: number, max: number) => ({
  expected: `a whole number from ${min} to ${max}`,
  read: (value: unknown) => {
    const number = typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
      ? number
      : undefined;
  },
});
const decimal = {
  expected: 'a number',
  read: (value: unknown) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  },
};
const text = (expected: string, form: RegExp, isReal: (value: string) => boolean = () => true) => ({
  expected,
  read: (value: unknown) => (typeof value === 'string' && form.test(value) && isReal(value) ? value : undefined),
});
const isRealDate = (value: string): boolean => {
  const date = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value.slice(0, 10));
};
const readers: Record<AmcDataType, { expected: string; read(value: unknown): string | number | boolean | undefined }> =
  {
    BINARY: text('Base64 text', /^[A-Za-z0-9+/]*={0,2}$/),
    BOOLEAN: {
      expected: 'true or false',
      read: (value) =>
        typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined,
    },
    BYTE: integer(-128, 127),
    SHORT: integer(-32_768, 32_767),
    INTEGER: integer(-2_147_483_648, 2_147_483_647),
    LONG: {
      expected: 'a whole number',
      // Past 2^53 a JSON number loses digits, so it travels as text.
      read: (value) => {
        const written = String(value).trim();
        if ((typeof value !== 'string' && typeof value !== 'number') || !/^-?\d{1,19}$/.test(written)) return undefined;
        return Number.isSafeInteger(Number(written)) ? Number(written) : written;
      },
    },
    DECIMAL: decimal,
    DOUBLE: decimal,
    FLOAT: decimal,
    DATE: text('a date such as 2026-01-31', /^\d{4}-\d{2}-\d{2}$/, isRealDate),
    TIMESTAMP: text(
      'a time such as 2026-01-31T08:00:00',
      /^\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?$/,
      isRealDate,
    ),
    CALENDAR_INTERVAL: text(
      'an interval such as P7D',
      /^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/,
    ),
    STRING: { expected: 'text', read: (value) => (typeof value === 'string' ? value : undefined) },
  };

/**
 * Types the values of a query's parameters for the service: nothing is pasted into the text. Only what the query uses is
 * sent; a value that does not fit its type is told with what was expected.
 */
export function bindParameters(
  sql: string,
  declared: readonly AmcParameter[],
  values: Readonly<Record<string, unknown>>,
): Bound {
  const problems: ParameterProblem[] = [];
  const inputParameters: InputParameter[] = [];
  const parameterValues: Record<string, ParameterValue> = {};
  const used = parametersIn(sql);
  if (used.length > mostParameters)
    problems.push({ code: 'parameter.too_many', parameter: used[mostParameters] ?? '' });
  for (const name of used) {
    const parameter = declared.find((one) => one.name === name);
    if (!parameter) {
      problems.push({ code: 'parameter.undeclared', parameter: name });
      continue;
    }
    const { type, isList, description } = parameter;
    inputParameters.push({
      name,
      dataType: isList ? { type: 'ARRAY', elementDataType: type } : type,
      columnType: 'DIMENSION',
      ...(description && { description }),
    });
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null) {
      problems.push({ code: 'parameter.missing', parameter: name });
      continue;
    }
    const { expected, read } = readers[type];
    if (isList !== Array.isArray(value)) {
      problems.push({
        code: 'parameter.invalid',
        parameter: name,
        expected: isList ? `a list, each ${expected}` : expected,
      });
      continue;
    }
    const cells = (Array.isArray(value) ? (value as unknown[]) : [value]).map(read);
    const good = cells.filter((cell) => cell !== undefined);
    const [only] = good;
    if (good.length < cells.length) problems.push({ code: 'parameter.invalid', parameter: name, expected });
    else if (isList) parameterValues[name] = good;
    else if (only !== undefined) parameterValues[name] = only;
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, bound: { inputParameters, parameterValues } };
}
