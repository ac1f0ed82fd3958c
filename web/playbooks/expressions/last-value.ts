import { evaluateJson } from '#contracts/playbooks/expressions/evaluate.ts';
import { LanguageFailure } from '#contracts/playbooks/expressions/failure.ts';
import type { Scope } from '#contracts/playbooks/expressions/scope.ts';

const MOST = 90;

/** What an expression would have given in the last run, short; undefined where that run does not tell. */
export function lastValue(source: string, last: Scope | undefined): string | undefined {
  if (!last || !/\b(?:steps|inputs|run)\b/.test(source)) return undefined;
  try {
    const text = JSON.stringify(evaluateJson(source, last));
    return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  } catch (error) {
    // What reads variables, an item or a host is not known here; what is wrong is told by the check.
    if (error instanceof LanguageFailure) return undefined;
    throw error;
  }
}
