import { z } from 'zod';
import { Id, JsonObject } from '../kit/schemas.ts';
import { AfterQuery } from '../queries/delivery.ts';
import { GivenValues } from '../queries/parameter-defs.ts';
import { TimeWindow } from '../queries/query-runs.ts';

/** A playbook that a schedule, webhook or run trigger starts. Without `version` the newest at that time. */
export const StartTarget = z.object({
  kind: z.literal('playbook'),
  id: Id,
  version: z.number().int().positive().nullish(),
});
export type StartTarget = z.infer<typeof StartTarget>;

export const PlaybookTarget = StartTarget.extend({ inputs: JsonObject.default({}) });
export type PlaybookTarget = z.infer<typeof PlaybookTarget>;

/** A saved query that a schedule starts. Relative dates are read at the time of the schedule, also when it is made up for. */
export const QueryTarget = z.object({
  kind: z.literal('query'),
  id: Id,
  /** The newest at that time where absent. */
  version: z.number().int().positive().nullish(),
  /** Values by name; what has a default may be absent. */
  parameters: GivenValues.default({}),
  timeWindow: TimeWindow.nullish(),
  /** Instead of the connection and unit that the query was saved with. */
  connectionId: Id.nullish(),
  unit: z.string().min(1).max(100).nullish(),
  /** Where its rows go, and who hears of it. */
  after: AfterQuery.nullish(),
});
export type QueryTarget = z.infer<typeof QueryTarget>;

/** What a schedule starts. */
export const ScheduleTarget = z.discriminatedUnion('kind', [PlaybookTarget, QueryTarget]);
export type ScheduleTarget = z.infer<typeof ScheduleTarget>;

const named = { name: z.string().nullable() };
/** The same with its name; null where it is not there any more. */
export const NamedTarget = z.discriminatedUnion('kind', [PlaybookTarget.extend(named), QueryTarget.extend(named)]);
export type NamedTarget = z.infer<typeof NamedTarget>;
