import { expect, test } from 'vitest';
import type { Actor } from '../kit/actor.ts';
import type { EventHub, HubEvent, HubListener } from '../kit/event-hub.ts';
import { subscribe } from './event-stream.ts';
import { Sights } from './sight.ts';

const place = (seq: number) => ({ epoch: 'e', xid: 1n, seq: BigInt(seq) });
/** A hub that tells what it is told to. */
function makeHub() {
  const listeners = new Set<HubListener>();
  const hub: EventHub = {
    epoch: 'e',
    position: () => place(0),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wake: () => undefined,
    close: async () => undefined,
  };
  const tell = (seq: number): void => {
    const event = { type: 'run.started', subject: null, runId: null, data: {} } as unknown as HubEvent['event'];
    for (const { onEvent } of listeners)
      onEvent({ event, place: place(seq), cursor: String(seq), json: () => `{"seq":${seq}}` });
  };
  return { hub, tell, listeners };
}

test('a client that does not take what it is told is cut off, told why, and counted; the others go on', async () => {
  const { hub, tell, listeners } = makeHub();
  const cuts: string[] = [];
  const tools = {
    inTenant: () => Promise.reject(new Error('nothing is asked')),
    presence: { listen: () => () => undefined } as never,
    countCut: (reason: string) => void cuts.push(reason),
  };
  const actor = {
    workspaceId: 'w',
    permissions: new Set(['runs:read', 'events:read']),
    mids: '*',
    hidden: '',
    role: 'owner',
  };
  const open = async (backlog: () => number) => {
    const told: string[] = [];
    await subscribe({ hub, tools, actor: actor as unknown as Actor, sights: new Sights(tools) }, {}, {
      hello: () => told.push('hello'),
      event: ({ json }) => told.push(json()),
      backlog,
      end: (reason) => told.push(`end: ${reason}`),
    }); // prettier-ignore
    return told;
  };
  let waiting = 0;
  const slow = await open(() => waiting);
  const quick = await open(() => 0);
  tell(1);
  waiting = 1_000_001;
  tell(2);
  tell(3);
  expect(slow).toEqual(['hello', '{"seq":1}', 'end: Too far behind; resume from your last cursor.']);
  expect(quick).toEqual(['hello', '{"seq":1}', '{"seq":2}', '{"seq":3}']);
  expect(cuts).toEqual(['lag']);
  expect(listeners.size).toBe(1);
});
