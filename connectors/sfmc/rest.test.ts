import { afterAll, beforeAll, expect, test } from 'vitest';
import { SfmcCalls } from './calls.ts';
import { type SfmcWorld, ask, numberColumn, sfmcWorld, textColumn } from './fixtures/world.ts';
import { readCell, readRowset, rowsetPath } from './rest.ts';

let world: SfmcWorld;
let calls: SfmcCalls;
beforeAll(async () => {
  world = await sfmcWorld();
  calls = new SfmcCalls({ ask, tokens: world.tokensOf() });
});
afterAll(() => world.stop());

test('keys and values are one row, in our order and case; a column that is not there is nothing', async () => {
  const columns = [numberColumn('POINTS'), textColumn('SubscriberKey'), textColumn('NotThere')];
  const page = await readRowset(calls, rowsetPath('Members', 2), columns);
  expect(page).toMatchObject({
    count: 5_000,
    rows: [
      ['37', 'sub-000001', null],
      ['74', 'sub-000002', null],
    ],
  });
  expect(page.next).toMatch(/^data\/v1\/customobjectdata\/token\//);
  expect(Date.parse(page.expiresAt ?? '')).toBeGreaterThan(Date.now());
});

test.each([
  ['text', '', ''],
  ['text', ' a ', ' a '],
  ['integer', '', null],
  ['integer', '90071992547409931234', '90071992547409931234'],
  ['decimal', '1.50', '1.50'],
  ['boolean', 'True', 'true'],
  ['boolean', 'False', 'false'],
  ['boolean', '', null],
  ['timestamp', '12/31/2025 12:05:09 AM', '2025-12-31T00:05:09'],
  ['timestamp', '1/2/2026 12:00:00 PM', '2026-01-02T12:00:00'],
  ['timestamp', '2026-01-02 03:04:05', '2026-01-02T03:04:05'],
  ['date', '1/2/2026 12:00:00 AM', '2026-01-02'],
  ['timestamp', '', null],
  ['text', null, null],
] as const)('a %s of the wire, %j, is the cell %j', (type, wire, cell) => {
  expect(readCell(wire, { type })).toBe(cell);
});
