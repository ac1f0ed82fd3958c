import type { Json } from '../document.ts';
import { limits } from '../limits.ts';

export interface Problem {
  readonly code: string;
  /** JSON pointer into the definition; for a missing field, where it would be. */
  readonly path: string;
  readonly message: string;
  /** Where within the string at `path`. */
  readonly at?: readonly [number, number];
  readonly details?: { readonly [key: string]: Json };
}

/** A pointer's next part. */
export const pointer = (base: string, key: string | number): string =>
  `${base}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

const partsOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Collects errors and hints, and gives them in the order of the document. */
export class Problems {
  readonly #errors: Problem[] = [];
  readonly #hints: Problem[] = [];

  /** How many errors so far, so that a check can tell whether what it builds upon was sound. */
  get count(): number {
    return this.#errors.length;
  }

  error(code: string, path: string, message: string, more: Pick<Problem, 'at' | 'details'> = {}): void {
    this.#errors.push({ code, path, message, ...more });
  }

  hint(code: string, path: string, message: string, more: Pick<Problem, 'at' | 'details'> = {}): void {
    this.#hints.push({ code, path, message, ...more });
  }

  /** At most a hundred, in document order; an object's missing fields come after its present ones. */
  sorted(definition: unknown): {
    readonly valid: boolean;
    readonly errors: readonly Problem[];
    readonly hints: readonly Problem[];
  } {
    const order = (found: readonly Problem[]): Problem[] => {
      const placed = found.map((problem) => ({ problem, place: placeOf(problem.path, definition) }));
      placed.sort((a, b) => comparePlaces(a.place, b.place) || (a.problem.at?.[0] ?? -1) - (b.problem.at?.[0] ?? -1));
      return placed.map(({ problem }) => problem);
    };
    const errors = order(this.#errors);
    return { valid: errors.length === 0, errors: errors.slice(0, limits.validationErrors), hints: order(this.#hints) };
  }
}

/** A path as positions among its siblings: what is missing stands behind everything that is there. */
function placeOf(path: string, definition: unknown): readonly number[] {
  const place: number[] = [];
  let value: unknown = definition;
  for (const part of partsOf(path)) {
    if (Array.isArray(value)) {
      place.push(Number(part));
      value = value[Number(part)];
    } else if (typeof value === 'object' && value !== null) {
      const at = Object.keys(value).indexOf(part);
      place.push(at < 0 ? Number.MAX_SAFE_INTEGER : at);
      value = (value as Record<string, unknown>)[part];
    } else break;
  }
  return place;
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
