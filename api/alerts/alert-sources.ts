import { type AlertSource, alertSourceRoutes, SourceFields } from '#contracts/alerts/alert-sources.ts';
import { mappingNames } from '#contracts/alerts/formats/generic.ts';
import { checkExpressions } from '#contracts/hooks/map-values.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { acceptAlerts } from '#db/alerts/accept-alerts.ts';
import {
  deleteAlertSource,
  insertAlertSource,
  listAlertSources,
  readAlertSourceRow,
  updateAlertSource,
} from '#db/alerts/alert-sources.ts';
import { alertStatusOf } from '#db/alerts/alerts.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { removeLiveToken } from '#db/kit/live-tokens.ts';
import { listPolicies } from '#db/oncall/escalation-policies.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { newIngestAddress } from '../kit/ingest-address.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import { alertDoor } from './take-alerts.ts';

/** What is sent to try a source out; its key stays the same, so that the next one ends it. */
const testKey = 'windlass-test';

/** Where alerts come from, and the door they come in by. */
export const alertSourceRoom = room(alertSourceRoutes, (tools) => {
  const door = alertDoor(tools);
  return {
    listAlertSources: ({ actor }) => tools.inTenant(actor, async (tx) => ({ data: await listAlertSources(tx) })),
    getAlertSource: ({ actor, params, reply }) =>
      tools.inTenant(actor, async (tx) => withEtag(reply, await mustRead(tx, params.id))),
    createAlertSource: (call) => {
      const { actor, body, reservedId: id } = call;
      return tools.inTenant(actor, async (tx) => {
        await check(tx, body);
        await insertAlertSource(tx, id, body, actorRef(actor));
        const address = await newIngestAddress(tx, tools, 'alert_source_tokens', id);
        const source = await mustRead(tx, id);
        await recordChange(tx, { ...auditOrigin(call), ...of('created', source), after: auditOf(source) });
        return { source, address };
      });
    },
    changeAlertSource: (call) => {
      const { actor, params, body, request, reply } = call;
      const expected = versionOf(request);
      return tools.inTenant(actor, async (tx) => {
        const row = await mustLock(tx, params.id);
        if (expected !== undefined && expected !== row.version) throw problem('request.stale');
        const before = await mustRead(tx, params.id);
        const values = SourceFields.parse({ ...before, ...body });
        await check(tx, values);
        await updateAlertSource(tx, params.id, values);
        const after = await mustRead(tx, params.id);
        await recordChange(tx, {
          ...auditOrigin(call),
          ...of('changed', after),
          before: auditOf(before),
          after: auditOf(after),
        });
        return withEtag(reply, after);
      });
    },
    deleteAlertSource: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const row = await mustLock(tx, call.params.id);
        await deleteAlertSource(tx, row.id);
        await recordChange(tx, { ...auditOrigin(call), ...of('removed', row) });
      }),
    rotateAlertSource: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const row = await mustLock(tx, call.params.id);
        const address = await newIngestAddress(tx, tools, 'alert_source_tokens', row.id);
        await recordChange(tx, { ...auditOrigin(call), ...of('token_added', row) });
        return { source: await mustRead(tx, row.id), address };
      }),
    removeAlertSourceToken: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const row = await mustLock(tx, call.params.id);
        if (!(await removeLiveToken(tx, 'alert_source_tokens', row.id, call.params.tokenId)))
          throw problem('request.not_found');
        await recordChange(tx, { ...auditOrigin(call), ...of('token_removed', row) });
      }),
    testAlertSource: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const source = await mustLock(tx, call.params.id);
        const before = await alertStatusOf(tx, source.id, testKey);
        const status = before === undefined || before === 'resolved' ? 'firing' : 'resolved';
        await acceptAlerts(tx, source.id, source.name, [
          {
            key: testKey,
            groupKey: null,
            status,
            severity: 'info',
            title: `Test alert from ${source.name}`,
            description: 'Sent by hand to see what rules and silences make of it.',
            labels: { alertname: 'WindlassTest', severity: 'info', source: source.name },
            startsAt: null,
            endsAt: null,
            links: [],
          },
        ]);
        await recordChange(tx, { ...auditOrigin(call), ...of('tested', source) });
        return { status };
      }),

    takeAlerts: ({ params, request, reply }) => door.take({ request, reply, token: params.token }, null),
    takePutAlerts: ({ params, request, reply }) => door.take({ request, reply, token: params.token }, null),
    greetAlertSender: ({ params, request, reply }) => door.greet(request, reply, params.token),
    takePrometheusAlerts: ({ params, request, reply }) =>
      door.take({ request, reply, token: params.token }, 'prometheus'),
    takePagerDutyEvent: ({ params, request, reply }) => door.take({ request, reply, token: params.token }, 'pagerduty'),
    takePagerDutyChange: ({ params, request, reply }) =>
      door.take({ request, reply, token: params.token }, 'pagerduty-change'),
    takeKeyedAlerts: ({ request, reply }) => door.take({ request, reply, token: null }, null),
    takeKeyedPrometheusAlerts: ({ request, reply }) => door.take({ request, reply, token: null }, 'prometheus'),
    takeKeyedPagerDutyEvent: ({ request, reply }) => door.take({ request, reply, token: null }, 'pagerduty'),
    takeKeyedPagerDutyChange: ({ request, reply }) => door.take({ request, reply, token: null }, 'pagerduty-change'),
  };
});

const of = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `alert_source.${act}`,
  subject: `alert_source:${id}`,
  title: name,
});
const auditOf = ({ name, format, mapping, defaults, enabled, rateLimit, heartbeat }: AlertSource) => ({
  name,
  format,
  mapping,
  defaults,
  enabled,
  rateLimit,
  heartbeat,
});

async function mustRead(tx: TenantTx, id: string): Promise<AlertSource> {
  const [source] = await listAlertSources(tx, id);
  if (!source) throw problem('request.not_found');
  return source;
}
async function mustLock(tx: TenantTx, id: string) {
  const row = await readAlertSourceRow(tx, id, { lock: true });
  if (!row) throw problem('request.not_found');
  return row;
}

/** Holds a source to what it names, and its mapping to CEL. */
async function check(tx: TenantTx, { format, mapping, defaults }: SourceFields): Promise<void> {
  const issues: { path: string; code: string; message: string }[] = [];
  if (format === 'generic' && mapping === null)
    issues.push({ path: '/body/mapping', code: 'shape.missing_field', message: 'Say how its JSON is read.' });
  if (mapping !== null) {
    const given = Object.entries(mapping).flatMap(([name, text]) =>
      text === null ? [] : [[`/body/mapping/${name}`, text] as const],
    );
    issues.push(...checkExpressions(Object.fromEntries(given), mappingNames));
  }
  const { escalationPolicyId } = defaults;
  if (escalationPolicyId !== null && (await listPolicies(tx, escalationPolicyId)).length === 0)
    issues.push({
      path: '/body/defaults/escalationPolicyId',
      code: 'not_found',
      message: 'There is no such escalation policy.',
    });
  if (issues.length > 0) throw problem('alert_source.config_invalid', {}, issues);
}
