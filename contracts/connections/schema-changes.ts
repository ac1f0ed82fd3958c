import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { objectTags } from '../queries/object-tags.ts';
import { Id, IdParams, Instant, PageQuery, pageOf } from '../kit/schemas.ts';

/** What a reading of a schema found other than the one before, of one object. */
export const SchemaChange = z.object({
  id: Id,
  at: Instant,
  /** The reading that saw it; runs say by which one they went. */
  version: z.number().int(),
  objectId: z.string(),
  name: z.string(),
  what: z.enum(['added', 'removed', 'changed']),
  /** Of an object that changed: its columns, as far as they were known before. */
  columns: z
    .object({
      added: z.array(z.string()),
      removed: z.array(z.string()),
      /** With another type, length, key or requirement than before: as it was and as it is. */
      changed: z.array(z.object({ name: z.string(), before: z.string(), after: z.string() })),
    })
    .nullable(),
  /** The tags that the service gives it now, where it gave it others before; empty: none any more. */
  tags: z.array(z.enum(objectTags)).nullable(),
});
export type SchemaChange = z.infer<typeof SchemaChange>;

export const schemaChangeRoutes = defineRoutes({
  listSchemaChanges: {
    method: 'GET',
    path: '/connections/:id/schema-changes',
    access: 'connections:read',
    summary: 'What changed in a unit’s objects, newest first; of one object where it is named',
    params: IdParams,
    query: PageQuery.extend({ unit: z.string().max(100).optional(), object: z.string().max(400).optional() }),
    response: pageOf(SchemaChange),
  },
});
