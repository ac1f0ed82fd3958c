/** The quickest of so many answers tells how long a service takes when nothing holds a call up. */
const remembered = 50;
/** So few of a kind tell nothing yet: the quickest of all then stands for it. */
const enough = 5;
const mostKinds = 100;

/** How long calls of a service take at least, by their kind. */
export class QuickestAnswers {
  readonly #ofAll: number[] = [];
  readonly #byKind = new Map<string, number[]>();

  /** Takes note of an answer. @returns how long one of its kind takes when nothing holds it up, milliseconds */
  note(kind: string, tookMs: number): number {
    const ofKind = this.#byKind.get(kind) ?? [];
    if (ofKind.length === 0 && this.#byKind.size >= mostKinds) this.#byKind.clear();
    this.#byKind.set(kind, ofKind);
    for (const answers of [ofKind, this.#ofAll]) {
      answers.push(tookMs);
      if (answers.length > remembered) answers.shift();
    }
    return Math.min(...(ofKind.length < enough ? this.#ofAll : ofKind));
  }
}
