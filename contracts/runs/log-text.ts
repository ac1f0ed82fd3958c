import type { LogChunk } from './runs.ts';

/** What a line may come to before it is told in parts: a bar that is drawn anew for an hour is one line. */
const longestOpen = 16_384;

/**
 * A run's log as lines of text: when, host, step, `!` before what came on stderr. Chunks end where they please, so the
 * beginning of a line is held until its end has come, for each host, step and stream by itself.
 */
export class LogText {
  readonly #open = new Map<string, { head: string; text: string }>();

  /** The lines that a chunk has brought to their end, each with a line break. */
  add({ at, host, address, stream, attempt, text }: LogChunk): string {
    const key = [host, address, stream, attempt].join('\0');
    const open = this.#open.get(key);
    const head = `${at} ${host || '-'} ${address} ${stream === 'stderr' ? '!' : ' '} `;
    const [first = '', ...others] = text.split('\n');
    const lines = [(open?.head ?? head) + (open?.text ?? '') + first, ...others.map((line) => head + line)];
    const last = {
      head: others.length > 0 ? head : (open?.head ?? head),
      text: others.at(-1) ?? (open?.text ?? '') + first,
    };
    if (last.text === '') this.#open.delete(key);
    else if (last.text.length <= longestOpen) this.#open.set(key, last);
    else {
      this.#open.delete(key);
      return lines.map((line) => `${line}\n`).join('');
    }
    return lines
      .slice(0, -1)
      .map((line) => `${line}\n`)
      .join('');
  }

  /** What never came to its end, once nothing follows. */
  rest(): string {
    const lines = [...this.#open.values()].map(({ head, text }) => `${head}${text}\n`);
    this.#open.clear();
    return lines.join('');
  }
}
