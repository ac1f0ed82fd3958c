import { ApplicationFailure, Context } from '@temporalio/activity';
import { aboutRun, plainFileName } from '#connectors/export/about-run.ts';
import { exportRows, takesRawCsv } from '#connectors/export/export-rows.ts';
import { openSource } from '#connectors/export/open-source.ts';
import { ExportBroken } from '#connectors/export/source.ts';
import { fullJitterMs } from '#connectors/http/retry.ts';
import { DeliveryFailure } from '#connectors/notifications/deliver.ts';
import type { DeliveryOutcome, FileDelivery, QueryDelivery } from '#contracts/queries/delivery.ts';
import type { RunRef } from '#contracts/queries/engine.ts';
import { exportFormats } from '#contracts/queries/export-formats.ts';
import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { findChannel } from '#db/notifications/channels.ts';
import { lastWritten } from '#db/queries/earlier-runs.ts';
import { noteQueryRef } from '#db/queries/move-query-run.ts';
import { type EngineParts, type EngineTools, engineWork, kept, wholeResult } from './engine-work.ts';
import { DeliveryHeld, fillTarget } from './fill-target.ts';
import { mailRows, type MailTools } from './mail-rows.ts';
import { postRows, type PostTools } from './post-rows.ts';
import { putRows, type PutTools } from './put-rows.ts';

export type DeliveryActivities = ReturnType<typeof deliveryActivities>;
export interface DeliveryTools extends EngineTools, MailTools, PostTools, PutTools {}

/** A whole result as a file that is made while it is read. */
export interface OpenFile {
  readonly name: string;
  readonly mime: string;
  readonly stream: NodeJS.ReadableStream & AsyncIterable<Buffer>;
}
/** One delivery on its way; what its target is told, and what makes it the same when it is sent again. */
export interface Sending<T extends FileDelivery> {
  readonly input: RunQueryInput;
  readonly delivery: T;
  /** When the run began: the same at each attempt. */
  readonly begunAt: Date;
  readonly key: string;
  readonly title: string;
  readonly rowCount: number | null;
  readonly open: () => Promise<OpenFile>;
  readonly signal: AbortSignal;
}
/** What came of it. */
export interface Sent {
  readonly state: 'delivered' | 'linked';
  readonly bytes: number | null;
}

const backoff = { baseMs: 2_000, capMs: 300_000 };

/**
 * Takes the rows of a run to where its schedule wants them, page by page from the service. Of what passes, counts are kept
 * and nothing else.
 */
export const deliveryActivities = (tools: DeliveryTools) => {
  const { tenant, move, withEngine } = engineWork(tools);

  /** The rows as a file that passes through us. */
  const send = async (
    input: RunQueryInput,
    parts: EngineParts,
    { delivery, index, signal }: { delivery: FileDelivery; index: number; signal: AbortSignal },
  ): Promise<Sent & { rows: number | null }> => {
    const { run } = parts;
    let rows: number | null = run.rowCount;
    const sending = {
      input,
      begunAt: run.startedAt ?? new Date(),
      key: `${run.runId}/delivery/${index}`,
      title: run.title,
      rowCount: run.rowCount,
      signal: parts.signal,
      open: async () => {
        const { file, rowsRead } = await openFile(parts, delivery.format, signal);
        file.stream.once('end', () => (rows = rowsRead() ?? rows));
        return file;
      },
    };
    const sent = await (delivery.kind === 'mail'
      ? mailRows(tools, { ...sending, delivery })
      : delivery.kind === 'sftp'
        ? putRows(tools, { ...sending, delivery })
        : postRows(tools, { ...sending, delivery }));
    return { ...sent, rows };
  };

  /** The rows into a table of the service, which copies them itself. */
  const fill = async (
    input: RunQueryInput,
    parts: EngineParts,
    given: Pick<Parameters<typeof fillTarget>[1], 'delivery' | 'index'>,
  ): Promise<Sent & { rows: number | null }> => {
    const lastRows = await tenant(input, (tx) => lastWritten(tx, input.runId, given.delivery.key));
    const note = (ref: RunRef): Promise<void> => tenant(input, (tx) => noteQueryRef(tx, input, ref));
    const { rows } = await fillTarget(parts, { ...given, lastRows, note });
    return { state: 'delivered', bytes: null, rows };
  };

  return {
    /**
     * Repeatable as far as the target allows: what is on record as delivered is not sent again, and what may have arrived
     * carries the same mark (Message-ID, Idempotency-Key).
     */
    deliverRows: ({ index, ...input }: RunQueryInput & { index: number }): Promise<DeliveryOutcome> =>
      withEngine(
        input,
        async (parts) => {
          const { run, signal } = parts;
          const delivery = run.after?.deliveries[index];
          if (!delivery) throw new Error('The run has no such delivery.');
          const known = run.deliveries.find((one) => one.index === index);
          if (known?.state === 'delivered' || known?.state === 'linked') return known;
          const { attempt } = Context.current().info;
          const begun: DeliveryOutcome = {
            index,
            kind: delivery.kind,
            target: await tenant(input, (tx) => targetOf(tx, delivery)),
            state: 'delivering',
            rows: null,
            bytes: null,
            attempts: attempt,
            endedAt: null,
            failure: null,
          };
          await move(input, { delivery: begun });
          const stop = new AbortController();
          try {
            const sent =
              delivery.kind === 'data_extension'
                ? await fill(input, parts, { delivery, index })
                : await send(input, parts, { delivery, index, signal: AbortSignal.any([signal, stop.signal]) });
            const outcome: DeliveryOutcome = { ...begun, ...sent, endedAt: new Date().toISOString() };
            await move(input, { delivery: outcome });
            return outcome;
          } catch (error) {
            const told = deliveryFacts(error);
            if (!told || signal.aborted) throw error;
            const facts = kept(told, run, 'delivering');
            const { code, message, hint } = facts;
            const endedAt = new Date().toISOString();
            const state = error instanceof DeliveryHeld ? 'held' : 'failed';
            await move(input, { delivery: { ...begun, state, endedAt, failure: { code, message, hint } } });
            // The service's failures are told by their kind, as everywhere.
            if (error instanceof QueryFailure) throw error;
            throw ApplicationFailure.create({
              type: 'query.delivery_failed',
              message,
              details: [facts],
              nonRetryable: !facts.retryable,
              ...(facts.retryable && {
                nextRetryDelay: Math.max(facts.retryAfterMs ?? 0, fullJitterMs(attempt, backoff)),
              }),
            });
          } finally {
            stop.abort(); // a file that was not read to its end holds a transaction open
          }
        },
        'delivering',
      ),
  };
};

/** Where it goes, as people may read it. */
async function targetOf(tx: TenantTx, delivery: QueryDelivery): Promise<string> {
  switch (delivery.kind) {
    case 'mail':
      return delivery.recipients.join(', ');
    case 'webhook':
      return (await findChannel(tx, { id: delivery.channelId }))?.name ?? 'a channel that was removed';
    case 'sftp':
      return `${delivery.host}:${delivery.path}`;
    case 'data_extension':
      return delivery.key;
  }
}

/** The result as a file, in the format asked for. */
async function openFile(
  parts: EngineParts,
  format: FileDelivery['format'],
  signal: AbortSignal,
): Promise<{ file: OpenFile; rowsRead: () => number | null }> {
  const { run } = parts;
  const { columns, source } = await openSource(wholeResult(parts, signal), takesRawCsv(format));
  const about = aboutRun(run);
  const { stream, summary } = exportRows({ format, columns, source, about });
  const { mime, extension } = exportFormats[format];
  return {
    file: { name: `${plainFileName(run.title)} ${about.executedAt.slice(0, 10)}.${extension}`, mime, stream },
    rowsRead: () => summary()?.rows ?? null,
  };
}

/** What went wrong on the way, in the words of all failures; null for a fault of this code. */
function deliveryFacts(error: unknown): QueryFailureFacts | null {
  if (error instanceof QueryFailure) return error.facts;
  const of = (code: string, message: string, hint: string, retryable: boolean, retryAfterMs: number | null = null) =>
    ({ kind: retryable ? 'network' : 'provider', code, message, hint, retryable, retryAfterMs, mayHaveActed: true, status: null, position: null }) as const; // prettier-ignore
  if (error instanceof DeliveryFailure)
    return of(
      error.code,
      error.message,
      error instanceof DeliveryHeld
        ? 'Look at the rows, then mend the query or the delivery in its schedule.'
        : error.isForGood
          ? 'Mend the delivery in its schedule.'
          : 'It is tried again; see to the receiver.',
      !error.isForGood,
      error.retryAfterMs,
    );
  if (error instanceof ExportBroken)
    return of(
      error.code,
      error.message,
      'Take another format, or ask for less.',
      error.code === 'export.count_differs',
    );
  return null;
}
