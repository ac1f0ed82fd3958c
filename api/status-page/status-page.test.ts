import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

let app: TestApp;
let made = 0;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
});
afterAll(() => app?.close());

const settings = (fields: object = {}) => ({
  isOn: true,
  slug: `alder-${(made += 1)}`,
  title: 'Alder & Finch <status>',
  services: [{ service: 'shop', name: 'Shop' }],
  ...fields,
});
const page = (path: string) => fetch(`${app.origin}${path}`);
const incident = () =>
  app.ok('POST', '/incidents', { title: 'Secret ledger is down', severity: 'sev1', service: 'shop' });
const update = { title: 'Checkout <b>is</b> slow', phase: 'identified', impact: 'partial_outage', services: ['shop'], text: 'We found it.' }; // prettier-ignore

test('404: nothing is public until somebody turns it on, and nothing again once it is off', async () => {
  expect((await app.ok('GET', '/status-page')).isOn).toBe(false);
  const { slug, url } = await app.ok('PUT', '/status-page', settings({ isOn: false }));
  expect(url.endsWith(`/status/${slug}`)).toBe(true);
  expect(await app.call('GET', `/status/${slug}`, undefined, { token: null })).toMatchObject({
    status: 404,
    body: { error: 'status_page.not_found' },
  });
  expect((await page(`/status/${slug}`)).status).toBe(404);
  const { id } = await incident();
  expect(await app.call('POST', `/incidents/${id}/updates`, update)).toMatchObject({ status: 409 });
  await app.ok('PUT', '/status-page', settings({ slug }));
  expect((await page(`/status/${slug}`)).status).toBe(200);
  await app.ok('PUT', '/status-page', settings({ slug, isOn: false }));
  expect((await page(`/status/${slug}/feed.atom`)).status).toBe(404);
});

test('200: everybody reads what was published, as text, and nothing of the incident itself', async () => {
  const { slug } = await app.ok('PUT', '/status-page', settings());
  const { id, key } = await incident();
  const published = await app.ok('POST', `/incidents/${id}/updates`, update);
  const answer = await page(`/status/${slug}`);
  expect([answer.headers.get('cache-control'), answer.headers.get('set-cookie')]).toEqual(['public, max-age=30', null]);
  const html = await answer.text();
  expect(html).toContain('Checkout &lt;b&gt;is&lt;/b&gt; slow');
  expect(html).toContain('Alder &amp; Finch &lt;status&gt;');
  expect(html).not.toContain('<script');
  const feed = await page(`/status/${slug}/feed.atom`);
  expect(feed.headers.get('content-type')).toContain('application/atom+xml');
  const json = await app.ok('GET', `/status/${slug}`, undefined, { token: null });
  expect(json).toMatchObject({ impact: 'partial_outage', services: [{ name: 'Shop', impact: 'partial_outage' }] });
  for (const text of [html, await feed.text(), JSON.stringify(json)]) {
    expect(text).toContain('We found it.');
    for (const inner of ['ledger', key, id, 'Mara', app.workspaceId]) expect(text).not.toContain(inner);
  }
  await app.ok('DELETE', `/incidents/${id}/updates/${published.id}`);
  expect(await (await page(`/status/${slug}`)).text()).not.toContain('We found it.');
  const { data } = await app.ok('GET', `/audit?subject=incident:${id}`);
  expect(data.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['status_page.withdrawn', 'status_page.published']),
  );
});

test('422: a service that the page does not show; 409: an address that another workspace has', async () => {
  const { slug } = await app.ok('PUT', '/status-page', settings());
  const { id } = await incident();
  expect(await app.call('POST', `/incidents/${id}/updates`, { ...update, services: ['ledger'] })).toMatchObject({
    status: 422,
    body: { error: 'status_page.service_unknown' },
  });
  const other = await app.ok('POST', '/workspaces', { name: `Other ${made}` }, { token: app.owner.token });
  const there = { token: app.owner.token, workspace: other.id };
  expect(await app.call('PUT', '/status-page', settings({ slug }), there)).toMatchObject({
    status: 409,
    body: { error: 'status_page.slug_taken' },
  });
  expect((await app.call('PUT', '/status-page', settings({ slug: 'No Spaces' }))).status).toBe(400);
});
