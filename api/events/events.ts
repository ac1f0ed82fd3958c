import type { FastifyReply, FastifyRequest } from 'fastify';
import { runRoutes } from '#contracts/runs/runs.ts';
import type { Actor } from '../kit/actor.ts';
import { Problem } from '../kit/problem.ts';
import { type Handlers, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { type SseFrame, openSse, sseFrame } from '../kit/sse.ts';
import { type ToldEvent, subscribe } from './event-stream.ts';
import { Sights } from './sight.ts';

const { streamEvents, openSocket } = runRoutes;
const routes = { streamEvents, openSocket } as const;

/** The live stream of a workspace, over server-sent events and WebSocket. */
export const eventsRoom = room(routes, (tools): Handlers<typeof routes> => handlersOf(tools, new Sights(tools)));

const handlersOf = (tools: ApiTools, sights: Sights): Handlers<typeof routes> => ({
  streamEvents: async ({ actor, query, request, reply }) => {
    const after = lastEventId(request) ?? query.after;
    // A refusal (a cursor that is gone) must be an ordinary answer, so the stream is opened at the first frame.
    await feed({ tools, sights, actor }, { ...query, after }, request, reply);
    return reply;
  },
  openSocket: async ({ actor, query, socket }) => {
    if (!socket) return;
    const send = (frame: object): void => socket.send(JSON.stringify(frame));
    try {
      const stop = await subscribe({ hub: tools.hub, tools, actor, sights }, query, {
        hello: (data) => send({ event: 'hello', data }),
        event: ({ cursor, event, json }) =>
          socket.send(`{"event":${JSON.stringify(event.type)},"id":"${cursor}","data":${json()}}`),
        backlog: () => socket.bufferedAmount,
        end: (reason) => socket.close(1008, reason.slice(0, 120)),
      });
      const beat = setInterval(() => send({ event: 'ping', data: { now: new Date().toISOString() } }), 15_000);
      socket.once('close', () => {
        clearInterval(beat);
        stop();
      });
    } catch (error) {
      if (!(error instanceof Problem)) tools.log.error({ err: error }, 'a socket failed');
      socket.close(error instanceof Problem ? 1008 : 1011, error instanceof Problem ? error.code : 'server.failed');
    }
  },
});

const frames = new WeakMap<ToldEvent, SseFrame>();

/** The frame of an event, made at the first stream that takes it. */
function frameOf(told: ToldEvent): SseFrame {
  const made = frames.get(told);
  if (made) return made;
  const frame = sseFrame(told.event.type, told.json(), told.cursor || undefined);
  frames.set(told, frame);
  return frame;
}

const lastEventId = (request: FastifyRequest): string | undefined => {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && header !== '' ? header : undefined;
};

async function feed(
  { tools, sights, actor }: { tools: ApiTools; sights: Sights; actor: Actor },
  query: {
    types?: string | undefined;
    subject?: string | undefined;
    run?: string | undefined;
    after?: string | undefined;
  },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  let connection: ReturnType<typeof openSse> | undefined;
  const open = () => (connection ??= openSse(request, reply));
  const stop = await subscribe({ hub: tools.hub, tools, actor, sights }, query, {
    hello: (data) => open().send('hello', JSON.stringify(data), data.caughtUp === 0 ? data.cursor : undefined),
    event: (told) => open().sendFrame(frameOf(told)),
    backlog: () => connection?.backlog() ?? 0,
    end: (reason) => {
      open().send('end', JSON.stringify({ reason }));
      connection?.end();
    },
  });
  open().onClose(stop);
}
