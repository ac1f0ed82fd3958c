// The recursive query against a plain walk in memory, on random graphs full of circles.
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureGoes, relationKinds } from '#contracts/assets/relations.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';
import { inTenant } from '../kit/in-tenant.ts';
import { insertAssetType } from './asset-types.ts';
import { impactOf } from './relations.ts';
import { insertAssets } from './write-assets.ts';

const actor = { kind: 'system' as const, id: null, name: 'Test' };
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
});
afterAll(() => app?.close());

/** The same numbers for the same seed. */
const random = (seed: number) => (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};

interface Edge {
  from: number;
  to: number;
  kind: (typeof relationKinds)[number];
}
/** Level by level, with a set of what was seen. */
function walk(edges: readonly Edge[], roots: readonly number[], down: boolean, most: number): number[][] {
  const seen = new Set(roots);
  const levels: number[][] = [];
  for (let level = [...roots]; level.length > 0 && levels.length < most;) {
    const next = new Set<number>();
    for (const { from, to, kind } of edges) {
      if (failureGoes[kind] === 'none') continue;
      const [cause, hit] = failureGoes[kind] === 'along' ? [from, to] : [to, from];
      const [here, there] = down ? [cause, hit] : [hit, cause];
      if (level.includes(here) && !seen.has(there)) next.add(there);
    }
    for (const node of next) seen.add(node);
    level = [...next];
    if (level.length > 0) levels.push(level);
  }
  return levels;
}

test.each([1, 2, 3, 4, 5, 6])(
  'graph %i: the query reaches at each depth what a walk in memory reaches',
  async (seed) => {
    const next = random(seed * 7_919);
    const pick = (most: number): number => Math.floor(next() * most);
    const nodes = 20 + pick(60);
    const ids = Array.from({ length: nodes }, () => uuidv7());
    const edges = new Map<string, Edge>();
    for (let n = pick(nodes * 4); n >= 0; n--) {
      const edge = { from: pick(nodes), to: pick(nodes), kind: relationKinds[pick(relationKinds.length)] ?? 'owns' };
      if (edge.from !== edge.to) edges.set(JSON.stringify(edge), edge);
    }
    await inTenant(app.parts.db, app.workspaceId, async (tx) => {
      const typeId = uuidv7();
      await insertAssetType(
        tx,
        typeId,
        { key: `t${seed}`, name: 'T', description: '', icon: 'box', attributes: [] },
        actor,
      );
      const plain = {
      typeId, description: '', attributes: {}, attributeSources: {}, tags: [], ownerId: null, ownerTeam: null,
      criticality: 'medium' as const, state: 'active' as const, serverId: null,
    }; // prettier-ignore
      await insertAssets(
        tx,
        ids.map((id, n) => ({ id, fields: { ...plain, key: `g${seed}-${n}`, name: `Node ${n}` } })),
        { actor, source: 'person' },
      );
      await tx
        .insertInto('assetRelations')
        .values(
          [...edges.values()].map(({ from, to, kind }) => ({
            id: uuidv7(),
            kind,
            fromId: ids[from] ?? '',
            toId: ids[to] ?? '',
            note: '',
            createdBy: JSON.stringify(actor),
          })),
        )
        .execute();
    });
    for (let turn = 0; turn < 12; turn++) {
      const roots = [...new Set([pick(nodes), ...(turn % 3 === 0 ? [pick(nodes)] : [])])];
      const [down, depth] = [turn % 2 === 0, 1 + pick(12)];
      const expected = walk([...edges.values()], roots, down, 100);
      const of = roots.map((root) => ids[root] ?? '');
      const direction = down ? 'downstream' : 'upstream';
      const impact = await inTenant(app.parts.db, app.workspaceId, (tx) => impactOf(tx, { of, direction, depth }));
      expect(impact.byDepth).toEqual(expected.slice(0, depth).map((level) => level.length));
      expect(impact.isCut).toBe(expected.length > depth);
      const reached = expected.slice(0, depth).flatMap((level, at) => level.map((node) => `${ids[node]} ${at + 1}`));
      expect(impact.data.map((row) => `${row.id} ${row.depth}`).toSorted()).toEqual(reached.toSorted());
      expect(impact.data.every(({ via }) => via !== null)).toBe(true);
    }
  },
);
