import { expect, test } from 'vitest';
import { NotificationPreferences, planPages, quietUntil } from './plan-pages.ts';

const at = (text: string): number => Date.parse(text);
const phone = '00000000-0000-7000-8000-000000000001';
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const nights = { days: [...days], from: '22:00', to: '07:00' };
const wishes = (fields: object) => NotificationPreferences.parse({ timeZone: 'Europe/Berlin', ...fields });

test('mail at once where nothing was chosen, where no step fits the severity, and where a contact is not proven', () => {
  const page = { severity: 'sev3' as const, isUrgent: true, at: 0 };
  const mail = [{ contactId: null, afterMs: 0, dueAt: 0, isHeld: false, isOnlyIfOpen: false }];
  expect(planPages(wishes({}), new Set(), page)).toEqual(mail);
  expect(planPages(wishes({ steps: [{ contactId: phone }] }), new Set(), page)).toEqual(mail);
  expect(planPages(wishes({ steps: [{ contactId: phone, severities: ['sev1'] }] }), new Set([phone]), page)).toEqual(
    mail,
  );
});

test('steps come in the order of their delays, each contact once, later ones only while nobody has answered', () => {
  const steps = [{ contactId: phone, after: '5m' }, { contactId: null }, { contactId: phone, after: '9m' }];
  const plan = planPages(wishes({ steps }), new Set([phone]), { severity: null, isUrgent: true, at: 1_000 });
  expect(plan.map(({ contactId, dueAt, isOnlyIfOpen }) => [contactId, dueAt, isOnlyIfOpen])).toEqual([
    [null, 1_000, false],
    [phone, 301_000, true],
  ]);
});

test('quiet hours end by the clocks of the person, in the nights in which clocks change too', () => {
  // Berlin goes back on 25 October 2026 and ahead on 29 March 2026.
  expect(quietUntil(nights, 'Europe/Berlin', at('2026-10-24T21:00:00Z'))).toBe(at('2026-10-25T06:00:00Z'));
  expect(quietUntil(nights, 'Europe/Berlin', at('2026-03-28T22:00:00Z'))).toBe(at('2026-03-29T05:00:00Z'));
  expect(quietUntil(nights, 'Europe/Berlin', at('2026-03-28T12:00:00Z'))).toBe(at('2026-03-28T12:00:00Z'));
  expect(quietUntil({ ...nights, days: ['fri'] }, 'Europe/Berlin', at('2026-11-21T02:00:00Z'))).toBe(
    at('2026-11-21T06:00:00Z'),
  );
  expect(quietUntil({ ...nights, days: ['fri'] }, 'Europe/Berlin', at('2026-11-22T02:00:00Z'))).toBe(
    at('2026-11-22T02:00:00Z'),
  );
});

test('what is not urgent waits for their end; what is urgent passes through', () => {
  const quiet = wishes({ quietHours: nights });
  const now = at('2026-11-21T23:00:00Z');
  expect(planPages(quiet, new Set(), { severity: null, isUrgent: false, at: now })).toMatchObject([
    { dueAt: at('2026-11-22T06:00:00Z'), isHeld: true },
  ]);
  expect(planPages(quiet, new Set(), { severity: null, isUrgent: true, at: now })).toMatchObject([
    { dueAt: now, isHeld: false },
  ]);
});
