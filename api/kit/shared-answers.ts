import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from './actor.ts';

const packed = promisify(gzip);
/** The quickest: it is made while people wait, and most of the gain is in the first tenth of the work. */
const packing = { level: constants.Z_BEST_SPEED };
const worthPacking = 2_048;

/** An answer that has been written as JSON, and packed, once for all who asked. */
export class WrittenAnswer<T> {
  declare readonly of: T;
  readonly json: string;
  #gzip: Promise<Buffer> | undefined;

  constructor(answer: T) {
    this.json = JSON.stringify(answer);
  }

  async send(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    reply.type('application/json; charset=utf-8');
    if (this.json.length < worthPacking) return reply.send(this.json);
    if (negotiate(request.headers['accept-encoding'] ?? '', ['gzip']) === null) return reply.send(this.json);
    const vary = [reply.getHeader('vary'), 'accept-encoding'].flat().filter((name) => name !== undefined);
    reply.header('content-encoding', 'gzip').header('vary', vary.join(', '));
    return reply.send(await (this.#gzip ??= packed(this.json, packing)));
  }
}

interface Making {
  now: Promise<unknown>;
  /** Begins once what is being made is made; whoever asks meanwhile takes this one. */
  next: Promise<unknown> | undefined;
}

/**
 * Those who ask the same while an answer to it is being made share the one after it: all consoles that stand open on a
 * list ask for it again when something has changed. Nobody is given what was begun to be read before they asked.
 */
export class SharedAnswers {
  readonly #making = new Map<string, Making>();

  get<T>(key: string, make: () => Promise<T>): Promise<WrittenAnswer<T>> {
    const making = this.#making.get(key);
    if (!making) return this.#make(key, make);
    const anew = () => this.#make(key, make);
    making.next ??= making.now.then(anew, anew);
    return making.next as Promise<WrittenAnswer<T>>;
  }

  #make<T>(key: string, make: () => Promise<T>): Promise<WrittenAnswer<T>> {
    const now = make().then((answer) => new WrittenAnswer(answer));
    const making: Making = { now, next: undefined };
    this.#making.set(key, making);
    const end = (): void => {
      if (making.next === undefined && this.#making.get(key) === making) this.#making.delete(key);
    };
    now.then(end, end);
    return now;
  }
}

/** Callers of one key see the same rows of the database: `inTenant` binds a transaction by these and nothing else. */
export const sightKey = ({ workspaceId, mids, hidden }: Actor): string => JSON.stringify([workspaceId, mids, hidden]);
