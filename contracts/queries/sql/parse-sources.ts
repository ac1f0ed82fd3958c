import { words } from './keywords.ts';
import type { Span } from './language.ts';
import type { Reader } from './reader.ts';
import type { Expr, JoinedSource, JoinKind, Name, Query, Source } from './syntax.ts';

const notAliases = words('PIVOT UNPIVOT TABLESAMPLE APPLY ROWS');
const joinStarts = words('JOIN INNER LEFT RIGHT FULL CROSS OUTER NATURAL');

interface Parts {
  expr(): Expr;
  names(): Name[];
  query(): Query;
  closed(): void;
}

/** Reads what stands after FROM: tables, subqueries, joins. */
export function parseSources(reader: Reader, { expr, names, query, closed }: Parts): JoinedSource[] {
  const spanFrom = (from: number): Span => ({ from, to: reader.lastTo });
  const startsQuery = (ahead: number): boolean =>
    reader.is('SELECT', ahead) || reader.is('WITH', ahead) || reader.is('VALUES', ahead);

  const alias = (): { alias: Name | null; columns: Name[] } => {
    let given: Name | null = null;
    if (reader.take('AS')) {
      given = reader.takeLabel();
      if (!given && !reader.is('(')) reader.unexpected('Expected a name');
    } else if (!reader.isAny(notAliases) && !reader.startsOffset()) given = reader.takeName();
    // `AS x (a int, b text)` of a function declares types as well.
    if (!given && !reader.is('(')) return { alias: null, columns: [] };
    if (reader.is('(') && reader.isName(1) && reader.peek(2).key !== ',' && reader.peek(2).key !== ')') {
      reader.next();
      const columns: Name[] = [];
      do {
        columns.push(...[reader.takeLabel()].flatMap((one) => one ?? []));
        reader.skipTo(words(', )'));
      } while (reader.take(','));
      closed();
      return { alias: given, columns };
    }
    return { alias: given, columns: given ? names() : [] };
  };
  const hint = (): Span | null => {
    const { from } = reader.peek();
    if (reader.dialect !== 'sfmc') return null;
    const hasWith = reader.is('WITH') && reader.is('(', 1);
    if (!hasWith && !(reader.is('(') && reader.is('NOLOCK', 1))) return null;
    reader.take('WITH');
    reader.take('(');
    reader.skipTo(new Set());
    closed();
    return spanFrom(from);
  };
  const source = (): Source => {
    const made = plain();
    if (!reader.is('PIVOT') && !reader.is('UNPIVOT')) return made;
    reader.next();
    reader.expect('(');
    reader.skipTo(new Set());
    closed();
    return { kind: 'unknown', ...alias(), ...spanFrom(made.from) };
  };
  const plain = (): Source => {
    const { from } = reader.peek();
    reader.take('ONLY');
    const isLateral = reader.take('LATERAL');
    void isLateral;
    if (reader.is('(')) {
      reader.next();
      if (startsQuery(0)) {
        const inner = query();
        closed();
        return { kind: 'derived', query: inner, ...alias(), ...spanFrom(from) };
      }
      if (reader.is('(') && (startsQuery(1) || reader.is('(', 1)) && isSetOperation()) {
        const inner = query();
        closed();
        return { kind: 'derived', query: inner, ...alias(), ...spanFrom(from) };
      }
      const sources = reader.within(list);
      closed();
      return { kind: 'group', sources, ...spanFrom(from) };
    }
    if (reader.is('TABLE') && reader.is('(', 1) && reader.dialect === 'amc') return extended(from);
    if ((reader.is('OPENJSON') || reader.is('UNNEST')) && reader.is('(', 1)) return called(from);
    // A variable or temporary table: what is to be said of it is said of its word.
    if (reader.peek().kind === 'variable' || reader.peek().kind === 'parameter') {
      if (reader.peek().kind === 'parameter')
        reader.report('parameter.misplaced', 'A parameter is a value: it cannot name a table.', reader.peek());
      reader.next();
      return { kind: 'unknown', ...alias(), ...spanFrom(from) };
    }
    const parts: Name[] = [];
    const first = reader.takeName();
    if (!first) {
      reader.unexpected('Expected a table');
      return { kind: 'unknown', alias: null, columns: [], from, to: from };
    }
    parts.push(first);
    while (reader.is('.')) {
      const dot = reader.next();
      const label = reader.is('.') ? null : reader.isReserved(reader.peek()) ? null : reader.takeLabel();
      if (!label && !reader.is('.')) reader.unexpected('Expected a table');
      parts.push(label ?? { text: '', isQuoted: false, from: dot.to, to: dot.to });
    }
    if (reader.is('(') && !reader.is('NOLOCK', 1)) {
      reader.next();
      if (!reader.is(')')) do expr(); while (reader.take(',')); // prettier-ignore
      closed();
      if (reader.take('WITH', 'ORDINALITY')) void 0;
      const call: Expr = {
        kind: 'call', name: (parts.at(-1)?.text ?? '').toUpperCase(), nameAt: { from, to: parts.at(-1)?.to ?? from }, args: [], isDistinct: false,
        isStar: false, over: null, others: [], ...spanFrom(from),
      }; // prettier-ignore
      return { kind: 'function', call, ...alias(), ...spanFrom(from) };
    }
    const early = hint();
    const named = alias();
    const late = early ?? hint();
    if (reader.is('TABLESAMPLE')) {
      reader.next();
      reader.takeLabel();
      if (reader.take('(')) {
        reader.skipTo(new Set());
        closed();
      }
    }
    return { kind: 'table', name: parts, ...named, hint: late, ...spanFrom(from) };
  };
  /** Looks whether a double bracket holds a query: `((SELECT …) UNION …)`. */
  const isSetOperation = (): boolean => {
    let ahead = 0;
    while (reader.is('(', ahead) && ahead < 50) ahead++;
    return startsQuery(ahead);
  };
  const called = (from: number): Source => {
    const call = expr();
    if (reader.take('WITH', 'ORDINALITY')) void 0;
    return { kind: 'function', call, ...alias(), ...spanFrom(from) };
  };
  /** `TABLE(EXTEND_TIME_WINDOW('table', 'P14D', 'P1D'))` of Amazon. */
  const extended = (from: number): Source => {
    reader.take('TABLE', '(');
    const call = expr();
    closed();
    const table = call.kind === 'call' ? call.args[0] : undefined;
    if (table?.kind !== 'literal') return { kind: 'unknown', ...alias(), ...spanFrom(from) };
    const name: Name = { text: table.value, isQuoted: false, from: table.from, to: table.to };
    return { kind: 'table', name: [name], hint: null, ...alias(), ...spanFrom(from) };
  };

  const joinKind = (): JoinKind | null => {
    if (reader.take('JOIN')) return 'INNER';
    if (reader.take('INNER')) {
      reader.take('LOOP');
      reader.take('HASH');
      return reader.expect('JOIN') ? 'INNER' : 'INNER';
    }
    for (const side of ['LEFT', 'RIGHT', 'FULL'] as const) {
      if (!reader.take(side)) continue;
      reader.take('OUTER');
      reader.expect('JOIN');
      return side;
    }
    if (reader.take('CROSS')) return reader.take('APPLY') ? 'APPLY' : (reader.expect('JOIN'), 'CROSS');
    return reader.take('OUTER', 'APPLY') ? 'APPLY' : null;
  };
  const list = (): JoinedSource[] => {
    const start = reader.peek();
    const found: JoinedSource[] = [
      { join: 'FROM', joinAt: { from: start.from, to: start.from }, source: source(), on: null, using: [], isNatural: false, ...spanFrom(start.from) },
    ]; // prettier-ignore
    for (;;) {
      const at = reader.peek();
      if (reader.take(',')) {
        found.push({
          join: ',',
          joinAt: at,
          source: source(),
          on: null,
          using: [],
          isNatural: false,
          ...spanFrom(at.from),
        });
        continue;
      }
      if (!reader.isAny(joinStarts)) return found;
      const isNatural = reader.take('NATURAL');
      const join = joinKind();
      if (!join) {
        reader.unexpected('Expected JOIN');
        return found;
      }
      const joinAt = spanFrom(at.from);
      const right = source();
      const needsOn = join !== 'CROSS' && join !== 'APPLY' && !isNatural;
      const on = needsOn && reader.take('ON') ? expr() : null;
      const using = needsOn && !on && reader.take('USING') ? names() : [];
      if (using.length > 0 && reader.take('AS')) reader.takeLabel();
      if (needsOn && !on && using.length === 0 && !reader.isAny(joinStarts))
        reader.report('sql.join_without_on', 'This JOIN needs ON and what its tables have in common.', joinAt);
      found.push({ join, joinAt, source: right, on, using, isNatural, ...spanFrom(at.from) });
    }
  };
  return list();
}
