import { z } from 'zod';
import { AmcParameter } from './parameters.ts';

const wall = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
const timeZone = z.string().min(1).max(64).default('UTC');
/** Which time a query covers (AMC §4.3). Times are those on the clocks of the zone. */
export const AmcTimeWindow = z.discriminatedUnion('type', [
  z.object({ type: z.literal('EXPLICIT'), start: wall, end: wall, timeZone }),
  z.object({
    type: z.enum(['MOST_RECENT_DAY', 'MOST_RECENT_WEEK', 'CURRENT_MONTH', 'PREVIOUS_MONTH', 'ALL']),
    timeZone,
  }),
]);
export type AmcTimeWindow = z.infer<typeof AmcTimeWindow>;

/** What only AMC understands of a query: the `options` of its text. */
export const AmcQueryOptions = z.object({
  timeWindow: AmcTimeWindow.default({ type: 'MOST_RECENT_DAY', timeZone: 'UTC' }),
  /** Types of the `{{ name }}`; of one that is not here the type follows from its value. */
  parameters: z.array(AmcParameter).max(100).default([]),
  /** Rows too thin to show are left out, or summed into flagged rows without what is too thin, so that totals stay right. */
  hidden: z.enum(['summed', 'left_out']).default('summed'),
  timeoutSeconds: z.int().min(900).max(86_400).default(21_600),
  /** Ids of advertisers; none: all of the instance. */
  advertisers: z.array(z.string().max(100)).max(2_000).default([]),
  /** No copy of the result into the instance's own bucket. */
  skipPublish: z.boolean().default(true),
  /** Sandbox only: shows every row. */
  disableAggregationControls: z.boolean().default(false),
});
export type AmcQueryOptions = z.infer<typeof AmcQueryOptions>;
