import { z } from 'zod';
import { GivenValues, ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { KeepQueryTab, QueryTab } from '#contracts/queries/saved-queries.ts';

/** As the contract's; that module holds routes as well, which no page needs. */
const TimeWindow = z.object({ from: z.string(), to: z.string(), timeZone: z.string() });

/** A tab as this browser has it: what the server keeps of it, and the revision it was typed upon. */
export const OpenTab = z.object({
  id: z.string(),
  title: z.string(),
  sql: z.string(),
  parameters: GivenValues,
  parameterDefs: z.array(ParameterDef),
  connectionId: z.string().nullable(),
  unit: z.string().nullable(),
  timeWindow: TimeWindow.nullable(),
  queryId: z.string().nullable(),
  queryVersion: z.number().nullable(),
  /** Of tabs that an earlier version of this page kept, nothing is known. */
  forkedFrom: z.object({ id: z.string(), version: z.number() }).nullable().default(null),
  runId: z.string().nullable(),
  cursor: z.object({ from: z.number(), to: z.number() }).nullable(),
  position: z.number(),
  /** The revision at the server that this was typed upon; 0 while the server knows nothing of it. */
  base: z.number(),
  /** Something here has not reached the server. */
  isUnsent: z.boolean(),
});
export type OpenTab = z.infer<typeof OpenTab>;
export type TabChange = Partial<Omit<OpenTab, 'id' | 'base' | 'isUnsent'>>;

/** What a tab begins with. */
export const emptyTab = (id: string, position: number, given: TabChange = {}): OpenTab => ({
  id,
  title: 'New query',
  sql: '',
  parameters: {},
  parameterDefs: [],
  connectionId: null,
  unit: null,
  timeWindow: null,
  queryId: null,
  queryVersion: null,
  forkedFrom: null,
  runId: null,
  cursor: null,
  position,
  base: 0,
  isUnsent: true,
  ...given,
});

/** What the server keeps, as a tab of this browser. */
export function tabOf(kept: QueryTab): OpenTab {
  const window = TimeWindow.safeParse(kept.timeWindow);
  const parameters = GivenValues.safeParse(kept.parameters);
  const { revision, updatedAt: _, ...rest } = kept;
  return {
    ...rest,
    parameters: parameters.success ? parameters.data : {},
    timeWindow: window.success ? window.data : null,
    base: revision,
    isUnsent: false,
  };
}

/** What is sent to be kept. */
export function keptOf({ id: _id, isUnsent: _unsent, ...tab }: OpenTab): KeepQueryTab {
  return tab;
}
