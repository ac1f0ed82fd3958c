import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { assetCsvHeader, assetCsvLine, type FileAsset } from '#contracts/assets/asset-files.ts';
import type { assetRoutes } from '#contracts/assets/assets.ts';
import { attributeNames, filePage } from '#db/assets/export-assets.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import type { Call } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Assets as a file that an import takes back unchanged, read and sent page by page, so that memory stays flat. */
export async function sendAssets(
  tools: ApiTools,
  call: Call<(typeof assetRoutes)['exportAssets']>,
): Promise<FastifyReply> {
  const { actor, query, reply } = call;
  const { format, workspace: _, ...choice } = query;
  const columns = format === 'csv' ? await readTenant(tools.db, actor, (tx) => attributeNames(tx, choice)) : [];
  async function* assets(): AsyncGenerator<FileAsset[]> {
    let cursor: string | undefined;
    do {
      const page = await readTenant(tools.db, actor, (tx) => filePage(tx, choice, cursor));
      yield page.data;
      cursor = page.next;
    } while (cursor !== undefined);
  }
  async function* csv(): AsyncGenerator<string> {
    yield assetCsvHeader(columns);
    for await (const page of assets()) yield page.map((asset) => assetCsvLine(asset, columns)).join('');
  }
  async function* json(): AsyncGenerator<string> {
    let before = '[\n';
    for await (const page of assets())
      for (const asset of page) {
        yield `${before}${JSON.stringify(asset)}`;
        before = ',\n';
      }
    yield before === '[\n' ? '[]\n' : '\n]\n';
  }
  return reply
    .header('content-disposition', `attachment; filename="assets.${format}"`)
    .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
    .serializer((value: unknown) => value as string)
    .send(Readable.from(format === 'csv' ? csv() : json()));
}
