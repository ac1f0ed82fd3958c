import type { DemoClient } from './client.ts';

interface Made {
  id: string;
}
interface Asset extends Made {
  key: string;
  name: string;
}
interface Sample {
  title: string;
  severity: string;
  service: string;
  description?: string;
  /** The states it goes through, each with its reason where one is asked for. */
  moves?: readonly (readonly [to: string, reason?: string])[];
  notes?: readonly string[];
  tasks?: readonly string[];
  /** Keys of the assets it is about. */
  assets?: readonly string[];
}

const samples: readonly Sample[] = [
  {
    title: 'Storefront down in EU for six minutes',
    severity: 'sev1',
    service: 'storefront',
    assets: ['storefront-eu', 'edge-eu'],
    moves: [
      ['acknowledged'],
      ['investigating'],
      ['resolved', 'The load balancer was given its old certificate back'],
      ['closed', 'The postmortem is written'],
    ],
  },
  {
    title: 'edge-eu-02 serves an expired certificate',
    severity: 'sev2',
    service: 'edge',
    moves: [['acknowledged'], ['resolved', 'A new certificate is in place']],
    notes: ['`certbot` had stopped after the last move of the host.'],
  },
  {
    title: 'Consumer lag grows on kafka-eu-03',
    severity: 'sev3',
    service: 'order-events',
    assets: ['kafka'],
    moves: [['acknowledged'], ['pending', 'Waits for the answer of the vendor']],
  },
  {
    title: 'Checkout p95 above 2 s in EU',
    severity: 'sev2',
    service: 'checkout-api',
    description: 'Seen since the last roll of the storefront. **Payments go through**, slowly.',
    moves: [['acknowledged'], ['investigating']],
    notes: [
      'Replica lag is 41 s. A long vacuum on `orders_line` holds it back.\n\n- lowering the cost limit on `pg-orders-eu-2`\n- watching p95',
    ],
    tasks: ['Tell the shop team', 'Look at the connection pool of shop-eu-07'],
    assets: ['checkout-api', 'pg-orders'],
  },
  {
    title: 'AMC refuses our token for Brand EU',
    severity: 'sev3',
    service: 'AMC · Brand EU',
    moves: [['acknowledged']],
  },
  { title: 'Disk at 86% on backup-eu-01', severity: 'sev4', service: 'backup-eu-01' },
  { title: 'Order confirmations are not leaving SFMC', severity: 'sev1', service: 'SFMC Production' },
];

/** Incidents in every state, so that the board of the demo has something in each column. */
export async function seedIncidents(owner: DemoClient): Promise<void> {
  const { data } = await owner.call<{ data: unknown[] }>('GET', '/incidents?limit=1');
  if (data.length > 0) return;
  const policies = await owner.call<{ data: Made[] }>('GET', '/oncall/policies');
  const { people } = await owner.call<{ people: Made[] }>('GET', '/oncall/schedules');
  const known = await owner.call<{ data: Asset[] }>('GET', '/assets?limit=200');
  const assetOf = new Map(known.data.map((asset) => [asset.key, asset]));
  for (const sample of samples) {
    const { title, severity, service, description = '', moves = [], notes = [], tasks = [], assets = [] } = sample;
    const { id } = await owner.call<Made>('POST', '/incidents', {
      title,
      severity,
      service,
      description,
      ownerId: moves.length > 0 ? (people[0]?.id ?? null) : null,
      escalationPolicyId: policies.data[0]?.id ?? null,
      links: assets.flatMap((key) => {
        const asset = assetOf.get(key);
        return asset ? [{ kind: 'asset', ref: asset.id, label: asset.name }] : [];
      }),
    });
    for (const [to, reason] of moves)
      await owner.call('POST', `/incidents/${id}/transitions`, { to, ...(reason && { reason }) });
    for (const text of notes) await owner.call('POST', `/incidents/${id}/notes`, { text });
    for (const task of tasks) await owner.call('POST', `/incidents/${id}/tasks`, { title: task });
  }
}
