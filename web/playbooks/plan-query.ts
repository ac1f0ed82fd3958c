const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * Where a planned query would run and with what: `Warehouse · Sends by day, version 3 · day = today · expects
 * result.rowCount > 0`. Empty where nothing is known of it.
 */
export function queryLine(details: unknown): string {
  const { connection, unit, query, version, parameters, timeWindow, expect } = record(details);
  const { from, to } = record(timeWindow);
  return [
    [connection, unit].filter(Boolean).map(shown).join(' / '),
    query === undefined ? '' : `${shown(query)}${version === undefined ? '' : `, version ${shown(version)}`}`,
    ...Object.entries(record(parameters)).map(([name, value]) => `${name} = ${shown(value)}`),
    from === undefined ? '' : `${shown(from)} to ${shown(to)}`,
    expect === undefined ? '' : `expects ${shown(expect)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Why a step would fail, as far as is known now; empty where nothing speaks against it. */
export const planFault = (error: unknown): string => {
  const { message } = record(error);
  return typeof message === 'string' ? message : '';
};
