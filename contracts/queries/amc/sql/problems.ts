import type { SyntaxProblemCode } from './syntax.ts';
import type { Span } from './tokens.ts';

/** What the service refuses (or, as a warning, may refuse) in a query that reads well (AMC §6.1, §6.3). */
export type ProblemCode =
  | SyntaxProblemCode
  | 'sql.aggregate_in_group'
  | 'sql.aggregate_in_where'
  | 'sql.ambiguous_column'
  | 'sql.column_count'
  | 'sql.count_star_over'
  | 'sql.interval_in_audience'
  | 'sql.collect_expression'
  | 'sql.fan_out'
  | 'sql.literal_filter'
  | 'sql.no_aggregate'
  | 'sql.not_for_audiences'
  | 'sql.not_grouped'
  | 'sql.order_by'
  | 'sql.ordinal_out_of_range'
  | 'sql.other_time'
  | 'sql.select_star'
  | 'sql.sensitive_output'
  | 'sql.undeclared_parameter'
  | 'sql.unknown_alias'
  | 'sql.unknown_built_in'
  | 'sql.unknown_column'
  | 'sql.unknown_function'
  | 'sql.unknown_table'
  | 'sql.window_in_having';

export interface Problem extends Span {
  readonly code: ProblemCode;
  readonly facts: Readonly<Record<string, string | number>>;
}

const warnings: ReadonlySet<ProblemCode> = new Set(['sql.fan_out', 'sql.order_by', 'sql.other_time']);

/** Told, not refused: the service takes it, or the sources disagree whether it does. */
export const isWarning = ({ code }: Problem): boolean => warnings.has(code);
