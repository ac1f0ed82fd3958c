import { LogText } from '#contracts/runs/log-text.ts';
import type { LogChunk } from '#contracts/runs/runs.ts';
import type { Client } from './client.ts';
import { followStream } from './follow.ts';
import { print } from './terminal.ts';

/** Which lines of a log. */
export interface LogChoice {
  readonly host?: string | undefined;
  readonly step?: string | undefined;
  readonly stream?: 'stdout' | 'stderr' | 'system' | undefined;
}

/** Prints a run's lines as they come, until it has ended and all of them were told. */
export async function followLog(
  client: Client,
  id: string,
  { query = {}, signal, isJson = false }: { query?: LogChoice; signal: AbortSignal; isJson?: boolean },
): Promise<void> {
  const log = new LogText();
  for await (const { event, data } of followStream(client, 'readRunLogs', {
    params: { id },
    query: { ...query },
    signal,
  }))
    if (event === 'log') await print(isJson ? `${JSON.stringify(data)}\n` : log.add(data as LogChunk));
  await print(log.rest());
}
