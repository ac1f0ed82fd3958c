import { z } from 'zod';
import type { Api } from './api.ts';
import type { Endings } from './endings.ts';

const Id = z.object({ id: z.string() });
const Started = z.object({ runId: z.string() });

export const createPlaybook = async (api: Api, definition: object): Promise<string> =>
  Id.parse(await api.post('/playbooks', { definition: { apiVersion: 'windlass/v1', ...definition } })).id;

/** From the POST to the event that says the run has ended. Throws where it did not end well. */
export async function timeRun(api: Api, endings: Endings, playbookId: string): Promise<number> {
  const begun = performance.now();
  const { runId } = Started.parse(await api.post(`/playbooks/${playbookId}/runs`, { inputs: {} }));
  const { at, status } = await endings.of(runId);
  if (status !== 'succeeded') throw new Error(`Run ${runId} ended as ${status}.`);
  return at - begun;
}

/** Keeps so many at work until all are done. @returns milliseconds in all */
export async function together(count: number, atOnce: number, one: () => Promise<unknown>): Promise<number> {
  let left = count;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await one();
    }),
  );
  return performance.now() - begun;
}
