import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** An id of a thing of ours: UUIDv7, so that ids sort by the time they were made. */
export const Id = z.uuid();
/** An instant, RFC 3339 in UTC. */
export const Instant = z.iso.datetime({ offset: true });
/** A span of time as people write it: `500ms 10s 5m 2h 1d`, also combined from large to small. */
export const DurationText = z.string().refine((text) => parseDuration(text) !== undefined, {
  message: 'A duration like 500ms, 10s, 5m, 2h, 1d or 1h30m.',
});
/** Any JSON value. It holds itself, so it has a name of its own in the OpenAPI, to which the reference leads. */
export const JsonValue: z.ZodType<Json> = z.json().register(z.globalRegistry, { id: 'JsonValue' }) as z.ZodType<Json>;
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** A JSON object. */
export const JsonObject = z.record(z.string(), JsonValue);
/** A name people give to a thing. */
export const Name = z.string().trim().min(1).max(120);
/** A label on servers and the like. */
export const Tag = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,62}$/, 'Letters, digits and _ . : / - (63 at most).');

/** `{id}` in a path. */
export const IdParams = z.object({ id: Id });
/** What each list takes: a page by an opaque cursor. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});
/** A list's answer: a page of things and the cursor of the next, null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    data: z.array(item),
    pagination: z.object({
      limit: z.number().int(),
      nextCursor: z.string().nullable(),
      total: z.number().int().optional(),
      totalIsCapped: z.boolean().optional(),
    }),
  });
/** A query flag: `true`, `1` or nothing after the name mean yes. */
export const QueryFlag = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((value) => value !== 'false' && value !== '0');
/** Several words in one query parameter, apart by commas. */
export const CommaList = z.string().transform((text) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean),
);

/** The answer to everything that starts a run. */
export const RunStarted = z.object({ runId: Id });
export type RunStarted = z.infer<typeof RunStarted>;

/** The shape of every error: `error` is the stable code, `details` points at fields. */
export const ApiError = z.object({
  error: z.string(),
  message: z.string(),
  statusCode: z.number().int(),
  details: z
    .union([
      z.array(z.looseObject({ path: z.string(), code: z.string(), message: z.string() })),
      z.record(z.string(), z.unknown()),
    ])
    .optional(),
  requestId: z.string(),
});
export type ApiError = z.infer<typeof ApiError>;

/** Who did it: a person, an API key, or the system itself. */
export const ActorRef = z.object({
  kind: z.enum(['user', 'key', 'system']),
  id: Id.nullable(),
  name: z.string(),
});
export type ActorRef = z.infer<typeof ActorRef>;
