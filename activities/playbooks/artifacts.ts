import { untilDatabase } from '#db/kit/database-away.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { findArtifact, readArtifactPart } from '#db/playbooks/artifacts.ts';
import { describeArtifacts } from '#db/playbooks/plan-run.ts';
import type { ActivityTools } from '../kit/tools.ts';

type InTenant = ActivityTools['inTenant'];

export type ArtifactActivities = ReturnType<typeof artifactActivities>;

export const artifactActivities = ({ inTenant }: Pick<ActivityTools, 'inTenant'>) => ({
  /** Size and hash of the files that a plan names; null for one that is not there. Repeatable: it only reads. */
  describeArtifacts: ({ workspaceId, names }: { workspaceId: string; names: string[] }) =>
    inTenant(workspaceId, (tx) => describeArtifacts(tx, names)),
});

/**
 * Reads files for the hosts of one batch: each once, however many hosts get it, and the same bytes for all of them.
 * @returns a function that gives the content of a name or id, or refuses with `artifact.missing`
 */
export function artifactReader(inTenant: InTenant, workspaceId: string): (name: string) => Promise<Buffer> {
  const contents = new Map<string, Promise<Buffer>>();
  return (name) => {
    const known = contents.get(name) ?? readWhole(inTenant, workspaceId, name);
    contents.set(name, known);
    return known;
  };
}

async function readWhole(inTenant: InTenant, workspaceId: string, name: string): Promise<Buffer> {
  const missing = (): Refusal => new Refusal('artifact.missing', { name });
  const row = await untilDatabase(() => inTenant(workspaceId, (tx) => findArtifact(tx, name)));
  if (!row) throw missing();
  const parts: Buffer[] = [];
  for (let bytes = 0; bytes < row.bytes;) {
    const content = await untilDatabase(() =>
      inTenant(workspaceId, (tx) => readArtifactPart(tx, row.id, parts.length)),
    );
    if (!content) throw missing(); // it was deleted while it was read
    parts.push(content);
    bytes += content.length;
  }
  return Buffer.concat(parts);
}
