import type { endsAfterItBegins } from './rotations.ts';

const longestWindowMs = 100 * 86_400_000;

/** Said of what has a `from` and a `to`: that it is no longer than duty is computed at once. */
export const isNotTooLong: typeof endsAfterItBegins = [
  ({ from, to }) => Date.parse(to) - Date.parse(from) <= longestWindowMs,
  { path: ['to'], message: 'At most 100 days.' },
];
