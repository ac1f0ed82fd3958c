import pg from 'pg';
import { median, ms } from '../../kit/figures.ts';
import { insertAssets } from '../../kit/seed-assets.ts';
import { databaseAsSuperuser } from '../../kit/seed-runs.ts';
import type { ConsoleRow } from '../row.ts';

const nodes = 10_000;
const edges = 30_000;
const seconds = 5;

export const assetGraph: ConsoleRow = {
  name: 'asset-graph',
  notes: [
    `Asset graph: ${nodes.toLocaleString('en')} assets with ${edges.toLocaleString('en')} relations. First useful paint is from the address until the whole graph stands on screen and can be moved. Then it is dragged and zoomed for ${seconds} s; a frame is the time between two callbacks of requestAnimationFrame.`,
  ],
  async measure({ world, browser, say }) {
    const client = new pg.Client({ connectionString: databaseAsSuperuser(world.product) });
    await client.connect();
    try {
      const { rows } = await client.query<{ count: number }>(
        'select count(*)::int as count from assets where workspace_id = $1',
        [world.product.workspaceId],
      );
      if ((rows[0]?.count ?? 0) < nodes)
        await insertAssets(client, world.product.workspaceId, { assets: nodes, relations: edges });
    } finally {
      await client.end();
    }
    const { page } = await browser();
    await page.goto(world.base);
    const begun = performance.now();
    await page.goto(`${world.base}/assets?view=graph`);
    const stage = page.locator('[role="application"][data-painted]');
    await stage.waitFor();
    const paintMs = performance.now() - begun;
    const box = await stage.boundingBox();
    const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
    await page.waitForTimeout(3_000); // settled
    const frames = page.evaluate(
      (forMs) =>
        new Promise<number[]>((resolve) => {
          const at: number[] = [];
          const begin = performance.now();
          const tick = (now: number): void => {
            at.push(now);
            if (now - begin < forMs) requestAnimationFrame(tick);
            else resolve(at.slice(1).map((time, index) => time - (at[index] ?? time)));
          };
          requestAnimationFrame(tick);
        }),
      seconds * 1_000,
    );
    await page.mouse.move(x, y);
    for (const end = performance.now() + seconds * 1_000; performance.now() < end;) {
      await page.mouse.down();
      for (let step = 0; step < 20; step++) await page.mouse.move(x + Math.sin(step / 4) * 160, y + step * 4);
      await page.mouse.up();
      for (let step = 0; step < 10; step++) await page.mouse.wheel(0, step < 5 ? -120 : 120);
    }
    const drawn = await frames;
    const [middle, longest] = [median(drawn), Math.max(...drawn)];
    say(`${drawn.length} frames, median ${ms(middle)}, longest ${ms(longest)}`);
    return [
      {
        what: `graph of ${nodes.toLocaleString('en')} assets and ${edges.toLocaleString('en')} relations: first useful paint`,
        figure: ms(paintMs),
        target: '< 2 s',
        isMet: paintMs < 2_000,
      },
      {
        what: `moving and zooming it for ${seconds} s: median / longest frame`,
        figure: `${ms(middle)} / ${ms(longest)} (${drawn.length} frames)`,
        target: '60 frames/s',
        isMet: middle <= 17,
      },
    ];
  },
};
