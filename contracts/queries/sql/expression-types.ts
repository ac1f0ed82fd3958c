import type { Analyser } from './analyser.ts';
import { functionsOf } from './functions.ts';
import type { Expr } from './syntax.ts';
import { boolean, bigNumber, date, decimal, integer, isTextual, longestText, type SqlType, text, timestamp, typeByName, typeOfParameter, widest } from './types.ts'; // prettier-ignore

const comparisons = new Set(['=', '<', '>', '<=', '>=', '<>', '!=', '!<', '!>', 'AND', 'OR', '~', '~*', '!~', '!~*', '@>', '<@', '?', '&&', '@@', '?|', '?&', '@?']); // prettier-ignore

/** What an expression's value is, from the types of its parts (SFMC §8.4); null where nobody can tell. */
export function typeOfExpr(
  analyser: Analyser,
  expr: Expr,
  parts: readonly (SqlType | null)[],
  nested: SqlType | null,
): SqlType | null {
  switch (expr.kind) {
    case 'literal':
      return literal(analyser, expr);
    case 'column':
      return analyser.resolved.get(expr)?.field.type ?? null;
    case 'parameter': {
      const declared = analyser.parameter(expr.name);
      if (declared) return typeOfParameter(declared);
      return expr.name.startsWith('window.') ? timestamp : null;
    }
    case 'call': {
      const found = functionsOf[analyser.dialect].get(expr.name.toUpperCase());
      const args = parts.slice(0, expr.args.length);
      const made = found?.returns(args) ?? null;
      // EXTRACT and AVG of PostgreSQL are numeric without a size.
      return made && analyser.dialect !== 'sfmc'
        ? { type: made.type, ...(made.nativeType && { nativeType: made.nativeType }) }
        : made;
    }
    case 'not':
    case 'exists':
    case 'in':
      return boolean;
    case 'test':
      return expr.what === 'ANY' ? (parts[0] ?? null) : boolean;
    case 'sign':
      return parts[0] ?? null;
    case 'chain':
      return ofChain(analyser, expr.ops, parts);
    case 'case':
      return widest(parts.slice(parts.length - expr.results.length));
    case 'cast':
      return typeByName(analyser.dialect, expr.type);
    case 'zone':
      return timestamp;
    case 'subquery':
      return nested;
    default:
      return null;
  }
}

function literal(analyser: Analyser, expr: Expr & { kind: 'literal' }): SqlType | null {
  if (expr.as) return typeByName(analyser.dialect, expr.as);
  switch (expr.type) {
    case 'string':
      return text(analyser.dialect === 'sfmc' ? Math.max(1, expr.value.length) : undefined);
    case 'boolean':
      return boolean;
    case 'null':
      return null;
    case 'number': {
      if (/^0x/i.test(expr.value)) return { type: 'binary' };
      if (!/[.eE]/.test(expr.value)) return Number(expr.value) > 2_147_483_647 ? bigNumber : integer;
      const [whole = '', fraction = ''] = expr.value.split('.');
      const scale = Math.min(18, fraction.replace(/e.*/i, '').length);
      if (/e/i.test(expr.value)) return { type: 'decimal', precision: 38, scale: 8 };
      return {
        type: 'decimal',
        precision: Math.max(18, Math.min(38, whole.length + scale)),
        scale: Math.max(2, scale),
      };
    }
  }
}

function ofChain(analyser: Analyser, ops: readonly string[], parts: readonly (SqlType | null)[]): SqlType | null {
  const [op = ''] = ops;
  if (comparisons.has(op)) return boolean;
  if (ops.some((one) => one === '||')) return text(analyser.dialect === 'sfmc' ? longestText : undefined);
  if (op === '->' || op === '#>') return { type: 'json' };
  if (op === '->>' || op === '#>>') return text();
  const known = parts.filter((part) => part !== null);
  if (analyser.dialect === 'sfmc' && known.some((part) => isTextual(part))) return text(longestText);
  const dated = known.find(({ type }) => type === 'date' || type === 'timestamp');
  if (dated) {
    if (analyser.dialect === 'sfmc') return timestamp;
    // A day and a count make a day; with an interval, a time.
    const others = parts.filter((part) => part !== dated);
    if (others.every((part) => part?.type === dated.type)) return dated.type === 'date' ? integer : null;
    return dated.type === 'date' && others.every((part) => part?.type === 'integer') ? date : timestamp;
  }
  if (known.length < parts.length) return known.some(({ type }) => type === 'decimal') ? decimal : null;
  if (known.some(({ type }) => type === 'decimal')) {
    if (analyser.dialect !== 'sfmc') return { type: 'decimal' };
    return known.every(({ type, scale }) => type === 'integer' || scale === 0) ? bigNumber : decimal;
  }
  return known.every(({ type }) => type === 'integer' || type === 'boolean') ? integer : null;
}
