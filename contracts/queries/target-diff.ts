import { z } from 'zod';
import { ColumnType, type QueryColumn, type SchemaColumn } from './engine.ts';
import type { TargetMode } from './delivery.ts';

/**
 * What becomes of one field of a target: `fits` · `may_fail` where values decide, which the copy before it finds out ·
 * `refused` whatever the values are · `untouched` in a row that is there already · `empty` for want of a column.
 */
export const targetVerdicts = ['fits', 'may_fail', 'refused', 'untouched', 'empty'] as const;
export type TargetVerdict = (typeof targetVerdicts)[number];

const side = z.object({ name: z.string(), type: ColumnType, length: z.int().optional() });
export const TargetDiffRow = z.object({
  /** The field of the target; null: it has none for this column. */
  field: side.extend({ isKey: z.boolean(), isRequired: z.boolean() }).nullable(),
  /** The column of the result; null: it has none for this field. */
  column: side.nullable(),
  verdict: z.enum(targetVerdicts),
  /** Why, as a sentence; null where it fits. */
  why: z.string().nullable(),
});
export type TargetDiffRow = z.infer<typeof TargetDiffRow>;

type Judged = Pick<TargetDiffRow, 'verdict' | 'why'>;
const fits: Judged = { verdict: 'fits', why: null };
const mayFail = (why: string): Judged => ({ verdict: 'may_fail', why });
const refused = (why: string): Judged => ({ verdict: 'refused', why });

const texts: ReadonlySet<ColumnType> = new Set([
  'text',
  'email',
  'phone',
  'locale',
  'uuid',
  'json',
  'binary',
  'other',
  'time',
]);
const dates: ReadonlySet<ColumnType> = new Set(['date', 'timestamp']);
const typeWords: Partial<Record<ColumnType, string>> = {
  integer: 'a number', decimal: 'a decimal', boolean: 'yes or no', timestamp: 'a date', date: 'a date', email: 'a mail address', phone: 'a phone number', locale: 'a locale',
}; // prettier-ignore

/** Compares the columns of a result with the fields of its target, without regard to case, as the service does. */
export function diffOfTarget(
  columns: readonly QueryColumn[],
  fields: readonly SchemaColumn[],
  mode: TargetMode,
): TargetDiffRow[] {
  const given = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const known = new Set(fields.map(({ name }) => name.toLowerCase()));
  const hasKey = fields.some(({ isKey }) => isKey);
  return [
    ...fields.map((field): TargetDiffRow => {
      const column = given.get(field.name.toLowerCase());
      const judged = column ? judgeTypes(column, field) : judgeMissing(field, mode);
      const noKey = mode === 'update' && !hasKey && column ? refused('To update, the data extension needs a primary key.') : null; // prettier-ignore
      return { field: fieldSide(field), column: column ? sideOf(column) : null, ...(noKey ?? judged) };
    }),
    ...columns
      .filter(({ name }) => !known.has(name.toLowerCase()))
      .map((column): TargetDiffRow => ({
        field: null,
        column: sideOf(column),
        ...refused('The data extension has no such field: its values would be lost.'),
      })),
  ];
}

export const isFit = (diff: readonly TargetDiffRow[]): boolean => !diff.some(({ verdict }) => verdict === 'refused');

const sideOf = ({ name, type, length }: QueryColumn) => ({ name, type, ...(length !== undefined && { length }) });
const fieldSide = (field: SchemaColumn) => ({
  ...sideOf(field),
  isKey: field.isKey ?? false,
  isRequired: field.isRequired ?? false,
});

function judgeMissing({ isKey, isRequired, details }: SchemaColumn, mode: TargetMode): Judged {
  if (isKey) return refused('It is part of the primary key, and the result has no such column.');
  if (isRequired) return refused('It is required, and the result has no such column.');
  if (mode === 'update')
    return { verdict: 'untouched', why: 'Rows that are there keep it; new ones have it empty or by default.' };
  const standard = details?.['defaultValue'];
  return { verdict: 'empty', why: standard ? `Set to its default, ${standard}.` : 'Left empty.' };
}

function judgeTypes(column: QueryColumn, field: SchemaColumn): Judged {
  const { type } = field;
  if (texts.has(type)) {
    if (type === 'email' && column.type !== 'email') return mayFail('Fails where a value is no mail address.');
    const most = field.length;
    if (most === undefined || (column.length !== undefined && column.length <= most)) return fits;
    return texts.has(column.type) ? mayFail(`Fails where a value is longer than ${most}.`) : fits;
  }
  if (type === column.type || (dates.has(type) && dates.has(column.type))) return fits;
  if (type === 'decimal' && column.type === 'integer') return fits;
  if (type === 'integer' && column.type === 'decimal') return mayFail('Digits behind the point are cut off.');
  if (texts.has(column.type)) return mayFail(`Fails where a value is not ${typeWords[type] ?? type}.`);
  if (type === 'boolean' && column.type === 'integer') return mayFail('Whatever is not 0 becomes yes.');
  return refused(
    `${typeWords[column.type] ?? column.type} does not go into ${typeWords[type] ?? type}: cast it in the query.`,
  );
}
