import pg from 'pg';
import { z } from 'zod';
import { ms, percentile, timed } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';
import { insertAssets } from '../kit/seed-assets.ts';
import { databaseAsSuperuser } from '../kit/seed-runs.ts';

const nodes = 10_000;
const edges = 30_000;
const listed = 100_000;
const Page = z.object({ data: z.array(z.object({ id: z.string() })) });
const asked = ['', 'state=active', 'tag=tag-7', 'attribute=serial%3DS77777', 'attribute=os.name%3Ddebian', 'q=asset+777', 'q=nowhere', 'team=Team+3&criticality=critical']; // prettier-ignore

export const assetRows: Row = {
  name: 'asset-impact',
  notes: [
    `Impact: \`GET /assets/impact\` from one asset to everything that it reaches, of ${nodes.toLocaleString('en')} assets with ${edges.toLocaleString('en')} relations at random, full of circles; the whole request, one at a time, another asset each time.`,
    `Lists: \`GET /assets\` of ${listed.toLocaleString('en')} assets, the first page, by each filter in turn, some that many, few or none fit.`,
  ],
  async measure(tools) {
    const product = await tools.product();
    const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
    await client.connect();
    const reach: number[] = [];
    const pages: number[] = [];
    try {
      await insertAssets(client, product.workspaceId, { assets: nodes, relations: edges });
      const { data } = Page.parse(await product.owner.get('/assets?limit=100'));
      for (const { id } of data.slice(0, rounds(tools, 50, 10)))
        reach.push(await timed(() => product.owner.get(`/assets/impact?of=${id}&depth=50`)));
      await client.query('delete from assets where workspace_id = $1', [product.workspaceId]);
      await insertAssets(client, product.workspaceId, { assets: listed, relations: 0 });
      for (let round = 0; round < rounds(tools, 20, 5); round++)
        for (const filter of asked) pages.push(await timed(() => product.owner.get(`/assets?limit=50&${filter}`)));
      await client.query('delete from assets where workspace_id = $1', [product.workspaceId]);
    } finally {
      await client.end();
    }
    const [impact, list] = [percentile(reach, 95), percentile(pages, 95)];
    return [
      {
        what: `impact over ${nodes.toLocaleString('en')} assets and ${edges.toLocaleString('en')} relations, p95`,
        ours: ms(impact),
        peer: '—',
        target: '< 200 ms',
        isMet: impact < 200,
      },
      {
        what: `a page of ${listed.toLocaleString('en')} assets by a filter, p95`,
        ours: ms(list),
        peer: '—',
        target: '< 200 ms',
        isMet: list < 200,
      },
    ];
  },
};
