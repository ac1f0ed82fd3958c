import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { RunStatusSchema } from '../runs/runs.ts';
import { ActorRef, Id, IdParams, Instant, PageQuery, pageOf } from '../kit/schemas.ts';

/** The largest file, which is also the largest an `upload` step writes; and all files of one workspace together. */
export const mostArtifactBytes = 64 * 1_048_576;
export const mostStoredBytes = 2_048 * 1_048_576;

/** What an `upload` step writes after `artifact:`. */
export const ArtifactName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._+@/-]{0,119}$/,
    'A letter or digit, then letters, digits and . _ + @ / - (120 at most).',
  );

/** A stored file for `upload` steps. Its content never changes: to give a name other bytes, delete it and store it anew. */
export const Artifact = z.object({
  id: Id,
  name: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  createdAt: Instant,
  createdBy: ActorRef,
  /** When it goes by itself; null: it stays until somebody deletes it. */
  expiresAt: Instant.nullable(),
  /**
   * Playbooks whose newest version uploads it, by name, 20 at most. A name that a template makes is known only to its
   * run, so none here does not prove that nobody needs it.
   */
  usedBy: z.array(z.object({ id: Id, name: z.string() })),
});
export type Artifact = z.infer<typeof Artifact>;

export const artifactRoutes = defineRoutes({
  listArtifacts: {
    method: 'GET',
    path: '/artifacts',
    access: 'playbooks:read',
    summary: 'Stored files for upload steps, newest first',
    query: PageQuery.extend({ cursor: Id.optional(), q: z.string().max(120).optional() }),
    response: pageOf(Artifact),
  },
  countArtifacts: {
    method: 'GET',
    path: '/artifacts/usage',
    access: 'playbooks:read',
    summary: 'How many files are stored, and how much of the place is taken',
    response: z.object({
      files: z.number().int(),
      bytes: z.number().int(),
      mostBytes: z.number().int(),
      mostFileBytes: z.number().int(),
    }),
  },
  storeArtifact: {
    method: 'POST',
    path: '/artifacts',
    access: 'playbooks:edit',
    summary: 'Store a file: the body is its content, of any type, 64 MiB at most',
    query: z.object({
      name: ArtifactName,
      /** Days after which it goes by itself. */
      keepDays: z.coerce.number().int().min(1).max(3_650).optional(),
    }),
    rawBody: true,
    streamBody: true,
    bodyLimit: mostArtifactBytes,
    status: 201,
    response: Artifact,
  },
  getArtifact: {
    method: 'GET',
    path: '/artifacts/:id',
    access: 'playbooks:read',
    summary: 'What is known of a stored file',
    params: IdParams,
    response: Artifact,
  },
  listArtifactRuns: {
    method: 'GET',
    path: '/artifacts/:id/runs',
    access: 'playbooks:read',
    summary: 'Open runs of playbooks that upload the file: they may still need it; 20 at most',
    params: IdParams,
    response: z.object({
      data: z.array(z.object({ id: Id, title: z.string(), status: RunStatusSchema, createdAt: Instant })),
    }),
  },
  downloadArtifact: {
    method: 'GET',
    path: '/artifacts/:id/content',
    access: 'playbooks:read',
    summary: 'The content of a stored file',
    params: IdParams,
    stream: 'file',
  },
  deleteArtifact: {
    method: 'DELETE',
    path: '/artifacts/:id',
    access: 'playbooks:edit',
    summary: 'Delete a stored file',
    params: IdParams,
    status: 204,
  },
});
