import { type SseFrame, frameReader } from '#contracts/events/frame-reader.ts';

export interface Frame extends Omit<SseFrame, 'data'> {
  readonly data: unknown;
}

/** The frames of an answer as they come, without its heartbeat. Ends where the answer does; throws where it breaks. */
export async function* framesOf(response: Response): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  const come: SseFrame[] = [];
  const read = frameReader((frame) => come.push(frame));
  for await (const bytes of response.body ?? []) {
    read(decoder.decode(bytes, { stream: true }));
    for (const { event, id, data } of come.splice(0))
      if (event !== 'ping' && data !== '') yield { event, id, data: JSON.parse(data) as unknown };
  }
}
