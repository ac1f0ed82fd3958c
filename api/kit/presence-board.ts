import { z } from 'zod';
import { PresentPerson, presenceLastsMs } from '#contracts/events/presence.ts';

const Word = z.object({
  workspaceId: z.string(),
  subject: z.string(),
  /** One open page of one person. */
  page: z.string(),
  person: PresentPerson,
  isHere: z.boolean(),
});
/** Somebody says that a page of theirs is open, or closed. */
export type PresenceWord = z.infer<typeof Word>;

const TabWord = z.object({
  workspaceId: z.string(),
  personId: z.string(),
  tab: z.string(),
  /** Null where it was closed. */
  revision: z.number().nullable(),
});
/** A person has another text in a tab of the query console, or closed it: for their other browsers. */
export type TabWord = z.infer<typeof TabWord>;

/** A change of who is there, or of a person's tabs, as open streams tell it: like an event, but with no place in the stream. */
export interface PresenceEvent {
  readonly type: 'presence.changed' | 'query_tab.changed';
  readonly subject: string;
  readonly json: () => string;
}
type Listener = (event: PresenceEvent) => void;

/** Who has what open, as this process knows it from its own callers and from the other processes. */
export interface PresenceBoard {
  /** A word of a caller of this process; the others hear it as well. */
  tell(word: PresenceWord): void;
  /** The same of a tab: nothing of it is remembered. */
  tellTab(word: TabWord): void;
  /** A word from another process; what is none is passed over. */
  hear(text: string): void;
  people(workspaceId: string, subject: string): PresentPerson[];
  listen(workspaceId: string, listener: Listener): () => void;
  close(): void;
}

interface Thing {
  workspaceId: string;
  subject: string;
  pages: Map<string, { person: PresentPerson; until: number }>;
}

const sweepMs = 5_000;

function heard(text: string): PresenceWord | TabWord | undefined {
  try {
    return Word.or(TabWord).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** @param spread sends a word to the other processes; one that is lost comes again with the next */
export function createPresenceBoard({ spread }: { spread: (text: string) => void }): PresenceBoard {
  const things = new Map<string, Thing>();
  const listeners = new Map<string, Set<Listener>>();
  let timer: NodeJS.Timeout | undefined;
  const keyOf = (workspaceId: string, subject: string): string => `${workspaceId} ${subject}`;
  const peopleOf = (thing: Thing | undefined): PresentPerson[] =>
    [...new Map([...(thing?.pages.values() ?? [])].map(({ person }) => [person.id, person])).values()].toSorted(
      (a, b) => a.name.localeCompare(b.name, 'en'),
    );

  /** Tells all streams of a workspace that are open here. */
  const shout = (workspaceId: string, type: PresenceEvent['type'], subject: string, data: object): void => {
    let text: string | undefined;
    const json = (): string =>
      (text ??= JSON.stringify({
        cursor: '',
        type,
        subject,
        run: null,
        actor: null,
        data,
        at: new Date().toISOString(),
      }));
    for (const listener of listeners.get(workspaceId) ?? []) listener({ type, subject, json });
  };
  const takeTab = ({ workspaceId, personId, tab, revision }: TabWord): void =>
    shout(workspaceId, 'query_tab.changed', `person:${personId}`, { tab, revision });

  /** Does something to a thing, and says who is there if that has become another answer. */
  const change = (thing: Thing, act: () => void): void => {
    const before = JSON.stringify(peopleOf(thing));
    act();
    const people = peopleOf(thing);
    const key = keyOf(thing.workspaceId, thing.subject);
    if (thing.pages.size === 0) things.delete(key);
    else things.set(key, thing);
    if (JSON.stringify(people) === before) return;
    shout(thing.workspaceId, 'presence.changed', thing.subject, { people });
  };
  const sweep = (): void => {
    const now = Date.now();
    for (const thing of things.values()) {
      const gone = [...thing.pages].filter(([, { until }]) => until <= now);
      if (gone.length > 0) change(thing, () => gone.forEach(([page]) => thing.pages.delete(page)));
    }
    timer = things.size > 0 ? setTimeout(sweep, sweepMs).unref() : undefined;
  };
  const take = ({ workspaceId, subject, page, person, isHere }: PresenceWord): void => {
    const thing = things.get(keyOf(workspaceId, subject)) ?? { workspaceId, subject, pages: new Map() };
    change(thing, () => {
      if (isHere) thing.pages.set(page, { person, until: Date.now() + presenceLastsMs });
      else thing.pages.delete(page);
    });
    if (things.size > 0) timer ??= setTimeout(sweep, sweepMs).unref();
  };

  return {
    tell(word) {
      take(word);
      spread(JSON.stringify(word));
    },
    hear(text) {
      const word = heard(text);
      if (word && 'tab' in word) takeTab(word);
      else if (word) take(word);
    },
    tellTab(word) {
      takeTab(word);
      spread(JSON.stringify(word));
    },
    people: (workspaceId, subject) => peopleOf(things.get(keyOf(workspaceId, subject))),
    listen(workspaceId, listener) {
      const set = listeners.get(workspaceId) ?? new Set();
      listeners.set(workspaceId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(workspaceId);
      };
    },
    close: () => clearTimeout(timer),
  };
}
