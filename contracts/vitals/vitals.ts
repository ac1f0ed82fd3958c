import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { consolePageList } from './console-pages.ts';
import { vitalNames } from './spread.ts';

/** Days for which figures are kept. */
export const vitalsKeptDays = 28;

/** One figure that a browser measured. A page's template, never an address: no id of anything is kept. */
export const VitalSample = z.object({
  name: z.enum(vitalNames),
  page: z.enum(consolePageList),
  /** Milliseconds; for `CLS` its score. */
  value: z.number().min(0).max(1e7),
});
export type VitalSample = z.infer<typeof VitalSample>;

const Count = z.number().int().min(0);
export const VitalSpread = z.object({
  count: Count,
  p50: z.number(),
  p75: z.number(),
  p95: z.number(),
  good: Count,
  fair: Count,
  poor: Count,
});
/** By the vital's name; one that no browser has measured is absent. */
export const VitalSpreads = z.partialRecord(z.enum(vitalNames), VitalSpread);
export type VitalSpreads = z.infer<typeof VitalSpreads>;

export const ConsoleVitals = z.object({
  days: z.number().int(),
  /** Over all pages. */
  all: VitalSpreads,
  pages: z.array(z.object({ page: z.enum(consolePageList), vitals: VitalSpreads })),
});
export type ConsoleVitals = z.infer<typeof ConsoleVitals>;

export const vitalRoutes = defineRoutes({
  reportVitals: {
    method: 'POST',
    path: '/vitals',
    access: 'member',
    summary: 'Count what the console measured of its own speed',
    body: z.object({ samples: z.array(VitalSample).min(1).max(100) }),
    bodyLimit: 32_768,
    status: 204,
  },
  readVitals: {
    method: 'GET',
    path: '/vitals',
    access: 'settings:manage',
    summary: 'How fast the console is in people’s browsers, by page',
    query: z.object({ days: z.coerce.number().int().min(1).max(vitalsKeptDays).default(7) }),
    response: ConsoleVitals,
  },
});
