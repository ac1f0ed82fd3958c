import { expect, test } from 'vitest';
import { publicStatus } from './public-status.ts';
import type { PublishUpdate } from './status-page.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
let made = 0;
const update = (incidentId: string, hoursAgo: number, fields: Partial<PublishUpdate> = {}) => ({
  id: `01890000-0000-7000-8000-${String((made += 1)).padStart(12, '0')}`,
  incidentId,
  title: 'Checkout is slow',
  phase: 'investigating' as const,
  impact: 'degraded' as const,
  services: ['shop'],
  text: 'We are looking.',
  publishedAt: new Date(now - hoursAgo * 3_600_000).toISOString(),
  ...fields,
});
const page = {
  title: 'Alder & Finch',
  intro: '',
  services: [
    { service: 'shop', name: 'Shop' },
    { service: 'mail', name: 'Letters' },
  ],
};

test('the newest update says how an incident stands, and a service is as bad as its worst one', () => {
  const status = publicStatus(
    page,
    [update('a', 3), update('a', 1, { impact: 'major_outage', phase: 'identified' }), update('b', 2)],
    now,
  );
  expect([status.impact, status.services]).toEqual([
    'major_outage',
    [
      { name: 'Shop', impact: 'major_outage' },
      { name: 'Letters', impact: 'none' },
    ],
  ]);
  expect(status.incidents[0]).toMatchObject({ phase: 'identified', updates: [{ phase: 'identified' }, {}] });
  expect(status.incidents[0]?.startedAt).toBe(new Date(now - 3 * 3_600_000).toISOString());
});

test('what is over harms nothing, stands after what goes on, and is gone after two weeks', () => {
  const resolved = { phase: 'resolved', impact: 'major_outage' } as const;
  const status = publicStatus(
    page,
    [update('old', 400), update('old', 24 * 14 + 1, resolved), update('over', 1, resolved), update('on', 5)],
    now,
  );
  expect(status.incidents.map(({ phase }) => phase)).toEqual(['investigating', 'resolved']);
  expect(status.impact).toBe('degraded');
});

test('a service that the page does not show is not named', () => {
  const status = publicStatus(page, [update('a', 1, { services: ['internal-ledger', 'mail'] })], now);
  expect(JSON.stringify(status)).not.toContain('internal-ledger');
  expect(status.incidents[0]?.services).toEqual(['Letters']);
});
