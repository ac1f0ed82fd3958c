import type { Socket } from 'node:net';
import pg from 'pg';
import { nameOfPlan } from './kept-plans.ts';

/**
 * A client that sends what is asked of it at one moment in one write, without waiting for the answers between, and keeps
 * the plans of frequent statements. Answers come in the order of the questions; one that fails inside a transaction
 * makes those behind it fail as well.
 */
export class PipelinedClient extends pg.Client {
  readonly #keepsPlans: boolean;
  #isGathering = false;

  constructor({ keepsPlans = true, ...config }: pg.ClientConfig & { keepsPlans?: boolean } = {}) {
    super({ ...config, pipeline: true } as pg.ClientConfig);
    this.#keepsPlans = keepsPlans;
  }

  // pg's own declaration has nine forms of this; the pool and Kysely use the one with text and values.
  override query = ((text: unknown, values?: unknown, ...rest: unknown[]): unknown => {
    this.#gather();
    const send = super.query.bind(this) as (...given: unknown[]) => unknown;
    const name = this.#keepsPlans && typeof text === 'string' && Array.isArray(values) ? nameOfPlan(text) : undefined;
    return name === undefined ? send(text, values, ...rest) : send({ name, text, values }, ...rest);
  }) as pg.Client['query'];

  /** Holds the bytes back until the work at hand has asked all that it asks without waiting: one system call for all. */
  #gather(): void {
    const { stream } = (this as unknown as { connection: { stream: Socket } }).connection;
    if (this.#isGathering) return;
    this.#isGathering = true;
    stream.cork();
    // A tick that is asked for in a microtask comes when no microtask is left.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#isGathering = false;
        stream.uncork();
      }),
    );
  }
}
