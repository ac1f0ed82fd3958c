import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DescribePage, SchemaObject } from '#contracts/queries/engine.ts';
import { type SfmcWorld, sfmcWorld, startOf, textColumn } from './fixtures/world.ts';

let world: SfmcWorld;
beforeAll(async () => (world = await sfmcWorld({ soapPageSize: 5 })));
afterAll(() => world.stop());

async function allObjects(engine = world.engine()): Promise<{ objects: SchemaObject[]; pages: number }> {
  const objects: SchemaObject[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page: DescribePage = await engine.describe({ what: 'objects', cursor });
    objects.push(...page.objects);
    cursor = page.cursor;
    pages++;
  } while (cursor !== null);
  return { objects, pages };
}

test('views, folders and data extensions are listed page by page, written as a query names them', async () => {
  const { objects, pages } = await allObjects();
  expect(pages).toBeGreaterThan(3);
  const sqlName = (name: string) => objects.find((object) => object.name === name)?.sqlName;
  expect(sqlName('_Sent')).toBe('_Sent');
  expect(sqlName('Members')).toBe('Members');
  expect(sqlName('Loyalty - Gold Tier')).toBe('[Loyalty - Gold Tier]');
  expect(sqlName('2024 Campaign')).toBe('[2024 Campaign]');
  expect(sqlName('Products')).toBe('Ent.Products');
  expect(objects.some(({ name }) => name === 'Bookings')).toBe(false);
  const loyalty = objects.find(({ name }) => name === 'Loyalty - Gold Tier');
  expect(objects.find(({ id }) => id === loyalty?.parentId)).toMatchObject({ kind: 'folder', name: 'Loyalty' });
  expect(new Set(objects.map(({ id }) => id)).size).toBe(objects.length);
});

test('what a run made for a moment is not listed', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf('SELECT City FROM Members', [textColumn('City')]));
  expect((await allObjects(engine)).objects.filter(({ name }) => name.startsWith('QC_'))).toEqual([]);
  await engine.cleanup(ref);
});

test('columns come in their order with type, length and key', async () => {
  const engine = world.engine();
  const columns = async (of: string) =>
    (await engine.describe({ what: 'columns', of, cursor: null })).objects[0]?.columns ?? [];
  expect((await columns('de:Members')).slice(0, 2)).toMatchObject([
    { name: 'SubscriberKey', type: 'text', length: 254, isKey: true, isRequired: true },
    { name: 'EmailAddress', type: 'email', nativeType: 'EmailAddress', isKey: false },
  ]);
  expect((await columns('de:Members')).find(({ name }) => name === 'Spent')).toMatchObject({
    type: 'decimal',
    scale: 2,
  });
  expect(await columns('de:customer_profile_180')).toHaveLength(180);
  expect((await columns('view:_Bounce')).map(({ name }) => name)).toContain('SMTPBounceReason');
  await expect(columns('de:nothing')).rejects.toMatchObject({ facts: { code: 'not_found' } });
});

test('each data view has the columns its users know', async () => {
  const { objects } = await world.engine().describe({ what: 'objects', cursor: null });
  const sizes = Object.fromEntries(objects.map(({ name, columns }) => [name, columns?.length]));
  expect(sizes).toMatchObject({
    _Sent: 11,
    _Open: 12,
    _Click: 15,
    _Bounce: 21,
    _Job: 37,
    _Subscribers: 11,
    _Journey: 8,
    _Coupon: 5,
    _SocialNetworkTracking: 0,
  });
  expect(
    objects.flatMap(({ columns }) => columns ?? []).filter(({ name, type }) => name === '' || type === 'other'),
  ).toEqual([]);
  expect(objects.find(({ name }) => name === '_FTAF')?.columns?.map(({ name }) => name)).toContain('TransactionTime');
});

test('the enterprise lists its business units with their parent', async () => {
  const engine = world.engine({ tokens: world.tokensOf(7_000_000), mid: 7_000_000 });
  expect((await engine.describe({ what: 'units', cursor: null })).objects).toMatchObject([
    { id: '7000000', kind: 'unit', parentId: null },
    { id: '7000001', name: 'Northwind Retail', parentId: '7000000' },
    { id: '7000002', parentId: '7000000' },
  ]);
});

test('a continuation that went stale on the way begins again, under the same ids', async () => {
  const engine = world.engine();
  const views = await engine.describe({ what: 'objects', cursor: null });
  const folders = await engine.describe({ what: 'objects', cursor: views.cursor });
  const first = await engine.describe({ what: 'objects', cursor: folders.cursor });
  world.simulator.world.moveClock(11 * 60_000);
  const again = await engine.describe({ what: 'objects', cursor: first.cursor });
  expect(again.objects).toEqual(first.objects);
  await expect(engine.describe({ what: 'objects', cursor: 'nonsense' })).rejects.toMatchObject({
    facts: { code: 'cursor_invalid' },
  });
});
