import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type Artifact, artifactRoutes, mostArtifactBytes, mostStoredBytes } from '#contracts/playbooks/artifacts.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { appendEvent } from '#db/events/append-event.ts';
import type { TenantTx } from '#db/kit/database.ts';
import {
  type ArtifactRow,
  addArtifactPart,
  beginArtifact,
  deleteArtifact,
  finishArtifact,
  listArtifacts,
  mebibytes,
  partBytes,
  readArtifact,
  readArtifactPart,
} from '#db/playbooks/artifacts.ts';
import { countArtifacts, listArtifactRuns, withUses } from '#db/playbooks/artifact-uses.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { problem } from '../kit/problem.ts';
import { type Call, type Room, auditOrigin, room } from '../kit/room.ts';
import { writeParts } from '../kit/write-parts.ts';

/** Files for `upload` steps. They pass through in parts: memory stays flat whatever their size. */
export const artifactsRoom: Room = room(artifactRoutes, ({ inTenant, log }) => {
  const tell = async (
    tx: TenantTx,
    call: Pick<Call<typeof artifactRoutes.getArtifact>, 'actor' | 'request'>,
    change: 'created' | 'deleted',
    { id, name, ...facts }: { id: string; name: string; bytes?: number; sha256: string | null },
  ): Promise<void> => {
    const origin = auditOrigin(call);
    const subject = `artifact:${id}`;
    const what = { [change === 'created' ? 'after' : 'before']: facts };
    await recordAudit(tx, { ...origin, action: `artifact.${change}`, subject, title: name, ...what });
    await appendEvent(tx, { type: `artifact.${change}`, subject, actor: origin.actor, data: { name } });
  };

  return {
    listArtifacts: async ({ actor, query }) => {
      const { data, nextCursor } = await inTenant(actor, async (tx) => {
        const page = await listArtifacts(tx, query);
        return { ...page, data: await withUses(tx, page.data) };
      });
      return { data, pagination: { limit: query.limit, nextCursor } };
    },
    countArtifacts: ({ actor }) => inTenant(actor, countArtifacts),
    getArtifact: ({ actor, params }) => inTenant(actor, async (tx) => shown(tx, await found(tx, params.id))),
    listArtifactRuns: async ({ actor, params }) => ({
      data: await inTenant(actor, async (tx) => listArtifactRuns(tx, await found(tx, params.id))),
    }),

    storeArtifact: async (call) => {
      const { actor, query, request } = call;
      const body = bodyOf(request);
      const { name, keepDays } = query;
      const expiresAt = keepDays === undefined ? null : new Date(Date.now() + keepDays * 86_400_000);
      const id = await inTenant(actor, (tx) => beginArtifact(tx, { name, actor: auditOrigin(call).actor, expiresAt }));
      try {
        const written = await writeParts(body, mostArtifactBytes, (part, content) =>
          inTenant(actor, (tx) => addArtifactPart(tx, id, part, content)),
        );
        return await inTenant(actor, async (tx) => {
          const made = await finishArtifact(tx, id, { ...written, mostStored: mostStoredBytes });
          await tell(tx, call, 'created', made);
          return shown(tx, made);
        });
      } catch (error) {
        await inTenant(actor, (tx) => deleteArtifact(tx, id)).catch((left: unknown) =>
          log.warn({ err: left, artifactId: id }, 'a broken file is left to the sweep'),
        );
        if (error instanceof Refusal && error.code === 'artifact.name_taken') throw problem(error.code, { name });
        throw error;
      }
    },

    downloadArtifact: async ({ actor, params, reply }) => {
      const { id, name, bytes, sha256 } = await inTenant(actor, (tx) => found(tx, params.id));
      async function* parts(): AsyncGenerator<Buffer> {
        for (let part = 0; part * partBytes < bytes; part++) {
          const content = await inTenant(actor, (tx) => readArtifactPart(tx, id, part));
          if (!content) throw new Error('A file was deleted while it was read.');
          yield content;
        }
      }
      return reply
        .header('content-disposition', `attachment; filename="${name.split('/').at(-1)}"`)
        .header('content-length', String(bytes))
        .header('etag', `"${sha256}"`)
        .header('x-content-type-options', 'nosniff')
        .type('application/octet-stream')
        .serializer((value: unknown) => value as string)
        .send(Readable.from(parts(), { objectMode: false }));
    },

    deleteArtifact: async (call) => {
      const { actor, params } = call;
      await inTenant(actor, async (tx) => {
        const row = await found(tx, params.id);
        await deleteArtifact(tx, params.id);
        await tell(tx, call, 'deleted', row);
      });
    },
  };
});

async function shown(tx: TenantTx, row: ArtifactRow): Promise<Artifact> {
  const [artifact] = await withUses(tx, [row]);
  if (!artifact) throw new Error('A file was lost between two lines.');
  return artifact;
}

async function found(tx: TenantTx, id: string): Promise<ArtifactRow> {
  const row = await readArtifact(tx, id);
  if (!row) throw problem('request.not_found');
  return row;
}

const tooLarge = () => problem('request.too_large', { limit: mebibytes(mostArtifactBytes) });

/** The body as it comes. What says beforehand that it is too large is refused before a byte of it is read. */
function bodyOf({ body, headers }: FastifyRequest): Readable {
  if (Number(headers['content-length'] ?? 0) > mostArtifactBytes) throw tooLarge();
  if (body instanceof Readable) return body;
  throw problem('contract.broken', {}, [
    { path: '/body', code: 'required', message: 'The body is the content of the file.' },
  ]);
}
