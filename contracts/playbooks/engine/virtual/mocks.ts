import type { Json, JsonObject } from '../../document.ts';
import { parseDuration } from '../../duration.ts';

/** How a mocked host behaves; `backup` and the like are what an upload gives. */
export interface HostMock {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly error?: { readonly code: string; readonly message?: string };
  readonly delay?: string;
  readonly [more: string]: Json | undefined;
}

/** One attempt of a mocked step (§15). */
export interface Mock {
  readonly output?: JsonObject;
  readonly error?: { readonly code: string; readonly message?: string; readonly details?: JsonObject };
  readonly hosts?: { readonly [name: string]: HostMock };
  readonly delay?: string;
}

/** By step id or address; of a child run `call/child_step`. Entry n is attempt n, the last repeats. */
export type Mocks = { readonly [idOrAddress: string]: readonly Mock[] };

export const delayMs = (delay: string | undefined): number => (delay === undefined ? 0 : (parseDuration(delay) ?? 0));

/** Finds mocks for the steps of one run; `paths` are the names this run goes by, the most exact first. */
export class MockBook {
  readonly #mocks: Mocks;
  readonly #paths: readonly string[];

  constructor(mocks: Mocks, paths: readonly string[] = ['']) {
    this.#mocks = mocks;
    this.#paths = paths;
  }

  /** The mock of this attempt; undefined where nothing was said of the step. An address goes before an id. */
  find(address: string, stepId: string, attempt: number): Mock | undefined {
    for (const name of [address, stepId]) {
      for (const path of this.#paths) {
        const entries = this.#mocks[path + name];
        if (entries) return entries[Math.min(attempt, entries.length) - 1] ?? {};
      }
    }
    return undefined;
  }

  /** The mocks of the run that this step calls. */
  below(address: string, stepId: string): MockBook {
    const paths = this.#paths.flatMap((path) => [`${path}${address}/`, `${path}${stepId}/`]);
    return new MockBook(this.#mocks, [...new Set(paths)]);
  }
}
