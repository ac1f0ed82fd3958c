import { maxJumps } from './server-fields.ts';

/** What is wrong with a way through jump hosts. */
export type JumpProblem =
  | { code: 'jump.cycle'; facts: { path: string } }
  | { code: 'jump.too_deep'; facts: { limit: number } };

/**
 * Follows each server's jumps to the end.
 * @param jumpOf a server's id (or name) → the one it is reached through; servers reached directly may be absent
 * @param nameOf how a server is called in the sentence
 * @returns the servers from which the way leads in a circle or through more than five others
 */
export function findJumpProblems(
  jumpOf: ReadonlyMap<string, string>,
  nameOf: (id: string) => string,
): Map<string, JumpProblem> {
  const problems = new Map<string, JumpProblem>();
  for (const start of jumpOf.keys()) {
    const way = [start];
    for (let next = jumpOf.get(start); next !== undefined; next = jumpOf.get(next)) {
      if (way.includes(next)) {
        const circle = [...way.slice(way.indexOf(next)), next];
        problems.set(start, { code: 'jump.cycle', facts: { path: circle.map(nameOf).join(' → ') } });
        break;
      }
      way.push(next);
      if (way.length > maxJumps + 1) {
        problems.set(start, { code: 'jump.too_deep', facts: { limit: maxJumps } });
        // A circle further on shows in the servers that are in it.
        break;
      }
    }
  }
  return problems;
}
