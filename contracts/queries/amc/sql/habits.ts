import type { AmcTable } from '../catalog.ts';
import type { Field, Relation } from './scope.ts';
import { Scope } from './scope.ts';
import { childrenOf, type Expr } from './syntax.ts';
import type { Span } from './tokens.ts';

/** Rows of single events of people: several of one person stand in it. */
export const isEventTable = ({ columns }: AmcTable): boolean =>
  columns.some(({ name }) => name.toLowerCase() === 'user_id') &&
  columns.some(({ name, dataType }) => dataType === 'TIMESTAMP' || /_dt(_utc)?$/i.test(name));

const conjuncts = (expr: Expr): readonly Expr[] =>
  expr.kind === 'binary' && expr.op.toUpperCase() === 'AND'
    ? [...conjuncts(expr.left), ...conjuncts(expr.right)]
    : [expr];

/** The relation a column is of, where that is one alone and it holds people's ids. */
function peopleOf(expr: Expr, relations: readonly Relation[]): Relation | undefined {
  if (expr.kind !== 'column') return undefined;
  const { name, table } = expr;
  const found = relations.filter((relation) => new Scope([relation]).find(name.text, table?.text).length === 1);
  const [one] = found;
  const [field] = one && found.length === 1 ? new Scope([one]).find(name.text, table?.text) : [];
  return field?.origins.some((origin) => origin.toLowerCase().endsWith('.user_id')) ? one : undefined;
}

/**
 * Where a condition joins two relations of single events by the person alone: each event of one then meets every event of
 * the other, and their sums grow by as much (AMC §6.3).
 */
export function fanOuts(condition: Expr, relations: readonly Relation[]): (Span & { left: string; right: string })[] {
  return conjuncts(condition).flatMap((expr) => {
    if (expr.kind !== 'binary' || expr.op !== '=') return [];
    const [left, right] = [peopleOf(expr.left, relations), peopleOf(expr.right, relations)];
    if (!left?.isEvents || !right?.isEvents || left === right) return [];
    return [{ from: expr.from, to: expr.to, left: left.alias, right: right.alias }];
  });
}

/** The family of times by which the service cuts a table to the query's window (AMC §7.2). */
function timeOf(table: string): string | null {
  const name = table.toLowerCase().replace(/_for_audiences$/, '');
  if (name === 'dsp_clicks') return 'click';
  if (/^dsp_(impressions|video_events)/.test(name)) return 'impression';
  if (name.endsWith('_by_conversion_time')) return 'conversion_event';
  if (name.endsWith('_by_traffic_time')) return 'traffic_event';
  return null;
}
const timeColumn = /^(impression|click|conversion_event|traffic_event)_(date|day|hour|dt|dt_hour)((?:_utc)?)$/i;

export interface OtherTime extends Span {
  readonly table: string;
  readonly column: string;
  readonly instead: string;
}

/** Filters by a time that is not the one by which its table is cut: what lies outside the window is missing from them. */
export function otherTimes(condition: Expr, find: (name: string, table?: string) => readonly Field[]): OtherTime[] {
  const look = (expr: Expr): OtherTime[] => {
    const parts = comparedIn(expr);
    if (!parts) return childrenOf(expr).flatMap(look);
    const columns = parts.flatMap(columnsIn);
    // Two times of one row that are compared with each other tell how far they lie apart.
    if (columns.length !== 1) return childrenOf(expr).flatMap(look);
    return columns.flatMap(({ name, table, from, to }) => {
      const origin = find(name.text, table?.text)[0]?.origins[0] ?? '';
      const [of = '', column = ''] = origin.split('.');
      const [, family, grain, utc] = timeColumn.exec(column) ?? [];
      const own = timeOf(of);
      if (!family || own === null || family.toLowerCase() === own) return [];
      return [{ from, to, table: of, column, instead: `${own}_${grain ?? 'dt'}${utc ?? ''}` }];
    });
  };
  return look(condition);
}

const comparisons = new Set(['=', '<>', '!=', '<', '>', '<=', '>=']);
function comparedIn(expr: Expr): readonly Expr[] | null {
  if (expr.kind === 'binary' && comparisons.has(expr.op)) return [expr.left, expr.right];
  if (expr.kind === 'between') return [expr.expr, expr.low, expr.high];
  return expr.kind === 'in' ? [expr.expr, ...expr.list] : null;
}
type Column = Extract<Expr, { kind: 'column' }>;
const columnsIn = (expr: Expr): Column[] => (expr.kind === 'column' ? [expr] : childrenOf(expr).flatMap(columnsIn));
