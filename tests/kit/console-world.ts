import { randomUUID } from 'node:crypto';
import type { Furnished } from './test-app.ts';
import { until } from './test-app.ts';

export interface ConsoleWorld {
  /** Every page of a workspace with something on it, and its drawers and forms: paths below `/w/<workspace>`. */
  readonly paths: readonly string[];
  readonly playbookId: string;
  /** A run that waits for a decision. */
  readonly waitingId: string;
  readonly succeededId: string;
  readonly failedId: string;
  readonly serverId: string;
}

/** Gives the console one of each thing to show. No host and no secret that could be read is in it. */
export async function furnishConsole({ ok, untilRun }: Pick<Furnished, 'ok' | 'untilRun'>): Promise<ConsoleWorld> {
  const book = async (name: string, steps: unknown[]): Promise<string> =>
    (await ok('POST', '/playbooks', { definition: { name, steps } })).id;
  const run = async (id: string): Promise<string> => (await ok('POST', `/playbooks/${id}/runs`, {})).runId;
  const ask = [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Shall it go on?' }];
  const playbookId = await book('Ask first', ask);
  const waitingId = await run(playbookId);
  const canceledId = await run(playbookId);
  const goodBook = await book('Say it', [{ id: 'say', kind: 'set', values: { word: 'hello' } }]);
  const succeededId = await run(goodBook);
  const again = await run(goodBook);
  const failedId = await run(
    await book('Stop here', [{ id: 'stop', kind: 'fail', message: 'There is no more to do.' }]),
  );
  await until(async () => (await ok('GET', '/approvals')).length > 1);
  await ok('POST', `/runs/${canceledId}/cancel`, {});
  for (const id of [canceledId, succeededId, again, failedId]) await untilRun(id);

  const target = { kind: 'playbook', id: playbookId };
  const server = await ok('POST', '/servers', { name: 'web-1', host: '10.20.1.11', tags: ['web', 'eu'] });
  const schedule = await ok('POST', '/schedules', { name: 'Each night', target, cron: '15 3 * * *', timeZone: 'UTC' });
  const { webhook } = await ok('POST', '/webhooks', { name: 'From the forge', target });
  const trigger = await ok('POST', '/run-triggers', { name: 'After it', playbooks: [playbookId], target });
  await ok('POST', '/secrets', { name: 'DEPLOY_TOKEN', value: 'not to be seen' });
  await ok('PUT', '/variables/region', { value: 'eu-central' });
  await ok('POST', '/channels', { kind: 'email', name: '#night', recipients: ['watch@example.org'] });
  await ok('POST', '/artifacts?name=shop.conf', { listen: 8080 });
  const { people } = await ok('GET', '/oncall/schedules');
  const turns = {
    id: randomUUID(),
    name: 'Weeks',
    people: [people[0].id],
    startsAt: '2026-01-05T09:00',
    turn: { unit: 'weeks', count: 1 },
  };
  const duty = await ok('POST', '/oncall/schedules', { name: 'Primary', timeZone: 'Europe/Berlin', layers: [turns] });
  const steps = [{ targets: [{ kind: 'schedule', id: duty.id }] }];
  const policy = await ok('POST', '/oncall/policies', { name: 'Wake somebody', steps });
  const { source } = await ok('POST', '/log-sources', { name: 'Shop', sender: 'otel' });
  const search = await ok('POST', '/log-searches', { name: 'Payments fail', search: 'payment -taken' });
  await ok('POST', '/logs', [
    { severity: 'error', service: 'checkout', host: 'web-1', text: 'payment failed', attributes: { region: 'eu' } },
    { severity: 'info', service: 'checkout', host: 'web-1', text: 'payment taken', attributes: { region: 'eu' } },
  ]);
  const { source: sender, address } = await ok('POST', '/alert-sources', { name: 'Alertmanager' });
  await fetch(address.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      alerts: [{ status: 'firing', labels: { alertname: 'DiskFull', severity: 'critical', host: 'db-1' } }],
    }),
  });
  const alert = (await ok('GET', '/alerts')).data[0].id;
  const noise = await ok('POST', '/alert-rules', {
    name: 'Noise',
    when: 'alert.labels.team == "lab"',
    outcome: 'drop',
  });
  const time = { kind: 'recurring', cron: '0 22 * * 6', timeZone: 'UTC', lasts: '2h' };
  const matchers = [{ label: 'host', op: '=', value: 'lab' }];
  const silence = await ok('POST', '/silences', { name: 'Saturdays', matchers, time });
  const open = [{ from: '09:00', to: '17:00' }];
  const calendar = await ok('POST', '/sla/calendars', {
    name: 'Office',
    timeZone: 'Europe/Berlin',
    week: { mon: open, tue: open, wed: open, thu: open, fri: [{ from: '09:00', to: '15:00' }] },
    holidays: [{ date: '2026-12-25', name: 'Christmas Day' }],
  });
  const promised = { targets: { sev1: { respond: '15m', resolve: '4h' }, sev2: { respond: '30m', resolve: '8h' } } };
  await ok('POST', '/sla/policies', { name: 'For the rest', ...promised, calendarId: calendar.id });
  const gold = await ok('POST', '/sla/policies', { name: 'Gold', services: ['checkout-api'], ...promised });
  const suggestion = await ok('POST', '/incident-rules', {
    name: 'Ask the hosts',
    condition: "incident.severity == 'sev2'",
    target: { kind: 'playbook', id: goodBook },
  });
  await ok('PUT', '/status-page', {
    isOn: true,
    slug: 'alder-finch',
    title: 'Alder & Finch',
    intro: 'What works and what does not.',
    services: [{ service: 'checkout-api', name: 'Checkout' }],
  });
  const incident = await ok('POST', '/incidents', {
    title: 'Checkout p95 above 2 s in EU',
    severity: 'sev2',
    service: 'checkout-api',
    description: 'Seen since the **last** roll.',
    escalationPolicyId: policy.id,
  });
  const { id: typeId } = await ok('POST', '/asset-types', {
    key: 'service',
    name: 'Service',
    icon: 'app',
    attributes: [{ name: 'tier', kind: 'number', label: 'Tier' }],
  });
  const asset = (key: string, name: string, fields: object = {}) =>
    ok('POST', '/assets', { key, name, typeId, criticality: 'critical', tags: ['shop'], attributes: { tier: 1 }, ...fields }); // prettier-ignore
  const orders = await asset('pg-orders', 'Orders database', { serverId: server.id, description: 'Holds all orders.' });
  const shop = await asset('checkout-api', 'Checkout API', { owner: { team: 'Shop' } });
  const plan = await asset('search-api', 'Search', { state: 'planned', criticality: 'low' });
  await ok('POST', '/asset-relations', { fromId: shop.id, kind: 'depends_on', toId: orders.id });
  await ok('POST', '/asset-relations', { fromId: plan.id, kind: 'runs_on', toId: orders.id });
  for (const { id: ref } of [orders, plan]) await ok('POST', `/incidents/${incident.id}/link`, { kind: 'asset', ref });
  await ok('POST', `/incidents/${incident.id}/notes`, { text: 'Lag on `orders_line` is **41 s**.' });
  await ok('POST', `/incidents/${incident.id}/tasks`, { title: 'Tell the shop' });
  await ok('POST', `/incidents/${incident.id}/updates`, {
    title: 'Paying takes long',
    phase: 'investigating',
    impact: 'degraded',
    services: ['checkout-api'],
    text: 'We are looking into it.',
  });
  const paths = [
    '', '/runs', `/runs?run=${succeededId}`, `/runs/${waitingId}`, `/runs/${failedId}?step=stop`, `/runs/${canceledId}`,
    `/runs/compare?a=${succeededId}&b=${again}`, '/playbooks', `/playbooks/${playbookId}`, '/playbooks/new',
    '/approvals', '/servers', `/servers?sel=${server.id}`, '/servers?edit=new', '/servers?import=true', '/connections', '/connections/new', '/connections/new?kind=sfmc&step=details', '/credentials',
    '/credentials?edit=new', '/schedules', `/schedules?sel=${schedule.id}`, '/schedules?edit=new', '/webhooks',
    `/webhooks?sel=${webhook.id}`, '/webhooks?edit=new', '/run-triggers', `/run-triggers?sel=${trigger.id}`,
    '/run-triggers?edit=new', '/incidents', '/incidents?view=list', '/incidents?declare=new', `/incidents/${incident.key}`, `/incidents/${incident.key}?tab=postmortem`, '/settings/incidents', '/incidents/reports', '/settings/sla', `/settings/sla?edit=${gold.id}`,
    '/settings/sla?show=calendars', `/settings/sla?show=calendars&edit=${calendar.id}`, '/settings/incident-rules',
    `/settings/incident-rules?sel=${suggestion.id}`, '/settings/incident-rules?edit=new', '/settings/status-page', '/account/notifications', '/logs', '/logs?q=payment%20region%3Deu', '/logs?show=sources', '/logs?show=sources&edit=new', `/logs?show=sources&edit=${source.id}`, '/logs?show=searches', `/logs?show=searches&edit=${search.id}`, '/logs?show=keeping', '/alerts', `/alerts?sel=${alert}`, '/alerts?show=sources', `/alerts?show=sources&sel=${sender.id}`,
    '/alerts?show=sources&edit=new', '/alerts?show=rules', `/alerts?show=rules&edit=${noise.id}`, '/alerts?show=silences',
    `/alerts?show=silences&edit=${silence.id}`, '/assets', `/assets?sel=${orders.id}`, `/assets?sel=${orders.id}&tab=relations&relate=new`, `/assets?sel=${orders.id}&tab=impact`, `/assets?sel=${orders.id}&tab=incidents`, `/assets?sel=${orders.id}&tab=history`, '/assets?view=graph', `/assets?view=graph&sel=${orders.id}&impact=downstream`, '/assets?edit=new', '/assets?types=all', `/assets?types=${typeId}`, '/assets?discover=true', '/assets/imports', '/oncall', '/oncall?edit=new', `/oncall?edit=${duty.id}`, '/oncall?show=policies', `/oncall?show=policies&edit=${policy.id}`, '/queries', '/queries/queue', '/files', '/settings', '/settings/members', '/settings/members?tab=roles',
    '/settings/members?invite=true', '/settings/values', '/settings/channels', '/settings/queues', '/settings/speed',
    '/settings/sign-in', '/settings/api-keys', '/settings/api-keys?edit=new', '/settings/audit', '/account', '/nowhere',
  ]; // prettier-ignore
  return { paths, playbookId, waitingId, succeededId, failedId, serverId: server.id };
}
