import { simTables, type SimTable } from './catalog/tables.ts';
import { type Exchange, instanceOf, json, page, refuse, type Route, route } from './exchange.ts';

const shown = (source: SimTable, tellsSensitivity: boolean) => ({
  dataSourceId: source.name,
  description: source.description,
  owner: source.owner,
  provider: source.owner === 'AMAZON' ? 'Amazon' : 'Advertiser',
  isPremium: source.isPremium,
  tags: source.tags,
  outputChannels: [{ type: 'DOWNLOAD' }, { type: 'PUBLISH' }],
  columns: source.columns.map(({ name, kind, dataType, sensitivity }) => ({
    name,
    columnType: kind,
    description: `${name.replaceAll('_', ' ')}.`,
    ...(tellsSensitivity && { dataType, sensitivity }),
  })),
});

/** Schema of an instance (AMC §4.1). */
export const dataSourceRoutes: readonly Route[] = [
  route('GET', '/amc/reporting/{instance}/dataSources', (exchange: Exchange) => {
    instanceOf(exchange);
    const { items, nextToken } = page(exchange, simTables, 20);
    const dataSources = items.map((source) => shown(source, exchange.world.knobs.tellsSensitivity));
    return json({ dataSources, ...(nextToken && { nextToken }) });
  }),
  route('GET', '/amc/reporting/{instance}/dataSources/{id}', (exchange: Exchange) => {
    instanceOf(exchange);
    const source = simTables.find(({ name }) => name === exchange.params[1]);
    if (!source) throw refuse(404, `Data source ${exchange.params[1] ?? ''} does not exist.`);
    return json(shown(source, exchange.world.knobs.tellsSensitivity));
  }),
];
