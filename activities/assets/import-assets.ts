import { heartbeat } from '@temporalio/activity';
import { parse } from 'csv-parse/sync';
import type { AttributeDef } from '#contracts/assets/asset-types.ts';
import type { ImportAssetsInput } from '#contracts/assets/asset-workflows.ts';
import { type ImportCounts, mostImported } from '#contracts/assets/imports.ts';
import { type FileLine, readCsvLine, readHeader, readJsonFile } from '#contracts/assets/read-file.ts';
import { delimiterOf } from '#contracts/kit/csv-text.ts';
import type { RecordOutcome, RunRecord } from '#contracts/runs/record-run.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { countImportRows, findAssetImport, moveImport } from '#db/assets/asset-imports.ts';
import { listAssetTypes } from '#db/assets/asset-types.ts';
import { undoBatch } from '#db/assets/change-many.ts';
import { applyLines, closeUndone, markUndone, planLines, relateLines } from '#db/assets/import-lines.ts';
import { appendEvent } from '#db/events/append-event.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readArtifactPart } from '#db/playbooks/artifacts.ts';
import { recordRun } from '#db/runs/record-run.ts';
import type { ActivityTools } from '../kit/tools.ts';

export type AssetImportActivities = ReturnType<typeof assetImportActivities>;
export type AssetRecordActivities = ReturnType<typeof assetRecordActivities>;
type Tools = Pick<ActivityTools, 'inTenant' | 'startRuns' | 'metrics'>;

/** Lines that one transaction keeps or does: few enough that it holds nobody back. */
const some = 500;

export const assetRecordActivities = ({ inTenant, startRuns, metrics }: Tools) => ({
  /** Repeatable: records are numbered by run. */
  async recordAssetRun(record: RunRecord, kind: string): Promise<RecordOutcome> {
    const { isEnded: wasEnded, admitted } = await inTenant(record.workspaceId, (tx) => recordRun(tx, record));
    startRuns(admitted);
    if (isEnded(record.status) && !wasEnded) metrics.runsEnded.inc({ kind, status: record.status });
    return { isEnded: wasEnded };
  },
});

/** The work of an import: read the file, do its lines in portions, relate what is there, or take it all back. */
export const assetImportActivities = ({ inTenant }: Pick<ActivityTools, 'inTenant'>) => {
  const must = async (tx: TenantTx, importId: string) => {
    const found = await findAssetImport(tx, importId, { lock: true });
    if (!found) throw new Error('The import is gone.');
    return found;
  };
  return {
    /** Repeatable: a line that is kept already stays. @returns what the file would do, or why it cannot be read */
    async readAssetFile({
      workspaceId,
      importId,
    }: ImportAssetsInput): Promise<{ counts: ImportCounts; refused: string | null }> {
      const { shown, artifactId } = await inTenant(workspaceId, (tx) => must(tx, importId));
      const parts: Buffer[] = [];
      for (;;) {
        const part =
          artifactId && (await inTenant(workspaceId, (tx) => readArtifactPart(tx, artifactId, parts.length)));
        if (!part) break;
        parts.push(part);
        heartbeat();
      }
      const types = await inTenant(workspaceId, listAssetTypes);
      const lines = readLines(Buffer.concat(parts).toString('utf8'), shown.format, types);
      if (!Array.isArray(lines)) return { counts: shown.counts, refused: lines.refused };
      refuseTwice(lines, shown.matchBy);
      const known = new Set(lines.flatMap(({ wanted, errors }) => (errors.length === 0 ? (wanted.key ?? []) : [])));
      for (let from = 0; from < lines.length; from += some) {
        const portion = lines.slice(from, from + some);
        await inTenant(workspaceId, (tx) => planLines(tx, importId, portion, { matchBy: shown.matchBy, known }));
        heartbeat();
      }
      const counts = await inTenant(workspaceId, async (tx) => {
        const all = await countImportRows(tx, importId);
        await moveImport(tx, importId, { status: 'ready', counts: all });
        return all;
      });
      return { counts, refused: null };
    },

    /**
     * Repeatable: a line that is done is marked in the transaction that did it.
     * @returns how many were looked at, 0 at the end; and how many are refused so far, where one is enough to take all back: the
     * attempt that refused one may have died before it could say so
     */
    applyAssetLines: ({
      workspaceId,
      runId,
      importId,
    }: ImportAssetsInput): Promise<{ done: number; refused: number }> =>
      inTenant(workspaceId, async (tx) => {
        const { shown } = await must(tx, importId);
        const outcome = await applyLines(tx, importId, { matchBy: shown.matchBy, runId, actor: shown.createdBy }, some);
        if (outcome.done > 0)
          await appendEvent(tx, {
            type: 'asset.many_changed',
            actor: shown.createdBy,
            data: { change: 'imported', count: outcome.done },
          });
        if (!shown.allOrNothing) return outcome;
        return { ...outcome, refused: (await countImportRows(tx, importId)).refuse };
      }),

    /** Repeatable: relations are made what the file says they are. */
    relateAssetLines: ({ workspaceId, importId }: ImportAssetsInput, after: number): Promise<number | null> =>
      inTenant(workspaceId, async (tx) => {
        const { shown } = await must(tx, importId);
        return relateLines(tx, importId, after, shown.createdBy);
      }),

    /** Repeatable: each change is taken back once. @returns whether all is taken back */
    undoAssetLines: ({ workspaceId, runId, importId }: ImportAssetsInput): Promise<boolean> =>
      inTenant(workspaceId, async (tx) => {
        const { shown } = await must(tx, importId);
        const outcome = await undoBatch(tx, importId, { actor: shown.createdBy, source: 'import', runId }, some);
        await markUndone(tx, importId, outcome?.kept.map(({ id }) => id) ?? []);
        if (!outcome || outcome.isDone) {
          await closeUndone(tx, importId);
          return true;
        }
        await appendEvent(tx, {
          type: 'asset.many_changed',
          actor: shown.createdBy,
          data: { change: 'undone', count: outcome.undone },
        });
        return false;
      }),

    /** How an import stands after its run. Repeatable. */
    closeAssetImport: (
      { workspaceId, importId }: ImportAssetsInput,
      status: 'ready' | 'applied' | 'undone' | 'failed',
      failure: { code: string; message: string } | null,
    ): Promise<ImportCounts> =>
      inTenant(workspaceId, async (tx) => {
        const counts = await countImportRows(tx, importId);
        await moveImport(tx, importId, { status, counts, failure, isEnded: status !== 'ready' });
        await appendEvent(tx, { type: 'asset.many_changed', data: { change: status, count: counts.applied } });
        return counts;
      }),
  };
};

/** The lines of a file, or why it is none. */
function readLines(
  text: string,
  format: 'csv' | 'json',
  types: ReadonlyArray<{ key: string; attributes: AttributeDef[] }>,
): FileLine[] | { refused: string } {
  const lines = format === 'json' ? readJsonFile(text) : readCsv(text, types);
  if (!Array.isArray(lines)) return lines;
  return lines.length > mostImported ? { refused: `it holds more than ${mostImported} lines.` } : lines;
}

function readCsv(
  text: string,
  types: ReadonlyArray<{ key: string; attributes: AttributeDef[] }>,
): FileLine[] | { refused: string } {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      relaxColumnCount: true,
      skipEmptyLines: true,
      info: true,
    }) as unknown as typeof records;
  } catch (error) {
    return { refused: error instanceof Error ? error.message : 'its quotes do not close.' };
  }
  const [header, ...rest] = records;
  if (!header) return { refused: 'it is empty.' };
  const columns = readHeader(header.record);
  if (!Array.isArray(columns)) return columns;
  const defs = new Map(types.map(({ key, attributes }) => [key, new Map(attributes.map((def) => [def.name, def]))]));
  const none: ReadonlyMap<string, AttributeDef> = new Map();
  return rest.map(({ record, info }) =>
    // The record's first line, as an editor shows it: quoted fields may hold line breaks.
    readCsvLine(
      info.lines - record.join('').split('\n').length + 1,
      columns,
      record,
      (type) => defs.get(type ?? '') ?? none,
    ),
  );
}

/** A second line for the same asset is refused: which of them is meant, nobody can know. */
function refuseTwice(lines: readonly FileLine[], matchBy: 'key' | 'name'): void {
  for (const field of new Set([matchBy, 'key'] as const)) {
    const first = new Map<string, number>();
    for (const { line, wanted, errors } of lines) {
      const value = wanted[field];
      if (value === undefined) continue;
      const other = first.get(value);
      if (other === undefined) first.set(value, line);
      else errors.push({ field, message: `Line ${other} already has this ${field}.` });
    }
  }
}
