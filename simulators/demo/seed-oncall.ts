import { randomUUID } from 'node:crypto';
import type { DemoClient } from './client.ts';

interface Schedules {
  data: { name: string }[];
  people: { id: string; name: string }[];
}

/** Who is on call in the demo: a weekly rotation with nights of its own, and a policy that tells them. */
export async function seedOnCall(owner: DemoClient): Promise<void> {
  const { data, people } = await owner.call<Schedules>('GET', '/oncall/schedules');
  const ids = people.map(({ id }) => id);
  const [first = ''] = ids;
  if (data.length > 0 || first === '') return;
  const { id } = await owner.call<{ id: string }>('POST', '/oncall/schedules', {
    name: 'Primary',
    description: 'Answers what wakes people',
    timeZone: 'Europe/Berlin',
    layers: [
      { id: randomUUID(), name: 'Weeks', people: ids, startsAt: '2026-01-05T09:00', turn: { unit: 'weeks', count: 1 } },
      {
        id: randomUUID(),
        name: 'Weekends',
        people: [...ids.slice(1), first],
        startsAt: '2026-01-03T00:00',
        turn: { unit: 'weeks', count: 1 },
        only: [{ days: ['sat', 'sun'], from: '00:00', to: '24:00' }],
      },
    ],
  });
  await owner.call('POST', '/oncall/policies', {
    name: 'Wake somebody',
    steps: [
      { targets: [{ kind: 'schedule', id }] },
      {
        after: '10m',
        targets: [{ kind: 'schedule', id }, ...ids.slice(1, 2).map((person) => ({ kind: 'person', id: person }))],
      },
    ],
    repeats: 1,
    fallback: [{ kind: 'person', id: first }],
  });
}
