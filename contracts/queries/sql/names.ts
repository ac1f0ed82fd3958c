import type { Dialect } from './language.ts';

/** A name as it is written where it stands alone: in brackets or quotes where it must be. */
export function quotedName(dialect: Dialect, name: string): string {
  if (dialect === 'sfmc') return /^[A-Za-z_]\w*$/.test(name) ? name : `[${name.replaceAll(']', ']]')}]`;
  const isPlain = dialect === 'postgres' ? /^[a-z_][a-z0-9_]*$/ : /^[A-Za-z_]\w*$/;
  return isPlain.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
