import { z } from 'zod';
import { isForbidden } from '#contracts/queries/query-acts.ts';
import { type Told, seenOf } from '#db/events/seen-of.ts';
import type { Actor } from '../kit/actor.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Of what rules hide from somebody: see migration 0019. */
const Hidden = z.object({ places: z.array(z.string()), folders: z.array(z.string()) });

/** An event, as far as it says what it is about. */
export interface EventFacts {
  readonly type: string;
  readonly subject: string | null;
  readonly runId: string | null;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What somebody who does not see all of their workspace is told. Of connections and their units the event itself says enough;
 * of runs and saved queries the database is asked, by the caller's own rights, so that the stream and the lists never
 * differ. Shared by the streams of all who see the same, and asked for many at once.
 */
export interface Sight {
  /** @throws where the database cannot be asked */
  sees(event: EventFacts): Promise<boolean>;
}

type Scope = Pick<Actor, 'workspaceId' | 'mids' | 'hidden'>;

const mostKept = 5_000;

/** After these a query may stand in another place, and its runs with it. */
const movesQueries: ReadonlySet<string> = new Set(['query.saved', 'query.deleted']);

export class Sights {
  readonly #inTenant: ApiTools['inTenant'];
  readonly #open = new Map<string, { sight: Sight; streams: number }>();

  constructor({ inTenant }: Pick<ApiTools, 'inTenant'>) {
    this.#inTenant = inTenant;
  }

  /** @returns undefined for whoever sees all of their workspace: their streams ask nothing */
  open({ workspaceId, mids, hidden = '' }: Scope): { sight: Sight; close: () => void } | undefined {
    if (mids === '*' && !hidden) return undefined;
    const key = JSON.stringify([workspaceId, mids, hidden]);
    const scope = { workspaceId, mids, hidden };
    const entry = this.#open.get(key) ?? { sight: sightOf(scope, this.#inTenant), streams: 0 };
    entry.streams += 1;
    this.#open.set(key, entry);
    return {
      sight: entry.sight,
      close: () => {
        entry.streams -= 1;
        if (entry.streams === 0) this.#open.delete(key);
      },
    };
  }
}

function sightOf(scope: Scope, inTenant: ApiTools['inTenant']): Sight {
  const runs = new Asked((ids) => inTenant(scope, (tx) => seenOf(tx, 'runs', ids)));
  const queries = new Asked((ids) => inTenant(scope, (tx) => seenOf(tx, 'queries', ids)));
  const seesPlace = placesOf(scope);
  const looked = new WeakSet<EventFacts>();
  return {
    sees: async (event) => {
      const { type, subject, runId, data = {} } = event;
      // Each stream brings the same event; what is known is forgotten at the first.
      if (movesQueries.has(type) && !looked.has(event)) {
        looked.add(event);
        runs.forget();
        queries.forget();
      }
      const told = toldOf(subject, data);
      if (!seesPlace(told)) return false;
      // Of what is gone the event says where it stood.
      if (type === 'query.deleted') return true;
      if (subject?.startsWith('query:')) return queries.ask(subject.slice('query:'.length));
      if (runId === null || (typeof data['kind'] === 'string' && data['kind'] !== 'query')) return true;
      return runs.ask(runId);
    },
  };
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The place that an event names; what it does not name is null. */
function toldOf(subject: string | null, data: Readonly<Record<string, unknown>>): Told {
  const [, ofSubject = null] = /^(?:queue:)?connection:(.+)$/.exec(subject ?? '') ?? [];
  return {
    connectionId: text(data['connectionId']) ?? ofSubject,
    unit: text(data['unit']),
    folder: text(data['folder']),
  };
}

function placesOf({ mids, hidden }: Scope): (told: Told) => boolean {
  const units = mids === '*' ? undefined : new Set(mids.split(','));
  const { places, folders } = hidden ? Hidden.parse(JSON.parse(hidden)) : { places: [], folders: [] };
  const denied = ['view'] as const;
  const limits = [
    ...places.map((place) => {
      const [connectionId = null, ...unit] = place.split('/');
      return { connectionId, unit: unit.length > 0 ? unit.join('/') : null, folder: null, denied };
    }),
    ...folders.map((folder) => ({ connectionId: null, unit: null, folder, denied })),
  ];
  return (told) => !(told.unit && units && !units.has(told.unit)) && !isForbidden(limits, 'view', told);
}

/** Questions about ids, many in one, each answer kept. */
class Asked {
  readonly #look: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly #answers = new Map<string, Promise<boolean>>();
  #waiting: { ids: string[]; found: Promise<ReadonlySet<string>> } | undefined;

  constructor(look: (ids: readonly string[]) => Promise<ReadonlySet<string>>) {
    this.#look = look;
  }

  ask(id: string): Promise<boolean> {
    const known = this.#answers.get(id);
    if (known) return known;
    const answer = this.#next(id).then((seen) => seen.has(id));
    this.#answers.set(id, answer);
    // What could not be asked is asked again.
    answer.catch(() => this.#answers.get(id) === answer && this.#answers.delete(id));
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= mostKept) break;
      this.#answers.delete(oldest);
    }
    return answer;
  }

  forget(): void {
    this.#answers.clear();
    this.#waiting = undefined;
  }

  #next(id: string): Promise<ReadonlySet<string>> {
    if (this.#waiting) {
      this.#waiting.ids.push(id);
      return this.#waiting.found;
    }
    const ids = [id];
    const found = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (this.#waiting?.ids === ids) this.#waiting = undefined;
      return this.#look(ids);
    });
    this.#waiting = { ids, found };
    return found;
  }
}
