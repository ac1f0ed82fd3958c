import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { type ImportAct, importActs, type ImportStatus } from '#contracts/assets/imports.ts';
import { addressOf, api, send } from '../kit/api.ts';
import type { StatusName } from '../ui/status.ts';

export const ImportsView = z.object({
  /** The import that is shown. */
  sel: z.string().default(''),
  act: z.enum(['', ...importActs]).default(''),
});

export type ImportsView = z.infer<typeof ImportsView>;

export const importLooks: Readonly<Record<ImportStatus, { word: string; status: StatusName }>> = {
  reading: { word: 'Reading', status: 'running' },
  ready: { word: 'To be confirmed', status: 'waiting' },
  applying: { word: 'Importing', status: 'running' },
  applied: { word: 'Imported', status: 'succeeded' },
  undoing: { word: 'Taking back', status: 'running' },
  undone: { word: 'Taken back', status: 'canceled' },
  failed: { word: 'Failed', status: 'failed' },
};
export const actWords: Readonly<Record<ImportAct, string>> = {
  create: 'New',
  update: 'Changed',
  unchanged: 'Unchanged',
  refuse: 'Refused',
};

export const useImports = () =>
  useInfiniteQuery({
    queryKey: ['asset-imports'],
    queryFn: ({ signal, pageParam }) => api.listAssetImports({ query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
export const useImport = (id: string) =>
  useQuery({
    queryKey: ['asset-imports', id],
    queryFn: ({ signal }) => api.getAssetImport({ params: { id }, signal }),
    enabled: id !== '',
  });
export const useImportRows = (id: string, act: ImportAct | '', status: ImportStatus | undefined) =>
  useInfiniteQuery({
    queryKey: ['asset-imports', id, 'rows', act, status],
    queryFn: ({ signal, pageParam }) =>
      api.listAssetImportRows({
        params: { id },
        query: { limit: 200, act: act || undefined, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
    enabled: id !== '' && status !== undefined && status !== 'reading',
  });

/** Sends a file of assets to be read. @returns the import's id */
export async function sendFile(
  file: File,
  options: { matchBy: 'key' | 'name'; allOrNothing: boolean },
): Promise<string> {
  const isJson = file.name.toLowerCase().endsWith('.json');
  const answer = await send(
    addressOf('startAssetImport', { query: { fileName: file.name, format: isJson ? 'json' : 'csv', ...options } }),
    { method: 'POST', headers: { 'Content-Type': isJson ? 'application/json' : 'text/csv' }, body: file },
  );
  // The server holds its answers to the contract; a test of each route does.
  const { id } = (await answer.json()) as { id: string };
  return id;
}
