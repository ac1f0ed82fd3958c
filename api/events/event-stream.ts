import { compareCursors, formatCursor, parseCursor } from '#contracts/events/cursor.ts';
import { readEventsAfter } from '#db/events/read-events.ts';
import type { Actor } from '../kit/actor.ts';
import type { EventHub, HubEvent } from '../kit/event-hub.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';
import type { Sights } from './sight.ts';
import { type StreamQuery, changesSightOf, endsStreamOf, streamFilter } from './stream-filter.ts';

/** An event on its way to a sink; live ones are the same object for every stream. */
export interface ToldEvent {
  /** Empty for what is told and not stored: nobody resumes from it. */
  readonly cursor: string;
  readonly event: { readonly type: string };
  readonly json: () => string;
}

/** Where a stream's frames go: SSE or WebSocket. */
export interface Sink {
  hello(data: { now: string; cursor: string; caughtUp: number }): void;
  event(told: ToldEvent): void;
  /** Bytes that the client has not taken yet. */
  backlog(): number;
  end(reason: string): void;
}

/** Why a stream is ended before its client leaves, and what the client is told. */
const cuts = {
  lag: 'Too far behind; resume from your last cursor.',
  access: 'Your session, key or membership has ended.',
  sight: 'What you may see has changed; resume from your last cursor.',
  failure: 'What you may see could not be read; resume from your last cursor.',
} as const;
export type StreamCut = keyof typeof cuts;

/** A client that lags by more is cut off; it resumes by its last cursor. */
const mostBacklogBytes = 1_000_000;
const mostCaughtUp = 10_000;
/** Events that wait until it is known whether they may be told. */
const mostAsked = 5_000;

/**
 * Feeds a sink with the live events of a workspace: first what was missed since `after`, then what comes, each event
 * once and in order. The live side is listened to before the past is read, so nothing falls between.
 * @returns a function that ends the subscription
 * @throws `events.cursor_gone` where the cursor is of another epoch, unreadable, or too far back
 */
export async function subscribe(
  {
    hub,
    tools,
    actor,
    sights,
  }: { hub: EventHub; tools: Pick<ApiTools, 'inTenant' | 'presence' | 'countCut'>; actor: Actor; sights: Sights },
  { after, ...query }: StreamQuery & { after?: string | undefined },
  sink: Sink,
): Promise<() => void> {
  const filter = streamFilter(actor, query);
  const from = after === undefined ? undefined : parseCursor(after);
  if (after !== undefined && (!from || from.epoch !== hub.epoch)) throw problem('events.cursor_gone');

  const bound = sights.open(actor);
  let waiting: HubEvent[] | undefined = [];
  let stop = (): void => {};
  const end = (cut: StreamCut): void => {
    stop();
    tools.countCut(cut);
    sink.end(cuts[cut]);
  };
  const tell = (hubEvent: HubEvent): void => {
    if (sink.backlog() > mostBacklogBytes) return end('lag');
    sink.event(hubEvent);
  };
  // Whoever sees all of the workspace is told at once; for others it is asked first, in the order of the events.
  const tellIfSeen = bound && tellInOrder(bound.sight, tell, end);
  const send = (hubEvent: HubEvent): void => {
    if (endsStreamOf(actor, hubEvent.event)) return end('access');
    if (changesSightOf(actor, hubEvent.event)) return end('sight');
    if (!filter(hubEvent.event)) return;
    if (tellIfSeen) tellIfSeen.next(hubEvent);
    else tell(hubEvent);
  };
  const stopEvents = hub.listen({
    workspaceId: actor.workspaceId,
    onEvent: (hubEvent) => {
      if (waiting) waiting.push(hubEvent);
      else send(hubEvent);
    },
  });
  let stopPresence = (): void => {};
  stop = () => {
    stopEvents();
    stopPresence();
    tellIfSeen?.stop();
    bound?.close();
    stop = () => {};
  };
  try {
    const upTo = hub.position();
    let caughtUp = 0;
    if (from && compareCursors(from, upTo) < 0) {
      const missed = await tools.inTenant(actor, (tx) =>
        readEventsAfter(tx, hub.epoch, { after: from, upTo, limit: mostCaughtUp + 1 }),
      );
      if (missed.length > mostCaughtUp) throw problem('events.cursor_gone');
      const wanted = missed.filter((event) => filter({ ...event, runId: event.run }));
      const isSeen =
        bound && (await Promise.all(wanted.map((event) => bound.sight.sees({ ...event, runId: event.run }))));
      const seen = isSeen ? wanted.filter((_, index) => isSeen[index]) : wanted;
      caughtUp = seen.length;
      sink.hello({ now: new Date().toISOString(), cursor: formatCursor(upTo), caughtUp });
      for (const event of seen) sink.event({ cursor: event.cursor, event, json: () => JSON.stringify(event) });
    } else {
      sink.hello({ now: new Date().toISOString(), cursor: formatCursor(upTo), caughtUp });
    }
    // Who is there is no part of the past: it is told from now on, to those who do not lag.
    stopPresence = tools.presence.listen(actor.workspaceId, (event) => {
      if (filter({ ...event, runId: null }) && sink.backlog() <= mostBacklogBytes)
        sink.event({ cursor: '', event, json: event.json });
    });
    const late = waiting;
    waiting = undefined;
    for (const hubEvent of late) if (compareCursors(hubEvent.place, upTo) > 0) send(hubEvent);
    return () => stop();
  } catch (error) {
    stop();
    throw error;
  }
}

/** Tells what may be seen, each event once the one before it is decided. */
function tellInOrder(
  sight: { sees(event: HubEvent['event']): Promise<boolean> },
  tell: (hubEvent: HubEvent) => void,
  end: (cut: StreamCut) => void,
): { next: (hubEvent: HubEvent) => void; stop: () => void } {
  let last = Promise.resolve();
  let asked = 0;
  let isOver = false;
  return {
    next: (hubEvent) => {
      asked += 1;
      if (asked > mostAsked) return end('lag');
      // Asked now, so that many are asked for in one.
      const seen = sight.sees(hubEvent.event);
      last = last
        .then(() => seen)
        .then((isSeen) => {
          asked -= 1;
          if (!isOver && isSeen) tell(hubEvent);
        })
        .catch(() => {
          // It is not known whether it may be told: the stream is taken up again from before it.
          if (!isOver) end('failure');
        });
      seen.catch(() => undefined);
    },
    stop: () => {
      isOver = true;
    },
  };
}
