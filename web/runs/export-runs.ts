import { mostExported } from '#contracts/runs/limits.ts';
import { addressOf, send } from '../kit/api.ts';
import { saveFile } from '../kit/save-file.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import type { RunFilterQuery } from './runs-view.ts';

/** Where the file of all runs lies that a filter shows: a link, so that the browser shows how far it is. */
export const exportAddress = (filter: RunFilterQuery): string =>
  addressOf('exportRuns', { query: { ...filter, workspace: currentWorkspace() } });

/** Saves the file of these runs. Their ids are too many for an address, so it is fetched and then handed to the browser. */
export async function saveRuns(ids: readonly string[]): Promise<void> {
  const answer = await send(addressOf('exportChosenRuns'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ids: ids.slice(0, mostExported) }),
  });
  const [, name = 'runs.csv'] = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '') ?? [];
  saveFile(name, await answer.blob());
}
