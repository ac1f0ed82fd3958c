import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

let app: TestApp;
let ana = '';
let service = '';
let made = 0;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  ana = (await app.addMember('ana', 'member')).id;
  service = (
    await app.ok('POST', '/asset-types', {
      key: 'service',
      name: 'Service',
      attributes: [
        { name: 'tier', kind: 'number', isRequired: true },
        { name: 'language', kind: 'choice', choices: ['go', 'rust'] },
      ],
    })
  ).id;
});
afterAll(() => app?.close());

const asset = (fields: object = {}) => {
  made += 1;
  return app.ok('POST', '/assets', { key: `svc-${made}`, name: `Service ${made}`, typeId: service, attributes: { tier: 1 }, ...fields }); // prettier-ignore
};
const relate = (fromId: string, kind: string, toId: string) =>
  app.ok('POST', '/asset-relations', { fromId, kind, toId });
const names = ({ data }: { data: { name: string }[] }) => data.map(({ name }) => name);

test('201: an asset is held to its type; 422 names each attribute; 409: a key twice', async () => {
  const { id, version, attributeSources } = await asset({ owner: { personId: ana }, tags: ['prod', 'eu'] });
  expect([version, attributeSources]).toEqual([1, { tier: 'person' }]);
  const { key, owner, tags } = await app.ok('GET', `/assets/${id}`);
  expect([owner, tags]).toEqual([{ personId: ana, name: 'ana' }, ['eu', 'prod']]);
  const refused = await app.call('POST', '/assets', {
    key: 'bad',
    name: 'Bad',
    typeId: service,
    attributes: { language: 'cobol' },
  });
  expect(refused).toMatchObject({
    status: 422,
    body: {
      error: 'asset.attributes_refused',
      details: { tier: 'This is required.', language: 'One of: go, rust.' },
    },
  });
  expect(
    await app.call('POST', '/assets', { key, name: 'Other', typeId: service, attributes: { tier: 1 } }),
  ).toMatchObject({ status: 409, body: { error: 'asset.key_taken' } });
  expect(await app.call('DELETE', `/asset-types/${service}`)).toMatchObject({
    status: 409,
    body: { error: 'asset_type.in_use' },
  });
});

test('a change is guarded by its version, told by field, and an illegal state says what is allowed', async () => {
  const { id } = await asset();
  const change = (patch: object, etag: string) =>
    app.call('PATCH', `/assets/${id}`, patch, { headers: { 'if-match': etag } });
  const patch = { state: 'maintenance', attributes: { rack: 'B7', tier: 2 } };
  expect(await change(patch, '"1"')).toMatchObject({ status: 200, body: { version: 2 } });
  expect(await change(patch, '"1"')).toMatchObject({ status: 412 });
  expect(await change(patch, '"2"')).toMatchObject({ status: 200, body: { version: 2 } }); // it is so already
  expect(await change({ state: 'planned' }, '"2"')).toMatchObject({
    status: 409,
    body: { error: 'asset.illegal_state', details: { allowed: ['active', 'retired'] } },
  });
  const { data } = await app.ok('GET', `/assets/${id}/changes`);
  expect(data.map(({ act }: { act: string }) => act)).toEqual(['changed', 'created']);
  expect(data[0].changes).toEqual([
    { field: 'state', before: 'active', after: 'maintenance' },
    { field: 'attributes.tier', before: 1, after: 2 },
    { field: 'attributes.rack', before: null, after: 'B7' },
  ]);
});

test('the list is filtered by type, state, owner, tag, attribute and words, and paged without a gap', async () => {
  const tag = `list-${Date.now()}`;
  for (const n of [10, 2, 1])
    await asset({
      name: `Listed ${n}`,
      tags: [tag],
      attributes: { tier: n, zones: ['a', `z${n}`] },
      owner: { team: tag },
    });
  const list = (query: string) => app.ok('GET', `/assets?tag=${tag}&${query}`);
  expect(names(await list(''))).toEqual(['Listed 1', 'Listed 2', 'Listed 10']);
  expect(names(await list('sort=-name'))).toEqual(['Listed 10', 'Listed 2', 'Listed 1']);
  expect(names(await list('attribute=tier%3D2'))).toEqual(['Listed 2']);
  expect(names(await list('attribute=zones%3DZ10'))).toEqual(['Listed 10']);
  expect(names(await list('q=listed+1'))).toEqual(['Listed 1', 'Listed 10']);
  expect(names(await list(`team=${tag}&state=active&type=${service}`))).toHaveLength(3);
  expect(names(await list('state=retired'))).toEqual([]);
  for (const sort of ['name', '-name', 'changed', '-changed']) {
    const whole = names(await list(`sort=${sort}`));
    const paged: string[] = [];
    for (let cursor = ''; ;) {
      const page = await list(`sort=${sort}&limit=1${cursor && `&cursor=${cursor}`}`);
      paged.push(...names(page));
      if (page.pagination.nextCursor === null) break;
      cursor = page.pagination.nextCursor;
    }
    expect([sort, paged]).toEqual([sort, whole]);
  }
  expect(await app.ok('GET', `/assets/counts?tag=${tag}`)).toMatchObject({ matching: 3, byState: { active: 3 } });
  const { tags, teams } = await app.ok('GET', '/assets/tags');
  expect(tags).toContainEqual({ name: tag, assets: 3 });
  expect(teams).toContainEqual({ name: tag, assets: 3 });
});

test('a change of many is previewed, done but for those that may not, and taken back but for what changed since', async () => {
  const [one, two, retired] = [await asset(), await asset({ tags: ['keep'] }), await asset({ state: 'retired' })];
  const ids = [one.id, two.id, retired.id];
  const acts = { ids, addTags: ['bulk'], state: 'maintenance' };
  const preview = await app.ok('POST', '/assets/bulk', { ...acts, dryRun: true });
  expect([preview.changed.length, preview.failed.length, preview.batchId]).toEqual([2, 1, null]);
  expect(await app.ok('GET', `/assets/${two.id}`)).toMatchObject({ tags: ['keep'], version: 1 });

  const { batchId, changed, failed } = await app.ok('POST', '/assets/bulk', acts);
  expect([changed.length, failed[0].error]).toEqual([2, 'asset.illegal_state']);
  expect(await app.ok('GET', `/assets/${two.id}`)).toMatchObject({ tags: ['bulk', 'keep'], state: 'maintenance' });
  await app.ok('PATCH', `/assets/${one.id}`, { description: 'Somebody was here.' });
  expect(await app.ok('POST', `/asset-batches/${batchId}/undo`)).toEqual({
    undone: 1,
    kept: [{ id: one.id, name: one.name, reason: 'It was changed since.' }],
  });
  expect(await app.ok('GET', `/assets/${two.id}`)).toMatchObject({ tags: ['keep'], state: 'active' });
  expect(await app.ok('POST', `/asset-batches/${batchId}/undo`)).toEqual({ undone: 0, kept: [] });
});

test('a failure reaches whoever depends on it, by the kind of each relation, however circular', async () => {
  const [db, api, shop, part, team] = [await asset(), await asset(), await asset(), await asset(), await asset()];
  await relate(api.id, 'depends_on', db.id);
  await relate(shop.id, 'runs_on', api.id);
  await relate(db.id, 'depends_on', shop.id); // a circle
  await relate(part.id, 'part_of', db.id);
  await relate(team.id, 'owns', db.id);
  const impact = (of: string, rest = '') => app.ok('GET', `/assets/impact?of=${of}${rest}`);
  const hit = await impact(part.id);
  expect(hit.data.map(({ name, depth }: { name: string; depth: number }) => [name, depth])).toEqual([
    [db.name, 1],
    [api.name, 2],
    [shop.name, 3],
  ]);
  expect(hit.data[1].via).toEqual({ id: db.id, name: db.name, kind: 'depends_on' });
  expect(hit).toMatchObject({ total: 3, byDepth: [1, 1, 1], isCut: false });
  expect(await impact(part.id, '&depth=2')).toMatchObject({ total: 2, isCut: true });
  expect(names(await impact(api.id, '&direction=upstream')).toSorted()).toEqual(
    [db.name, part.name, shop.name].toSorted(),
  );
  expect((await impact(`${part.id},${db.id}`)).total).toBe(2);
  const { data } = await app.ok('GET', `/assets/${db.id}/relations`);
  expect(data).toHaveLength(4);
  expect(await app.call('POST', '/asset-relations', { fromId: db.id, toId: db.id, kind: 'owns' })).toMatchObject({
    status: 422,
    body: { error: 'asset_relation.itself' },
  });
  expect(await app.call('POST', '/asset-relations', { fromId: team.id, toId: db.id, kind: 'owns' })).toMatchObject({
    status: 409,
    body: { error: 'asset_relation.taken' },
  });
});

test('the graph is the filtered assets with the relations among them, by their places', async () => {
  const tag = `graph-${Date.now()}`;
  const [one, two, outside] = [await asset({ tags: [tag] }), await asset({ tags: [tag] }), await asset()];
  await relate(two.id, 'depends_on', one.id);
  await relate(two.id, 'depends_on', outside.id);
  const graph = await app.ok('GET', `/assets/graph?tag=${tag}`);
  expect(graph.names).toEqual([one.name, two.name]);
  expect([graph.from, graph.to, graph.kind, graph.isCapped]).toEqual([[1], [0], [0], false]);
});

test('an export holds every value as it is, also what a spreadsheet would run', async () => {
  const tag = `export-${Date.now()}`;
  const { key } = await asset({ tags: [tag], name: '=cmd()', attributes: { tier: 3, odd: '007', list: ['a;b', 'c'], on: true } }); // prettier-ignore
  const { text } = await app.call('GET', `/assets/export?tag=${tag}`);
  expect(text).toContain(`${key},'=cmd(),service,,${tag},,medium,active,,,`);
  expect(text.split('\r\n')[0]).toBe(
    'key,name,type,description,tags,owner,criticality,state,server,relations,attr.list,attr.odd,attr.on,attr.tier',
  );
});
