import type { ColumnType } from '../engine.ts';

/** What the service's word for a type means (AMC §4.1, §6); no word is text. */
export function columnTypeOf(native: string | null | undefined): ColumnType {
  const type = native?.toUpperCase().replace(/\(.*/, '').trim() ?? '';
  if (/^(LONG|INTEGER|SHORT|BYTE|BIGINT|INT|SMALLINT|TINYINT)$/.test(type)) return 'integer';
  if (/^(DECIMAL|DOUBLE|FLOAT|REAL|NUMERIC)/.test(type)) return 'decimal';
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'DATE') return 'date';
  if (type === 'TIMESTAMP') return 'timestamp';
  if (/^(STRING|VARCHAR|CHAR)/.test(type)) return 'text';
  return type === 'BINARY' ? 'binary' : type === '' ? 'text' : 'other';
}
