/**
 * Activities whose worker dies after each of their steps, once: the work is done and committed, its end is never told, and
 * Temporal gives the same step to another worker. The hardest place for a process to die; at any other the transaction
 * is undone, and the step is simply done.
 */
export function dyingOnce(activities: object): object {
  const died = new Set<string>();
  return Object.fromEntries(
    Object.entries(activities as Record<string, (...args: unknown[]) => Promise<unknown>>).map(([name, step]) => [
      name,
      async (...args: unknown[]): Promise<unknown> => {
        const result = await step(...args);
        const which = `${name} ${JSON.stringify(args)}`;
        if (died.has(which)) return result;
        died.add(which);
        throw new Error('The worker died.');
      },
    ]),
  );
}
