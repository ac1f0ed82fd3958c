import { z } from 'zod';
import { changesOf } from '../kit/changes.ts';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant } from '../kit/schemas.ts';
import { EngineKind } from './engine.ts';

/** The word that brings a snippet: one word, so that the editor finds it while it is typed. */
export const SnippetTrigger = z
  .string()
  .trim()
  .regex(/^\p{L}[\p{L}\p{N}_-]{0,39}$/u, 'A letter first, then letters, digits, _ and - (40 at most).');

/** How many snippets the workspace shares, and how many one person keeps for themselves: an editor knows all of them. */
export const mostSnippets = 200;

const Fields = z.object({
  trigger: SnippetTrigger,
  description: z.string().trim().max(500).default(''),
  /** With stops as `snippet-text.ts` says. */
  text: z.string().min(1).max(20_000),
  /** Null: for every engine. */
  engine: EngineKind.nullable().default(null),
  sharing: z.enum(['private', 'workspace']).default('workspace'),
});
export const CreateQuerySnippet = Fields;
export type CreateQuerySnippet = z.infer<typeof CreateQuerySnippet>;
export const ChangeQuerySnippet = changesOf(Fields);
export type ChangeQuerySnippet = z.infer<typeof ChangeQuerySnippet>;

/** A piece of a query, put in by its trigger. */
export const QuerySnippet = z.object({
  id: Id,
  trigger: z.string(),
  description: z.string(),
  text: z.string(),
  engine: EngineKind.nullable(),
  /** `private`: its owner alone sees it. */
  sharing: z.enum(['private', 'workspace']),
  owner: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
  /** Also the etag, in quotes. */
  version: z.number().int(),
});
export type QuerySnippet = z.infer<typeof QuerySnippet>;

export const querySnippetRoutes = defineRoutes({
  listQuerySnippets: {
    method: 'GET',
    path: '/query-snippets',
    access: 'queries:read',
    summary: 'Snippets: those of the workspace and one’s own, by trigger',
    response: z.object({ data: z.array(QuerySnippet) }),
  },
  createQuerySnippet: {
    method: 'POST',
    path: '/query-snippets',
    access: 'queries:edit',
    idempotent: true,
    summary: 'Make a snippet; a text whose stops or parameters are wrong is refused',
    body: CreateQuerySnippet,
    status: 201,
    response: QuerySnippet,
  },
  updateQuerySnippet: {
    method: 'PATCH',
    path: '/query-snippets/:id',
    access: 'queries:edit',
    summary: 'Change a snippet; `If-Match` guards the change',
    params: IdParams,
    body: ChangeQuerySnippet,
    response: QuerySnippet,
  },
  deleteQuerySnippet: {
    method: 'DELETE',
    path: '/query-snippets/:id',
    access: 'queries:edit',
    summary: 'Delete a snippet; queries that it was put into keep their text',
    params: IdParams,
    status: 204,
  },
});
