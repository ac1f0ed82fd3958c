import type { LogChunk } from './runs.ts';

/** A chunk of a run's log as lines of text: when, host, step, `!` before what came on stderr. Ends with a line break. */
export function logText({ at, host, address, stream, text }: LogChunk): string {
  const head = `${at} ${host || '-'} ${address} ${stream === 'stderr' ? '!' : ' '} `;
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return `${body
    .split('\n')
    .map((line) => head + line)
    .join('\n')}\n`;
}
