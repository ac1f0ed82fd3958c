import type { Statement } from './language.ts';

/** The statement at a place: the one that holds it, else the last that begins before it. */
export const statementAt = (statements: readonly Statement[], offset: number): Statement | null =>
  statements.find(({ from, to }) => from <= offset && offset <= to) ??
  statements.findLast(({ from }) => from <= offset) ??
  statements[0] ??
  null;
