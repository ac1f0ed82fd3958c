import type { DemoClient } from './client.ts';

interface Sources {
  data: { name: string }[];
}
interface Made {
  source: { id: string };
  address: { token: string };
}

const alert = (alertname: string, severity: string, labels: Record<string, string>, summary: string) => ({
  status: 'firing',
  labels: { alertname, severity, ...labels },
  annotations: { summary },
  startsAt: new Date().toISOString(),
});

/** A source as Alertmanager would send to it, some alerts of which one is over, a rule and a weekly window. */
export async function seedAlerts(base: string, owner: DemoClient): Promise<void> {
  const { data } = await owner.call<Sources>('GET', '/alert-sources');
  if (data.length > 0) return;
  await owner.call('POST', '/alert-rules', {
    name: 'Backups by themselves',
    when: 'alert.labels.alertname == "BackupLate"',
    outcome: 'keep',
  });
  await owner.call('POST', '/alert-rules', {
    name: 'The shop, by cluster',
    when: 'alert.labels.team == "shop"',
    service: '"Shop"',
    groupBy: ['cluster'],
    flapDelay: '2m',
  });
  await owner.call('POST', '/silences', {
    name: 'Saturday maintenance',
    reason: 'Hosts are patched',
    matchers: [{ label: 'cluster', op: '=~', value: 'staging-.*' }],
    time: { kind: 'recurring', cron: '0 22 * * 6', timeZone: 'Europe/Berlin', lasts: '2h' },
  });
  const { address } = await owner.call<Made>('POST', '/alert-sources', { name: 'Alertmanager in production' });
  const send = async (alerts: object[]): Promise<void> => {
    await fetch(`${base}/api/v1/ingest/${address.token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ version: '4', groupKey: '{}:{}', alerts }),
    });
  };
  const shop = { team: 'shop', cluster: 'eu-1' };
  const certificate = alert(
    'CertificateSoon',
    'info',
    { host: 'shop.example' },
    'Certificate of shop.example ends soon',
  );
  await send([
    alert('HighErrorRate', 'critical', { ...shop, service: 'checkout' }, 'Checkout answers 5xx to 7 % of requests'),
    alert('LatencyHigh', 'warning', { ...shop, service: 'search' }, 'Search takes 1.8 s at the 95th percentile'),
    alert('DiskWillFill', 'high', { instance: 'db-1', team: 'data' }, 'Disk of db-1 is full in 4 hours'),
    alert('BackupLate', 'warning', { instance: 'db-2', team: 'data' }, 'The backup of db-2 is 3 hours late'),
    certificate,
  ]);
  await send([{ ...certificate, status: 'resolved', endsAt: new Date().toISOString() }]);
}
