import { type Element, child, children, textAt } from './soap-xml.ts';

/** What a retrieve shows of one object, by property. */
export type Shown = Record<string, string | number | boolean | null>;

/** A filter the service refuses. */
export class FilterError extends Error {
  override name = 'FilterError';
}

const same = (value: Shown[string] | undefined, text: string): boolean =>
  String(value ?? '').toLowerCase() === text.toLowerCase();

/** Reads a retrieve's filter. @throws FilterError in the service's words */
export function readFilter(filter: Element | undefined): (shown: Shown) => boolean {
  if (!filter) return () => true;
  if (filter.type === 'ComplexFilterPart') {
    const [left, right] = ['LeftOperand', 'RightOperand'].map((side) => readFilter(child(filter, side)));
    const isAnd = textAt(filter, 'LogicalOperator')?.toUpperCase() === 'AND';
    return (shown) =>
      isAnd ? left?.(shown) === true && right?.(shown) === true : left?.(shown) === true || right?.(shown) === true;
  }
  if (filter.type !== 'SimpleFilterPart') throw new FilterError('Unknown filter of type FilterPart encountered');
  const property = textAt(filter, 'Property') ?? '';
  const values = [...children(filter, 'Value'), ...children(filter, 'DateValue')].map(({ text }) => text.trim());
  const [first = '', second = ''] = values;
  const order = (shown: Shown): number => {
    const value = shown[property];
    return typeof value === 'number' ? value - Number(first) : String(value ?? '').localeCompare(first);
  };
  const operator = textAt(filter, 'SimpleOperator') ?? '';
  const tests: Record<string, (shown: Shown) => boolean> = {
    equals: (shown) => same(shown[property], first),
    notEquals: (shown) => !same(shown[property], first),
    isNull: (shown) => (shown[property] ?? null) === null,
    isNotNull: (shown) => (shown[property] ?? null) !== null,
    greaterThan: (shown) => order(shown) > 0,
    lessThan: (shown) => order(shown) < 0,
    greaterThanOrEqual: (shown) => order(shown) >= 0,
    lessThanOrEqual: (shown) => order(shown) <= 0,
    between: (shown) => order(shown) >= 0 && String(shown[property] ?? '').localeCompare(second) <= 0,
    IN: (shown) => values.some((value) => same(shown[property], value)),
    like: (shown) =>
      String(shown[property] ?? '')
        .toLowerCase()
        .includes(first.replaceAll('%', '').toLowerCase()),
    isNotLike: (shown) =>
      !String(shown[property] ?? '')
        .toLowerCase()
        .includes(first.replaceAll('%', '').toLowerCase()),
  };
  const test = tests[operator];
  if (!test) throw new FilterError(`The operator ${operator} is not supported.`);
  return test;
}
