import type { ParameterValue, QueryParameter } from './parameters.ts';

/** The service's clock: Central Standard Time without daylight saving (SFMC §8.2). */
export const serverOffsetMs = -6 * 3_600_000;

/**
 * A text as T-SQL writes it. Only the quote ends a literal, so it is doubled; a backslash before a line break would join
 * the two lines, so there the literal is cut in two.
 */
export function textLiteral(value: string): string {
  const parts = value.split(/(?<=\\)(?=[\r\n])/).map((part) => `N'${part.replaceAll("'", "''")}'`);
  return parts.length > 1 ? `(${parts.join(' + ')})` : (parts[0] ?? "N''");
}

/** A minus in brackets: after another it would begin a comment. */
const numberLiteral = (value: string | number): string => {
  const written = String(value);
  return written.startsWith('-') ? `(${written})` : written;
};

/** A value that `readValue` has read, as T-SQL of Marketing Cloud; the items of a list with commas, without brackets. */
export function literalOf(
  { type, of }: Pick<QueryParameter, 'type' | 'of'>,
  value: Exclude<ParameterValue, null>,
): string {
  if (Array.isArray(value))
    return value.map((item) => (of === 'number' ? numberLiteral(item) : textLiteral(String(item)))).join(', ');
  switch (type) {
    case 'number':
      return numberLiteral(typeof value === 'boolean' ? Number(value) : value);
    case 'boolean':
      return value === true ? '1' : '0';
    case 'date':
      return `CAST('${String(value)}' AS DATE)`;
    case 'timestamp':
      return `CAST('${serverTime(String(value))}' AS DATETIME)`;
    default:
      return textLiteral(String(value));
  }
}

/** An instant as the service's clock shows it, to which its tracking dates and GETDATE keep. */
const serverTime = (value: string): string =>
  value.endsWith('Z') ? new Date(Date.parse(value) + serverOffsetMs).toISOString().slice(0, -1) : value;
