import type { Analyser } from './analyser.ts';
import type { Query } from './syntax.ts';

const longest = 100_000;

/** A query with its common table expressions written where they are read; null where that cannot be said so. */
export function expandCtes(analyser: Analyser, query: Query): string | null {
  if (query.ctes.some(({ columns, isRecursive }) => columns.length > 0 || isRecursive)) return null;
  const ctes = new Map(query.ctes.map((cte) => [analyser.key(cte.name), cte]));
  let written = 0;
  const expand = (from: number, to: number, depth: number): string | null => {
    if (depth > query.ctes.length) return null;
    const uses = analyser.cteUses.filter((use) => ctes.has(use.key) && use.from >= from && use.to <= to);
    let text = '';
    let at = from;
    for (const use of uses.toSorted((a, b) => a.from - b.from)) {
      const cte = ctes.get(use.key);
      const inner = cte ? expand(cte.query.from, cte.query.to, depth + 1) : null;
      if (!cte || inner === null) return null;
      text += `${analyser.text.slice(at, use.from)}(${inner.trim()})${use.hasAlias ? '' : ` AS ${analyser.slice(cte.name)}`}`;
      at = use.to;
      written += inner.length;
      if (written > longest) return null;
    }
    return text + analyser.text.slice(at, to);
  };
  return expand(query.body.from, query.to, 0);
}
