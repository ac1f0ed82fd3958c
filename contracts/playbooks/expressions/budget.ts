import { limits } from '../limits.ts';
import { LanguageFailure } from './failure.ts';

/** What one evaluation may use up (§11). Crossing it ends the evaluation; no `&&`, `||` or macro absorbs that. */
export class Budget {
  #steps = 0;
  #bytes = 0;

  /** Counts work: one for each turn of a macro, one more for each 1,024 characters that a function reads. */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > limits.macroSteps) throw tooCostly('macroSteps', limits.macroSteps, this.#steps);
  }

  /** Counts what is made: characters of new text, elements of new lists. */
  make(count: number): void {
    this.#bytes += count;
    if (this.#bytes > limits.evaluationBytes) throw tooCostly('evaluationBytes', limits.evaluationBytes, this.#bytes);
  }
}

export const tooCostly = (limit: string, most: number, is: number): LanguageFailure =>
  new LanguageFailure(
    'expression.too_costly',
    `The expression does too much: more than ${most} ${limit === 'macroSteps' ? 'turns of its macros' : 'characters'}.`,
    {
      details: { limit, is },
    },
  );
