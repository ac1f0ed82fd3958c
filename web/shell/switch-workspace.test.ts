import { expect, test } from 'vitest';
import { addressIn } from './switch-workspace.ts';

const other = { slug: 'second', permissions: ['runs:read', 'servers:read', 'settings:read'] as const };
const at = (path: string, permissions: readonly string[] = other.permissions) =>
  addressIn({ slug: other.slug, permissions: [...permissions] as never }, path);

test('the page is kept where both workspaces have it, without the thing that only one has', () => {
  expect(at('/servers')).toBe('/w/second/servers');
  expect(at('/runs/019a0000-0000-7000-8000-000000000001')).toBe('/w/second/runs');
  expect(at('/runs/compare')).toBe('/w/second/runs');
  expect(at('/settings/queues')).toBe('/w/second/settings/queues');
  expect(at('/settings')).toBe('/w/second/settings');
  expect(at('/account')).toBe('/w/second/account');
});

test('where the page may not be read there, or is none, one lands on the overview', () => {
  expect(at('/servers', ['runs:read'])).toBe('/w/second');
  expect(at('/')).toBe('/w/second');
  expect(at('/nowhere')).toBe('/w/second');
});
