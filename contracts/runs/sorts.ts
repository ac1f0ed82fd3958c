/**
 * What a list of runs can be sorted by, each with its index. By title, letters of either case are alike. What has not ended
 * yet stands behind everything that has, in either direction: nobody knows when it ends nor how long it takes.
 */
export const runSorts = [
  '-createdAt',
  'createdAt',
  '-endedAt',
  'endedAt',
  '-duration',
  'duration',
  'title',
  '-title',
] as const;
export type RunSort = (typeof runSorts)[number];
