import type { AmcCatalog } from '#contracts/queries/amc/catalog.ts';
import { columnTypeOf } from '#contracts/queries/amc/column-type.ts';
import { type FlatSql, type FlattenProblem, flattenSql, mapErrorPlaces } from '#contracts/queries/amc/flatten.ts';
import { AmcQueryOptions } from '#contracts/queries/amc/options.ts';
import {
  type AmcParameter,
  bindParameters,
  type ParameterProblem,
  parametersIn,
  type ParameterValue,
} from '#contracts/queries/amc/parameters.ts';
import { lintAmc, lintWindow } from '#contracts/queries/amc/lint.ts';
import { extraColumns } from '#contracts/queries/amc/hidden-share.ts';
import { analyseQuery } from '#contracts/queries/amc/sql/analyse.ts';
import { parseQuery } from '#contracts/queries/amc/sql/parse.ts';
import { SqlSyntaxError } from '#contracts/queries/amc/sql/syntax.ts';
import { positionAt } from '#contracts/queries/amc/sql/tokens.ts';
import type { ColumnType, QueryColumn, QueryText, QueryValue, Remark } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { AmcWorkflow } from './workflows.ts';

/** A user's query as the service takes it. */
export interface PreparedQuery {
  readonly flat: FlatSql;
  readonly options: AmcQueryOptions;
  readonly workflow: AmcWorkflow;
  readonly parameterValues: Readonly<Record<string, ParameterValue>>;
}

const flattenWords: Record<FlattenProblem['code'], string> = {
  'sql.unterminated': 'A string, quoted name or comment has no end.',
  'sql.several_statements': 'Only one statement runs at a time.',
  'sql.break_in_literal':
    'A string or quoted name cannot hold a line break or a tab: the service takes one line. Use a parameter.',
  'sql.bad_parameter': 'A parameter is written as {{ name }}.',
  'sql.empty': 'There is no query.',
};
const parameterWords: Record<ParameterProblem['code'], (problem: ParameterProblem) => string> = {
  'parameter.undeclared': ({ parameter }) => `The parameter ${parameter} has no type.`,
  'parameter.missing': ({ parameter }) => `The parameter ${parameter} has no value.`,
  'parameter.invalid': ({ parameter, expected }) => `The parameter ${parameter} must be ${expected ?? 'of its type'}.`,
  'parameter.too_many': () => 'A query takes at most 100 parameters.',
};
const wrong = (code: string, message: string, position: QueryFailure['facts']['position'] = null): QueryFailure =>
  new QueryFailure({ kind: 'syntax', code, message, hint: 'Change the query.', position });

/** What an untyped value is taken for. */
function typeOf(name: string, value: QueryValue | undefined): AmcParameter {
  if (Array.isArray(value)) return { name, type: 'STRING', isList: true };
  if (typeof value === 'boolean') return { name, type: 'BOOLEAN', isList: false };
  if (typeof value === 'number') return { name, type: Number.isInteger(value) ? 'LONG' : 'DOUBLE', isList: false };
  return { name, type: 'STRING', isList: false };
}

/**
 * Flattens a query, binds its parameters and adds the columns by which hidden values are counted.
 * @throws QueryFailure `syntax`, with the place in the user's text where there is one
 */
export function prepareQuery({ sql, parameters = {}, options: given = {} }: QueryText): PreparedQuery {
  const parsed = AmcQueryOptions.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong('options_invalid', `The option ${issue?.path.join('.') ?? ''} is wrong: ${issue?.message ?? ''}`);
  }
  const options = parsed.data;
  const flattened = flattenSql(sql);
  if (!flattened.ok) {
    const { code, from } = flattened.problem;
    throw wrong(code.replace('sql.', ''), flattenWords[code], positionAt(sql, from));
  }
  const untyped = parametersIn(sql).filter((name) => !options.parameters.some((one) => one.name === name));
  const declared = [...options.parameters, ...untyped.map((name) => typeOf(name, parameters[name]))];
  const bound = bindParameters(sql, declared, parameters);
  if (!bound.ok) {
    const [problem] = bound.problems;
    throw wrong(
      problem?.code.replace('.', '_') ?? 'parameter_invalid',
      bound.problems.map((one) => parameterWords[one.code](one)).join(' '),
    );
  }
  const { inputParameters, parameterValues } = bound.bound;
  return {
    flat: flattened.flat,
    options,
    parameterValues,
    workflow: {
      sqlQuery: flattened.flat.text,
      ...(inputParameters.length > 0 && { inputParameters }),
      ...(options.hidden === 'summed' && {
        filteredMetricsDiscriminatorColumn: extraColumns.discriminator,
        distinctUserCountColumn: extraColumns.distinctUsers,
        filteredReasonColumn: extraColumns.reason,
      }),
    },
  };
}

/** The same failure with its words and place turned to the user's text. */
export function placed(error: unknown, flat: FlatSql): unknown {
  if (!(error instanceof QueryFailure) || error.facts.kind !== 'syntax') return error;
  const { message, start } = mapErrorPlaces(error.facts.message, flat);
  return new QueryFailure({ ...error.facts, message, position: start ?? error.facts.position }, error);
}

const extraTypes: Readonly<Record<string, ColumnType>> = {
  [extraColumns.discriminator]: 'boolean',
  [extraColumns.distinctUsers]: 'integer',
  [extraColumns.reason]: 'text',
};
/** Columns by the header of a result, typed where that was told before. */
export const columnsOf = (header: readonly string[], known: readonly QueryColumn[]): QueryColumn[] =>
  header.map(
    (name, at) =>
      known.find((column) => column.name.toLowerCase() === name.toLowerCase()) ?? {
        name: name || `column_${at + 1}`,
        type: extraTypes[name] ?? 'text',
      },
  );

/** What text and schema tell before anything runs. */
export interface Foresight {
  /** The result's columns with those that we add; null where the query cannot be read here. */
  readonly columns: QueryColumn[] | null;
  /** What runs and yet seldom gives what is meant, at its place in the user's text. */
  readonly warnings: Remark[];
}

/**
 * Columns, and the warnings of AMC §6.3: what will be hidden, what counts twice, which window is longer than what is kept.
 * @param sql as the user wrote it
 * @param now milliseconds since 1970
 */
export function foresee(sql: string, { flat, options }: PreparedQuery, catalog: AmcCatalog, now: number): Foresight {
  try {
    // The flat text has other places; the user's own is read where it can be.
    const analysis = analyseQuery(parseQuery(flat.text), catalog);
    const own = analyseQuery(parseQuery(sql.replace(/;\s*$/, '')), catalog);
    const extras = options.hidden === 'summed' ? Object.entries(extraTypes) : [];
    const window = lintWindow(options.timeWindow, analysis.tables, now);
    return {
      columns: [
        ...analysis.outputs.map(({ name, dataType }): QueryColumn => ({
          name,
          type: columnTypeOf(dataType),
          ...(dataType && { nativeType: dataType }),
        })),
        ...extras.map(([name, type]): QueryColumn => ({ name, type })),
      ],
      warnings: [
        ...lintAmc(sql, own, catalog).map(({ message, from }): Remark => ({
          severity: 'warning',
          message,
          position: positionAt(sql, from),
        })),
        ...(window === null ? [] : [{ severity: 'warning', message: window, position: null } satisfies Remark]),
      ],
    };
  } catch (error) {
    if (error instanceof SqlSyntaxError) return { columns: null, warnings: [] };
    throw error;
  }
}
