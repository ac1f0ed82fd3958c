/** One frame of a stream of server-sent events (WHATWG HTML §9.2). */
export interface SseFrame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** Cuts a stream of text into server-sent events; what is not finished stays in the buffer. */
export function frameReader(onFrame: (frame: SseFrame) => void): (text: string) => void {
  let buffer = '';
  return (text) => {
    buffer += text;
    for (let end = buffer.search(/\r?\n\r?\n/); end >= 0; end = buffer.search(/\r?\n\r?\n/)) {
      const block = buffer.slice(0, end);
      buffer = buffer.slice(end).replace(/^\r?\n\r?\n/, '');
      const frame: { -readonly [Name in keyof SseFrame]: SseFrame[Name] } = {
        event: 'message',
        id: undefined,
        data: '',
      };
      for (const line of block.split(/\r?\n/)) {
        const [, field, value = ''] = /^(\w+):? ?(.*)$/s.exec(line) ?? [];
        if (field === 'event') frame.event = value;
        else if (field === 'id') frame.id = value;
        else if (field === 'data') frame.data += frame.data ? `\n${value}` : value;
      }
      if (!block.startsWith(':') || frame.data) onFrame(frame);
      else onFrame({ ...frame, event: 'ping' });
    }
  };
}
