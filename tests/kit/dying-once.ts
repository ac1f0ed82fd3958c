/**
 * Activities whose worker dies after each of their steps: the work is done and committed, its end is never told, and
 * Temporal gives the same step to another worker. The hardest place for a process to die; at any other the transaction
 * is undone, and the step is simply done. The second attempt at each is let live.
 */
export function dyingOnce(activities: object): object {
  const calls = new Map<string, number>();
  return Object.fromEntries(
    Object.entries(activities as Record<string, (...args: unknown[]) => Promise<unknown>>).map(([name, step]) => [
      name,
      async (...args: unknown[]): Promise<unknown> => {
        const result = await step(...args);
        const nth = (calls.get(name) ?? 0) + 1;
        calls.set(name, nth);
        if (nth % 2 === 1) throw new Error('The worker died.');
        return result;
      },
    ]),
  );
}
