import { randomUUID } from 'node:crypto';
import { type ExportFormat, exportFormatNames } from '#contracts/queries/export-formats.ts';
import type { PhaseName } from '#contracts/queries/phases.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import type { EndedStatus } from '#contracts/runs/status.ts';
import type { Client } from '../kit/client.ts';
import type { EverydayCommand } from '../kit/command.ts';
import { download, exportOpener } from '../kit/download.ts';
import { type Exit, Interrupted, UsageError, describeError, exitOf, exits } from '../kit/exits.ts';
import { readText } from '../kit/files.ts';
import { idByName } from '../kit/find-by-name.ts';
import { type Scanned, pairOf, valueOf, valuesOf } from '../kit/scan-arguments.ts';
import { onInterrupt, openClient, untilInterrupted } from '../kit/session.ts';
import { isTerminal, note } from '../kit/terminal.ts';
import { exitOfEnd, placeWords, watchUntilEnd } from '../kit/watch-run.ts';

/** What `startQueryRun` takes of the command line. */
interface Asked {
  readonly connectionId: string;
  readonly unit?: string | undefined;
  readonly sql: string;
  readonly parameters: Record<string, string | string[]>;
  readonly queryId?: string;
  readonly queryVersion?: number;
  readonly title?: string | undefined;
}

/** `name=value` each; a name that comes again makes a list. */
function readParameters(pairs: readonly string[]): Record<string, string | string[]> {
  const parameters: Record<string, string | string[]> = {};
  for (const pair of pairs) {
    const [name, value] = pairOf('param', pair);
    const known = parameters[name];
    parameters[name] = known === undefined ? value : [known, value].flat();
  }
  return parameters;
}

/** The one text that is to run. @throws UsageError */
function textChoice({ words, ...scanned }: Scanned): { saved: string } | { read: () => Promise<string> } {
  const [typed] = words;
  const file = valueOf({ words, ...scanned }, 'file');
  const saved = valueOf({ words, ...scanned }, 'saved');
  if ([typed, file, saved].filter((each) => each !== undefined).length !== 1)
    throw new UsageError('Give one text: SQL, --file PATH (- for standard input), or --saved NAME.');
  if (saved !== undefined) return { saved };
  const path = file ?? (typed === '-' ? '-' : undefined);
  return { read: async () => (path === undefined ? (typed ?? '') : readText(path)) };
}

function formatOf(scanned: Scanned): ExportFormat {
  const named = valueOf(scanned, 'format');
  const out = valueOf(scanned, 'out');
  const format = exportFormatNames.find((each) => (named === undefined ? out?.endsWith(`.${each}`) : each === named));
  if (named !== undefined && !format) throw new UsageError(`--format is one of ${exportFormatNames.join(', ')}.`);
  if ((format === 'xlsx' || format === 'parquet') && out === undefined && isTerminal())
    throw new UsageError(`${format} is not for a terminal: --out FILE.`);
  return format ?? 'csv';
}

async function prepare(client: Client, scanned: Scanned): Promise<Asked> {
  const choice = textChoice(scanned);
  const connection = valueOf(scanned, 'connection');
  if (connection === undefined && !('saved' in choice)) throw new UsageError('--connection is missing.');
  const parameters = readParameters(valuesOf(scanned, 'param'));
  const text = 'saved' in choice ? undefined : await choice.read();
  if (text?.trim() === '') throw new UsageError('The text is empty.');
  const wanted =
    connection && (await idByName('connection', connection, (query) => client.call('listConnections', { query })));
  const unit = valueOf(scanned, 'unit');
  const title = valueOf(scanned, 'title');
  if (!('saved' in choice)) return { connectionId: wanted ?? '', unit, sql: text ?? '', parameters, title };
  const id = await idByName('saved query', choice.saved, (query) => client.call('listQueries', { query }));
  const { body, version, name } = await client.call('getQuery', { params: { id } });
  const connectionId = wanted ?? body.connectionId;
  if (!connectionId) throw new UsageError(`${name} is of no connection: --connection NAME.`);
  return {
    connectionId,
    // A unit of another connection would be none of this one.
    unit: unit ?? (connectionId === body.connectionId ? (body.unit ?? undefined) : undefined),
    sql: body.sql,
    parameters,
    queryId: id,
    queryVersion: version,
    title: title ?? name,
  };
}

const phaseWords: Partial<Record<PhaseName, string>> = {
  validating: 'running: is checked',
  starting: 'running: is handed to the service',
  remote_queued: 'running: waits at the service',
  running: 'running at the service',
  delivering: 'running: is delivered',
};
const words = (run: QueryRunDetail): string => {
  if (run.status === 'queued' && run.queuePlace !== null) return `queued, place ${run.queuePlace}`;
  if (run.status === 'running') return phaseWords[run.phase] ?? 'running';
  if (run.status === 'succeeded') return `ready${run.rowCount === null ? '' : `: ${run.rowCount} rows`}`;
  return placeWords(run);
};

/**
 * Starts the run and looks at it until it has ended. An interrupt asks to cancel it and waits for what that comes to: a
 * start whose answer is still on its way is waited for first, so that nothing is left running that nobody knows of.
 */
async function runToEnd(
  client: Client,
  asked: Asked,
): Promise<{ run: QueryRunDetail & { status: EndedStatus }; wasStopped: boolean }> {
  let runId: string | undefined;
  let wasStopped = false;
  let canceling: Promise<void> | undefined;
  const giveUp = new AbortController();
  const cancel = async (id: string): Promise<void> => {
    try {
      await client.call('cancelRun', { params: { id }, body: { reason: 'Interrupted at the command line' } });
      note(`Asked to cancel ${id}.`);
    } catch (error) {
      note(`It could not be canceled and goes on: ${id}`);
      note(describeError(error));
      giveUp.abort(error);
    }
  };
  const release = onInterrupt(() => {
    wasStopped = true;
    if (runId !== undefined) canceling ??= cancel(runId);
  });
  try {
    ({ runId } = await client.call('startQueryRun', { body: asked, idempotencyKey: randomUUID() }));
    const id = runId;
    note(`run ${id}`);
    if (wasStopped) canceling ??= cancel(id);
    const look = (): Promise<QueryRunDetail> => client.call('getQueryRun', { params: { id }, signal: giveUp.signal });
    const run = await watchUntilEnd(look, words, giveUp.signal);
    return { run, wasStopped };
  } catch (error) {
    throw giveUp.signal.aborted ? new Interrupted('Interrupted; the run goes on.') : error;
  } finally {
    await canceling;
    release();
  }
}

export const query: EverydayCommand = {
  name: 'query',
  summary: 'Run a query and write its whole result',
  usage: '--connection NAME [SQL | --file PATH | --saved NAME] [--param NAME=VALUE …] [--format F] [--out FILE]',
  mostWords: 1,
  options: [
    { name: 'connection', about: 'name or id; a saved query has one of its own' },
    { name: 'unit', about: 'business unit or instance, by its id at the service' },
    { name: 'file', about: 'the text of a file, - for standard input' },
    { name: 'saved', about: 'a saved query, by name or id' },
    { name: 'param', isMany: true, about: 'NAME=VALUE of a placeholder; again for a list; dates may be relative' },
    { name: 'format', about: `${exportFormatNames.join(', ')}; by --out’s ending, else csv` },
    { name: 'out', about: 'the file to write once all has come and its checksum is right; else standard output' },
    { name: 'title', about: 'what lists call the run' },
  ],
  more: 'States go to standard error. An interrupt asks the service to cancel, and says what that stopped.',
  run: async (scanned, env): Promise<Exit> => {
    const format = formatOf(scanned);
    const client = openClient(scanned, env);
    const asked = await prepare(client, scanned);
    const { run, wasStopped } = await runToEnd(client, asked);
    if (run.failure && run.status !== 'canceled') note(describeFailure(run));
    if (run.note) note(run.note);
    if (run.status !== 'succeeded') return exitOfEnd(run.status);
    if (wasStopped) {
      note(
        `It had ended before it could be canceled: windlass export-query-rows ${run.runId} gives its rows while the service has them.`,
      );
      return exits.canceled;
    }
    try {
      await untilInterrupted(async (signal) => {
        const open = exportOpener(client, { params: { id: run.runId }, query: { format }, signal });
        const bytes = await download(await open(0), valueOf(scanned, 'out'), open);
        note(`${bytes} bytes of ${format}${valueOf(scanned, 'out') ? ` in ${valueOf(scanned, 'out')}` : ''}`);
      });
    } catch (error) {
      note(describeError(error));
      // What the service still makes for a reader that has gone, the server stops.
      note(
        `The run itself has succeeded: windlass export-query-rows ${run.runId} reads its rows anew, windlass close-query-run ${run.runId} lets them go.`,
      );
      return exitOf(error);
    }
    return exits.succeeded;
  },
};

const describeFailure = ({ failure, status }: QueryRunDetail): string =>
  failure ? `${failure.code}: ${failure.message}` : status;
