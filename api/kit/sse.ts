import type { FastifyReply, FastifyRequest } from 'fastify';

export interface SseConnection {
  /** Writes one frame; `data` must hold no line break (JSON text holds none). */
  send(event: string, data: string, id?: string): void;
  /** Writes a frame that was made once for many streams. */
  sendFrame(frame: SseFrame): void;
  backlog(): number;
  end(): void;
  onClose(listener: () => void): void;
}

/** A frame as text, and as bytes with the framing of HTTP's chunked coding around it. */
export interface SseFrame {
  readonly text: string;
  readonly chunk: Buffer;
}

const frameText = (event: string, data: string, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;

/** Makes a frame for many streams: encoded once, the same bytes for each. */
export function sseFrame(event: string, data: string, id?: string): SseFrame {
  const text = frameText(event, data, id);
  return { text, chunk: Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`) };
}

const open = new Set<{ ping: () => void; end: () => void }>();
let heart: NodeJS.Timeout | undefined;
const pingMs = 15_000;

/** Takes a reply over as a stream of server-sent events (WHATWG HTML §9.2): no compression, no proxy buffering. */
export function openSse(request: FastifyRequest, reply: FastifyReply): SseConnection {
  reply.hijack();
  const raw = reply.raw;
  raw.writeHead(200, {
    ...Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  raw.socket?.setNoDelay(true);
  raw.flushHeaders();
  const connection: SseConnection = {
    send: (event, data, id) => {
      if (!raw.writableEnded) raw.write(frameText(event, data, id));
    },
    sendFrame: ({ text, chunk }) => {
      // The head is out and the socket ours, so a chunk may go to it directly: for a thousand streams Node's own way, which
      // encodes and frames for each and leaves as three pieces, takes twice the time. The order of writes is the same.
      if (raw.writableEnded) return;
      if (raw.chunkedEncoding && raw.socket?.writable) raw.socket.write(chunk);
      else raw.write(text);
    },
    backlog: () => raw.writableLength,
    end: () => void raw.end(),
    onClose: (listener) => void request.raw.once('close', listener),
  };
  const beat = {
    ping: () => connection.send('ping', JSON.stringify({ now: new Date().toISOString() })),
    end: connection.end,
  };
  open.add(beat);
  heart ??= setInterval(() => open.forEach(({ ping }) => ping()), pingMs).unref();
  connection.onClose(() => open.delete(beat));
  return connection;
}

/** Ends every open stream: at shutdown, so that clients go to another process. */
export function endAllStreams(): void {
  for (const { end } of open) end();
  open.clear();
  clearInterval(heart);
  heart = undefined;
}
/** Number of open streams, for the metrics. */
export const openStreams = (): number => open.size;
