import { z } from 'zod';
import { Id, Instant } from '../kit/schemas.ts';
import { exportFormatNames } from './export-formats.ts';
import { QueryFailureFacts } from './failures.ts';

/** Attachments above this are sent as a link, whatever a delivery asks for: few mail servers take more. */
export const largestAttachmentBytes = 20 * 1_048_576;
const MB = 1_048_576;
/** Up to here the signature of a body stands before it, among the headers. */
export const largestSignedAhead = 4 * MB;

const format = z.enum(exportFormatNames).default('csv');

/** By mail: the file itself up to `attachUpToBytes`, above that a link to the run, whose rows are read from the service. */
export const MailDelivery = z.object({
  kind: z.literal('mail'),
  recipients: z.array(z.email()).min(1).max(50),
  format,
  attachUpToBytes: z
    .int()
    .min(0)
    .max(largestAttachmentBytes)
    .default(5 * MB),
});

/**
 * The rows as the body of a POST to a channel of the kind webhook, signed as its messages are. A body above
 * `largestSignedAhead` is streamed in chunks, and its signature follows as a trailer.
 */
export const WebhookDelivery = z.object({
  kind: z.literal('webhook'),
  channelId: Id,
  format: format.default('ndjson'),
});

/** Where the rows of a run go once it has succeeded. They pass through: nothing of them is kept. */
export const QueryDelivery = z.discriminatedUnion('kind', [MailDelivery, WebhookDelivery]);
export type QueryDelivery = z.infer<typeof QueryDelivery>;
export type DeliveryKind = QueryDelivery['kind'];

const Comparison = z.enum(['above', 'below', 'equal', 'not_equal']);

/** When a channel hears of a run. `value` looks at the named column of the first row. */
export const AlertCondition = z.discriminatedUnion('on', [
  z.object({ on: z.literal('rows'), is: Comparison, count: z.int().min(0) }),
  z.object({ on: z.literal('no_rows') }),
  z.object({
    on: z.literal('value'),
    column: z.string().min(1).max(200),
    is: Comparison,
    value: z.union([z.number(), z.string().max(500)]),
  }),
  z.object({ on: z.literal('failure') }),
  /** Not ended so long after its time. */
  z.object({ on: z.literal('late'), afterMs: z.int().min(60_000).max(86_400_000) }),
]);
export type AlertCondition = z.infer<typeof AlertCondition>;
export const QueryAlert = z.object({ channelId: Id, when: AlertCondition });
export type QueryAlert = z.infer<typeof QueryAlert>;

/** What a schedule does with a run of its query once it has ended. */
export const AfterQuery = z.object({
  deliveries: z.array(QueryDelivery).max(10).default([]),
  alerts: z.array(QueryAlert).max(20).default([]),
});
export type AfterQuery = z.infer<typeof AfterQuery>;

/** How one delivery went: counts alone, never rows. */
export const DeliveryOutcome = z.object({
  /** Its place among the deliveries of the schedule. */
  index: z.int().min(0),
  kind: z.enum(['mail', 'webhook']),
  /** Mail addresses, or a channel with its host. */
  target: z.string(),
  /** `linked`: the file was larger than a letter may be, so the letter leads to the run. */
  state: z.enum(['delivering', 'delivered', 'linked', 'failed']),
  rows: z.int().nullable(),
  bytes: z.int().nullable(),
  attempts: z.int(),
  endedAt: Instant.nullable(),
  failure: QueryFailureFacts.pick({ code: true, message: true, hint: true }).nullable(),
});
export type DeliveryOutcome = z.infer<typeof DeliveryOutcome>;

/**
 * Does an alert speak of this result?
 * @param firstRow the cells of the first row by column name; read only where `value` is asked for
 */
export function meetsAlert(
  when: AlertCondition,
  { rowCount, firstRow }: { rowCount: number | null; firstRow?: Readonly<Record<string, string | null>> | undefined },
): boolean {
  switch (when.on) {
    case 'rows':
      return rowCount !== null && compares(rowCount, when.is, when.count);
    case 'no_rows':
      return rowCount === 0;
    case 'value': {
      const cell = firstRow?.[when.column];
      if (cell === undefined || cell === null) return false;
      const number = cell.trim() === '' ? Number.NaN : Number(cell);
      return typeof when.value === 'number'
        ? !Number.isNaN(number) && compares(number, when.is, when.value)
        : compares(cell, when.is, when.value);
    }
    default:
      return false; // told by how and when the run ends, not by its rows
  }
}

function compares<T extends number | string>(found: T, is: z.infer<typeof Comparison>, asked: T): boolean {
  switch (is) {
    case 'above':
      return found > asked;
    case 'below':
      return found < asked;
    case 'equal':
      return found === asked;
    case 'not_equal':
      return found !== asked;
  }
}
