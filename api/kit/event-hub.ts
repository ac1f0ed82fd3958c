import { type EventCursor, formatCursor } from '#contracts/events/cursor.ts';
import type { Db } from '#db/kit/database.ts';
import { toEventRecord } from '#db/events/read-events.ts';
import { type TailEvent, readEpoch, readHorizon, readTail } from '#db/system/event-tail.ts';
import type { Log } from '#system/log.ts';

/** An event on its way to open streams: serialised once, however many listen. */
export interface HubEvent {
  readonly event: TailEvent;
  readonly place: EventCursor;
  readonly cursor: string;
  /** The event as the API shows it, as JSON text; made at the first use. */
  readonly json: () => string;
}

export interface HubListener {
  /** Called for each event of this workspace, in order; undefined: of every workspace. */
  readonly workspaceId?: string;
  readonly onEvent: (event: HubEvent) => void;
}

export interface EventHub {
  readonly epoch: string;
  /** The place up to which everything has been told. */
  position(): EventCursor;
  listen(listener: HubListener): () => void;
  /** Something was committed by this process: look at once. */
  wake(): void;
  close(): Promise<void>;
}

const whileListenedMs = 100;
const otherwiseMs = 1_000;
/** After a look it rests this many times as long: where looks take long the machine is busy, and one finds what many would. */
const restsFor = 2;
/** What is committed but above the horizon, which another open write holds: looked for at once, then ever less often. */
const heldMs = (looks: number): number => Math.min(1 + 2 * looks, whileListenedMs);

/**
 * Reads the event stream of the database once for this process and fans it out. Woken in memory after our own commits,
 * by `pg_notify` of other processes, and by a poll as the safety net.
 */
export async function startEventHub({ system, log }: { system: Db; log: Log }): Promise<EventHub> {
  const epoch = await readEpoch(system);
  let place: EventCursor = { epoch, ...(await readHorizon(system)) };
  let since = new Date(Date.now() - 60_000);
  const byWorkspace = new Map<string, Set<HubListener>>();
  const everywhere = new Set<HubListener>();
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;
  let wakes = 0;
  let isClosed = false;

  const tell = (row: TailEvent): void => {
    place = { epoch, xid: row.xid, seq: row.seq };
    let text: string | undefined;
    const hubEvent: HubEvent = {
      event: row,
      place,
      cursor: formatCursor(place),
      json: () => (text ??= JSON.stringify(toEventRecord(epoch, row))),
    };
    for (const listeners of [byWorkspace.get(row.workspaceId), everywhere]) {
      for (const listener of listeners ?? []) {
        try {
          listener.onEvent(hubEvent);
        } catch (error) {
          log.error({ err: error }, 'an event listener failed');
        }
      }
    }
  };

  const read = async (): Promise<'more' | 'held' | 'all'> => {
    const { events, isMorePending, isFull } = await readTail(system, place, since);
    for (const event of events) tell(event);
    const last = events.at(-1);
    if (last) since = new Date(last.at.getTime() - 60_000);
    else since = new Date(Math.max(since.getTime(), Date.now() - 120_000));
    return isFull ? 'more' : isMorePending ? 'held' : 'all';
  };

  const schedule = (delayMs: number): void => {
    if (isClosed) return;
    clearTimeout(timer);
    // Zero is the next turn of the loop, not the millisecond that a timer would take.
    if (delayMs === 0) setImmediate(run);
    else timer = setTimeout(run, delayMs);
  };
  const run = (): void => {
    if (reading || isClosed) return;
    const seen = wakes;
    const begun = performance.now();
    reading = read()
      .finally(() => (restsUntil = performance.now() + restsFor * (performance.now() - begun)))
      .then((seenSoFar) => {
        reading = undefined;
        looks = seenSoFar === 'held' ? looks + 1 : 0;
        if (seenSoFar === 'more') return schedule(0);
        if (wakes > seen) return schedule(restMs());
        const isListenedTo = byWorkspace.size > 0 || everywhere.size > 0;
        schedule(
          seenSoFar === 'held' ? Math.max(restMs(), heldMs(looks)) : isListenedTo ? whileListenedMs : otherwiseMs,
        );
      })
      .catch((error: unknown) => {
        reading = undefined;
        log.warn({ err: error }, 'the event tail could not be read; trying again');
        schedule(otherwiseMs);
      });
  };
  /** In a row that found something held. */
  let looks = 0;
  let restsUntil = 0;
  const restMs = (): number => Math.min(whileListenedMs, Math.max(0, restsUntil - performance.now()));
  schedule(0);

  return {
    epoch,
    position: () => place,
    listen(listener) {
      const set =
        listener.workspaceId === undefined ? everywhere : (byWorkspace.get(listener.workspaceId) ?? new Set());
      if (listener.workspaceId !== undefined) byWorkspace.set(listener.workspaceId, set);
      set.add(listener);
      if (!reading) schedule(whileListenedMs);
      return () => {
        set.delete(listener);
        if (set.size === 0 && listener.workspaceId !== undefined) byWorkspace.delete(listener.workspaceId);
      };
    },
    wake() {
      wakes += 1;
      looks = 0;
      if (!reading) schedule(restMs());
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await reading;
    },
  };
}
