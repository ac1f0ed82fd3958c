import type { DemoClient } from './client.ts';

interface Named {
  id: string;
  name: string;
}

const types = [
  {
    key: 'service',
    name: 'Service',
    icon: 'app',
    attributes: [
      { name: 'tier', kind: 'choice', choices: ['1', '2', '3'], label: 'Tier' },
      { name: 'repository', label: 'Repository' },
    ],
  },
  { key: 'database', name: 'Database', icon: 'database', attributes: [{ name: 'engine', label: 'Engine' }, { name: 'size_gib', kind: 'number', label: 'Size', unit: 'GiB' }] }, // prettier-ignore
  { key: 'host', name: 'Host', icon: 'server', attributes: [{ name: 'rack', label: 'Rack' }, { name: 'warranty_until', kind: 'date', label: 'Warranty until' }] }, // prettier-ignore
  { key: 'network', name: 'Network', icon: 'network', attributes: [{ name: 'vlan', kind: 'number', label: 'VLAN' }] },
  { key: 'saas', name: 'Outside service', icon: 'cloud', attributes: [{ name: 'contract_until', kind: 'date', label: 'Contract until' }] }, // prettier-ignore
];

type Row = [key: string, name: string, type: string, owner: string, criticality: string, tags: string[], attributes?: Record<string, unknown>]; // prettier-ignore
const rows: Row[] = [
  ['storefront-eu', 'Storefront EU', 'service', 'Shop', 'critical', ['shop', 'eu'], { tier: '1', repository: 'shop/storefront' }],
  ['storefront-us', 'Storefront US', 'service', 'Shop', 'critical', ['shop', 'us'], { tier: '1', repository: 'shop/storefront' }],
  ['checkout-api', 'Checkout API', 'service', 'Shop', 'critical', ['shop'], { tier: '1', repository: 'shop/checkout' }],
  ['cart-api', 'Cart API', 'service', 'Shop', 'high', ['shop'], { tier: '1', repository: 'shop/cart' }],
  ['search-api', 'Search', 'service', 'Discovery', 'high', ['shop'], { tier: '2', repository: 'shop/search' }],
  ['catalogue-api', 'Catalogue', 'service', 'Discovery', 'high', ['shop'], { tier: '1', repository: 'shop/catalogue' }],
  ['pricing-api', 'Pricing', 'service', 'Shop', 'high', ['shop'], { tier: '2' }],
  ['accounts-api', 'Accounts', 'service', 'Identity', 'critical', ['identity'], { tier: '1' }],
  ['sign-in', 'Sign-in', 'service', 'Identity', 'critical', ['identity'], { tier: '1' }],
  ['orders-worker', 'Order worker', 'service', 'Fulfilment', 'high', ['fulfilment'], { tier: '2' }],
  ['stock-sync', 'Stock sync', 'service', 'Fulfilment', 'medium', ['fulfilment'], { tier: '3' }],
  ['mailer', 'Mailer', 'service', 'Platform', 'medium', ['platform'], { tier: '3' }],
  ['newsletter', 'Newsletter', 'service', 'Marketing', 'low', ['marketing'], { tier: '3' }],
  ['reporting', 'Reporting', 'service', 'Data', 'medium', ['data'], { tier: '3' }],
  ['recommendations', 'Recommendations', 'service', 'Data', 'low', ['data'], { tier: '3' }],
  ['edge-eu', 'Edge EU', 'network', 'Platform', 'critical', ['edge', 'eu'], { vlan: 110 }],
  ['edge-us', 'Edge US', 'network', 'Platform', 'critical', ['edge', 'us'], { vlan: 210 }],
  ['core-switch', 'Core switch', 'network', 'Platform', 'critical', ['edge'], { vlan: 1 }],
  ['pg-orders', 'Orders database', 'database', 'Platform', 'critical', ['postgres'], { engine: 'PostgreSQL 18', size_gib: 840 }],
  ['pg-orders-replica', 'Orders replica', 'database', 'Platform', 'high', ['postgres'], { engine: 'PostgreSQL 18', size_gib: 840 }],
  ['pg-accounts', 'Accounts database', 'database', 'Platform', 'critical', ['postgres'], { engine: 'PostgreSQL 18', size_gib: 96 }],
  ['pg-catalogue', 'Catalogue database', 'database', 'Platform', 'high', ['postgres'], { engine: 'PostgreSQL 18', size_gib: 210 }],
  ['redis-sessions', 'Session cache', 'database', 'Platform', 'high', ['redis'], { engine: 'Redis 8', size_gib: 12 }],
  ['redis-cart', 'Cart cache', 'database', 'Shop', 'medium', ['redis'], { engine: 'Redis 8', size_gib: 8 }],
  ['kafka', 'Event log', 'database', 'Platform', 'critical', ['kafka'], { engine: 'Kafka 4', size_gib: 1_900 }],
  ['warehouse', 'Warehouse', 'database', 'Data', 'medium', ['data'], { engine: 'ClickHouse', size_gib: 5_200 }],
  ['search-index', 'Search index', 'database', 'Discovery', 'high', ['search'], { engine: 'OpenSearch 3', size_gib: 320 }],
  ['payments', 'Payment provider', 'saas', 'Shop', 'critical', ['outside'], { contract_until: '2027-12-31' }],
  ['mail-relay', 'Mail relay', 'saas', 'Platform', 'medium', ['outside'], { contract_until: '2027-06-30' }],
  ['cdn', 'Delivery network', 'saas', 'Platform', 'high', ['outside'], { contract_until: '2027-03-31' }],
  ['carrier', 'Carrier', 'saas', 'Fulfilment', 'medium', ['outside'], { contract_until: '2026-12-31' }],
]; // prettier-ignore

/** `from kind to`, by keys; `@n` is the nth server of the demo. */
const relations = `storefront-eu depends_on checkout-api;storefront-eu depends_on catalogue-api;storefront-eu depends_on search-api
storefront-eu depends_on sign-in;storefront-eu connects_to edge-eu;storefront-us depends_on checkout-api;storefront-us depends_on catalogue-api
storefront-us depends_on sign-in;storefront-us connects_to edge-us;checkout-api depends_on cart-api;checkout-api depends_on pricing-api
checkout-api depends_on pg-orders;checkout-api depends_on payments;checkout-api depends_on accounts-api;cart-api depends_on redis-cart
search-api depends_on search-index;catalogue-api depends_on pg-catalogue;pricing-api depends_on catalogue-api;accounts-api depends_on pg-accounts
sign-in depends_on accounts-api;sign-in depends_on redis-sessions;orders-worker depends_on pg-orders;orders-worker depends_on kafka
orders-worker depends_on carrier;stock-sync depends_on kafka;stock-sync depends_on pg-catalogue;mailer depends_on mail-relay;newsletter depends_on mailer
orders-worker depends_on mailer;reporting depends_on warehouse;recommendations depends_on warehouse;warehouse depends_on kafka
pg-orders-replica depends_on pg-orders;reporting depends_on pg-orders-replica;edge-eu depends_on core-switch;edge-us depends_on core-switch
edge-eu connects_to cdn;edge-us connects_to cdn;storefront-eu runs_on @0;storefront-us runs_on @1;checkout-api runs_on @2;cart-api runs_on @3
search-api runs_on @4;accounts-api runs_on @5;pg-orders runs_on @6;pg-accounts runs_on @7;kafka runs_on @8`;

const states: Readonly<Record<string, string>> = { newsletter: 'maintenance', recommendations: 'planned' };

/** What the demo runs on: services, databases and networks around its servers, with what depends on what. */
export async function seedAssets(owner: DemoClient): Promise<void> {
  const { data: there } = await owner.call<{ data: (Named & { key: string })[] }>('GET', '/asset-types');
  const known = new Set(there.map(({ key }) => key));
  if (known.has('service')) return; // people have taken it on from here
  const typeIds = new Map(there.map(({ key, id }) => [key, id]));
  for (const type of types)
    if (!known.has(type.key)) typeIds.set(type.key, (await owner.call<Named>('POST', '/asset-types', type)).id);
  const { data: servers } = await owner.call<{ data: (Named & { tags: string[] })[] }>('GET', '/servers?limit=40');
  const ids = new Map<string, string>();
  for (const [key, name, type, team, criticality, tags, attributes = {}] of rows)
    ids.set(
      key,
      (await owner.call<Named>('POST', '/assets', { key, name, typeId: typeIds.get(type), owner: { team }, criticality, tags, attributes, state: states[key] ?? 'active' })).id, // prettier-ignore
    );
  for (const [index, { id, name, tags }] of servers.slice(0, 9).entries()) {
    const made = await owner.call<Named>('POST', '/assets', {
      key: name.replaceAll(/[^A-Za-z0-9_.:@/-]/g, '-'),
      name,
      typeId: typeIds.get('host'),
      owner: { team: 'Platform' },
      criticality: index < 3 ? 'high' : 'medium',
      tags,
      attributes: { rack: `B${1 + (index % 4)}`, warranty_until: `202${7 + (index % 3)}-04-30` },
      serverId: id,
    });
    ids.set(`@${index}`, made.id);
    const network = ids.get('core-switch');
    if (network) await owner.call('POST', '/asset-relations', { fromId: made.id, kind: 'connects_to', toId: network });
  }
  for (const line of relations.split(/[;\n]/)) {
    const [from = '', kind = '', to = ''] = line.split(' ');
    const [fromId, toId] = [ids.get(from), ids.get(to)];
    if (fromId && toId) await owner.call('POST', '/asset-relations', { fromId, kind, toId });
  }
}
