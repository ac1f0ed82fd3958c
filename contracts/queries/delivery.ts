import { z } from 'zod';
import { Id, Instant } from '../kit/schemas.ts';
import { exportFormatNames } from './export-formats.ts';
import { QueryFailureFacts } from './failures.ts';
import { sftpPathFault } from './sftp-path.ts';

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

/**
 * As a file on an SFTP host. It is written beside its place as `.part` and renamed after its last byte, so that it appears
 * whole or not at all; the same run writes the same name.
 */
export const SftpDelivery = z.object({
  kind: z.literal('sftp'),
  host: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[\p{L}\p{N}._:-]+$/u, 'A host’s name or address.'),
  port: z.int().min(1).max(65_535).default(22),
  /** Of the credentials room: who signs in. */
  credentialId: Id,
  /** The key that the host must show: there is no first use here that could be trusted unseen. */
  fingerprint: z
    .string()
    .trim()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'A fingerprint like SHA256:…'),
  /** `{date}`, `{time}` (of the schedule, in its zone) and `{run}` are filled in. */
  path: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .superRefine((path, context) => {
      const fault = sftpPathFault(path);
      if (fault) context.addIssue({ code: 'custom', message: fault });
    }),
  format,
});

export const targetModes = ['overwrite', 'append', 'update'] as const;
export type TargetMode = (typeof targetModes)[number];

/** How many rows may go into a target. Outside of it nothing is written. */
export const RowGuard = z
  .object({
    atLeast: z.int().min(0).max(100_000_000).default(1),
    atMost: z.int().min(1).max(100_000_000).default(1_000_000),
    /** How far the count may lie from what this schedule wrote there last, in percent; null: however far. */
    withinPercent: z.int().min(1).max(1_000).nullish(),
  })
  .refine(({ atLeast, atMost }) => atLeast <= atMost, {
    message: 'The least may not be above the most.',
    path: ['atLeast'],
  });
export type RowGuard = z.infer<typeof RowGuard>;

/**
 * Into a data extension of the connection and unit that the query runs on: the service copies the rows itself, by way of a
 * copy that has the target's own fields, so that what the target would refuse is found before it is touched.
 */
export const DataExtensionDelivery = z.object({
  kind: z.literal('data_extension'),
  /** The external key of the data extension. */
  key: z.string().trim().min(1).max(200),
  mode: z.enum(targetModes).default('overwrite'),
  guard: RowGuard.prefault({}),
});

/** Where the rows of a run go once it has succeeded. They pass through: nothing of them is kept. */
export const QueryDelivery = z.discriminatedUnion('kind', [
  MailDelivery,
  WebhookDelivery,
  SftpDelivery,
  DataExtensionDelivery,
]);
/** Those that are a file on its way through us. */
export type FileDelivery = Exclude<QueryDelivery, { kind: 'data_extension' }>;
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
  /** So many percent more or fewer rows than the run of this schedule before that had rows. */
  z.object({ on: z.literal('change'), byPercent: z.int().min(1).max(1_000) }),
  /** A run that failed, or a time that came and started none. */
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
  kind: z.enum(['mail', 'webhook', 'sftp', 'data_extension']),
  /** Mail addresses, a channel, a host with a path, a data extension. */
  target: z.string(),
  /**
   * `linked`: the file was larger than a letter may be, so the letter leads to the run · `held`: a check before the first
   * row stopped it, and nothing was written.
   */
  state: z.enum(['delivering', 'delivered', 'linked', 'held', 'failed']),
  rows: z.int().nullable(),
  bytes: z.int().nullable(),
  attempts: z.int(),
  endedAt: Instant.nullable(),
  failure: QueryFailureFacts.pick({ code: true, message: true, hint: true }).nullable(),
});
export type DeliveryOutcome = z.infer<typeof DeliveryOutcome>;

/** Why so many rows may not go into a target, as a sentence; null where they may. `lastRows`: what was written there last. */
export function guardRefusal(
  { atLeast, atMost, withinPercent }: RowGuard,
  { rows, lastRows }: { rows: number; lastRows: number | null },
): string | null {
  if (rows < atLeast) return `The result has ${rows} rows, and at least ${atLeast} are wanted.`;
  if (rows > atMost) return `The result has ${rows} rows, and at most ${atMost} are allowed.`;
  if (withinPercent != null && lastRows !== null && changePercent(rows, lastRows) > withinPercent)
    return `The result has ${rows} rows where ${lastRows} were written last: more than ${withinPercent} % away.`;
  return null;
}

/** How far a count is from the one before, in percent of that. From nothing to something is without bound. */
const changePercent = (rows: number, before: number): number =>
  before === 0 ? (rows === 0 ? 0 : Number.POSITIVE_INFINITY) : (Math.abs(rows - before) / before) * 100;

/**
 * Does an alert speak of this result?
 * @param firstRow the cells of the first row by column name; read only where `value` is asked for
 * @param lastRows the count of the run before; null where there was none
 */
export function meetsAlert(
  when: AlertCondition,
  {
    rowCount,
    firstRow,
    lastRows = null,
  }: {
    rowCount: number | null;
    firstRow?: Readonly<Record<string, string | null>> | undefined;
    lastRows?: number | null;
  },
): boolean {
  switch (when.on) {
    case 'rows':
      return rowCount !== null && compares(rowCount, when.is, when.count);
    case 'no_rows':
      return rowCount === 0;
    case 'change':
      return rowCount !== null && lastRows !== null && changePercent(rowCount, lastRows) >= when.byPercent;
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
