import { z } from 'zod';
import { sensitivities } from './sensitivity.ts';

/** A column as the editor, the privacy lens and the describing answer know it. */
export const AmcColumn = z.object({
  name: z.string(),
  /** The service's word: STRING, LONG, DECIMAL, DATE, TIMESTAMP, BOOLEAN, ARRAY … or null where it does not tell. */
  dataType: z.string().nullable(),
  kind: z.enum(['METRIC', 'DIMENSION']),
  /** Null where the service does not tell; `sensitivityOf` then assumes what its documents say. */
  sensitivity: z.enum(sensitivities).nullable(),
  description: z.string(),
});
export type AmcColumn = z.infer<typeof AmcColumn>;

export const AmcTag = z.object({ type: z.string(), title: z.string(), description: z.string() });
export const AmcTable = z.object({
  name: z.string(),
  description: z.string(),
  owner: z.string(),
  isPremium: z.boolean(),
  tags: z.array(AmcTag),
  columns: z.array(AmcColumn),
});
export type AmcTable = z.infer<typeof AmcTable>;

/** The tables of one instance by lower-case name. */
export type AmcCatalog = ReadonlyMap<string, AmcTable>;
export const catalogOf = (tables: readonly AmcTable[]): AmcCatalog =>
  new Map(tables.map((table) => [table.name.toLowerCase(), table]));

/** What a column's sensitivity is, or by the documents would be: a person's id VERY_HIGH, a metric NONE, a dimension LOW. */
export const sensitivityOf = ({ name, kind, sensitivity }: AmcColumn) =>
  sensitivity ?? (name.toLowerCase() === 'user_id' ? 'VERY_HIGH' : kind === 'METRIC' ? 'NONE' : 'LOW');

/** Audience queries read these tables alone (AMC §4.6). The retail table drops its last letter. */
export const isAudienceTable = (name: string): boolean => /_for_audiences$/i.test(name);
