import type { Diagnostic, QuickFix, Span } from '../sql/language.ts';
import type { AmcCatalog } from './catalog.ts';
import type { AmcTimeWindow } from './options.ts';
import { sensitivityRules } from './sensitivity.ts';
import type { Analysis } from './sql/analyse.ts';
import { isWarning, type Problem } from './sql/problems.ts';

/** Money of the service: what the numbers are to be divided by (AMC §6.1). */
const moneyScale = (column: string): number | null =>
  /^(total_cost|impression_cost|click_cost)$|_budget_amount$/.test(column)
    ? 100_000
    : /^(spend|supply_cost|bid_price)$|_fees?$/.test(column)
      ? 100_000_000
      : null;

/** What the service runs and yet seldom gives what is meant (AMC §6.3, the warnings of its list), in order of place. */
export function lintAmc(
  text: string,
  { problems, outputs }: Pick<Analysis, 'problems' | 'outputs'>,
  catalog: AmcCatalog,
): Diagnostic[] {
  const found: Diagnostic[] = problems.filter(isWarning).map((problem) => warningOf(problem, catalog));
  const add = (code: string, message: string, { from, to }: Span, fixes: readonly QuickFix[] = []) =>
    found.push({ severity: 'warning', code, message, from, to, fixes });
  for (const { from, to, name, sensitivity, origins, isMetric, dataType } of outputs) {
    const place = { from, to };
    const needed = sensitivityRules[sensitivity].usersNeeded;
    if (needed !== null && needed >= 100)
      add('amc.thin_rows', `Rows of fewer than ${needed} users are hidden on account of ${name}.`, place);
    const column = origins[0]?.split('.')[1] ?? '';
    if (dataType === 'TIMESTAMP' && /_dt(_utc)?$/.test(column))
      add('amc.minute_grain', `${name} is a time to the second: nearly every row is of one user and is hidden. Use ${column.replace(/_dt(_utc)?$/, '_date$1')}.`, place); // prettier-ignore
    const scale = isMetric && origins.length === 1 ? moneyScale(column) : null;
    const written = text.slice(from, to);
    if (!scale || written.includes('/')) continue;
    const number = scale.toLocaleString('en-US');
    const expression = /^(.*?)(\s+(?:AS\s+)?("[^"]+"|\w+))?$/is.exec(written)?.[1];
    const at = from + (expression?.length ?? 0);
    add(
      'amc.money_unit',
      `${column} counts ${scale === 100_000 ? 'milli-cents' : 'micro-cents'}: divided by ${number} it is in the currency.`,
      place,
      expression ? [{ title: `Divide by ${number}`, edits: [{ from: at, to: at, text: ` / ${scale}.0` }] }] : [],
    );
  }
  return found.toSorted((a, b) => a.from - b.from);
}

function warningOf({ code, facts, from, to }: Problem, catalog: AmcCatalog): Diagnostic {
  const fact = (name: string): string => String(facts[name] ?? '');
  const warning = (message: string, fixes: readonly QuickFix[] = []): Diagnostic => ({
    severity: 'warning',
    code,
    message,
    from,
    to,
    fixes,
  });
  switch (code) {
    case 'sql.fan_out':
      return warning(
        `Each event of ${fact('left')} meets every event of ${fact('right')} of the same person, so that sums grow: add one of them up by user_id in a WITH before.`,
      );
    case 'sql.other_time': {
      const [table, instead] = [fact('table'), fact('instead')];
      const isThere = catalog.get(table.toLowerCase())?.columns.some(({ name }) => name.toLowerCase() === instead);
      const at = { from: to - fact('column').length, to };
      return warning(
        `${table} is cut to the time window by ${instead}: by ${fact('column')} events at its edges are missing.`,
        isThere ? [{ title: `Change to ${instead}`, edits: [{ ...at, text: instead }] }] : [],
      );
    }
    default:
      return warning('The service may refuse ORDER BY at the end: sort the rows in the result.');
  }
}

/** Months that Amazon keeps (AMC §3); purchases of the shop reach further back. */
const keptMonths = 13;
const isLongKept = (table: string): boolean => table.startsWith('amazon_retail_purchase');

/**
 * Why a time window gives less than it seems to: it is longer than what is kept, or begins before it. Null where it does not.
 * @param tables lower-case names of the tables that are read
 * @param now milliseconds since 1970
 */
export function lintWindow(window: AmcTimeWindow, tables: readonly string[], now: number): string | null {
  if (window.type !== 'EXPLICIT' || (tables.length > 0 && tables.every(isLongKept))) return null;
  const [start, end] = [Date.parse(`${window.start}Z`), Date.parse(`${window.end}Z`)];
  if (start < monthsBefore(end, keptMonths))
    return `The time window is longer than ${keptMonths} months, which is what Amazon keeps: the result lacks what is older.`;
  // A zone is at most fourteen hours away; what is that near is no matter of months.
  const oldest = monthsBefore(now, keptMonths) - 14 * 3_600_000;
  if (start >= oldest) return null;
  const day = new Date(monthsBefore(now, keptMonths)).toISOString().slice(0, 10);
  return `Amazon keeps ${keptMonths} months: before ${day} this time window is empty.`;
}

function monthsBefore(at: number, months: number): number {
  const day = new Date(at);
  const before = new Date(at);
  before.setUTCDate(1);
  before.setUTCMonth(before.getUTCMonth() - months);
  const last = new Date(Date.UTC(before.getUTCFullYear(), before.getUTCMonth() + 1, 0)).getUTCDate();
  before.setUTCDate(Math.min(day.getUTCDate(), last));
  return before.getTime();
}
