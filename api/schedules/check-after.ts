import type { AfterQuery } from '#contracts/queries/delivery.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { findChannel } from '#db/notifications/channels.ts';
import { readVersion } from '#db/queries/saved-queries.ts';
import { findCredential } from '#db/servers/credentials.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

const path = '/body/target/after';

/**
 * Checks what a schedule wants done with the rows: channels and credentials that are there, a mail server, and
 * the rights to take rows out and to point a credential at a host.
 * @throws Problem `schedule.after_unfit`, `identity.permission_missing`
 */
export async function checkAfter(
  tx: TenantTx,
  { id, version, after }: Pick<QueryTarget, 'id' | 'version'> & { after: AfterQuery },
  { actor, mail }: { actor: Pick<Actor, 'permissions'>; mail: Pick<ApiTools['mail'], 'isReady'> },
): Promise<void> {
  if (after.deliveries.length > 0 && !actor.permissions.has('queries:export'))
    throw problem('identity.permission_missing', { permission: 'queries:export' }, { permission: 'queries:export' });
  for (const [index, delivery] of after.deliveries.entries()) {
    if (delivery.kind === 'mail') {
      if (!mail.isReady) refuse(`/deliveries/${index}`, 'no mail server is set, so nothing can be sent by mail');
      continue;
    }
    if (delivery.kind === 'sftp') {
      // Who names a host for a credential could have its password shown to a host of theirs.
      if (!actor.permissions.has('servers:manage'))
        throw problem(
          'identity.permission_missing',
          { permission: 'servers:manage' },
          { permission: 'servers:manage' },
        );
      if (!(await findCredential(tx, delivery.credentialId)))
        refuse(`/deliveries/${index}/credentialId`, 'there is no such credential');
      continue;
    }
    if (delivery.kind === 'data_extension') {
      if ((await engineOf(tx, id, version)) !== 'sfmc')
        refuse(`/deliveries/${index}`, 'only rows of a query on Marketing Cloud go into a data extension');
      if (
        after.deliveries.some((other, at) => at < index && other.kind === delivery.kind && other.key === delivery.key)
      )
        refuse(`/deliveries/${index}/key`, 'another delivery writes into the same data extension');
      continue;
    }
    const channel = await findChannel(tx, { id: delivery.channelId });
    if (channel?.kind !== 'webhook')
      refuse(
        `/deliveries/${index}/channelId`,
        channel ? 'rows are sent to webhooks alone' : 'there is no such channel',
      );
  }
  for (const [index, { channelId }] of after.alerts.entries())
    if (!(await findChannel(tx, { id: channelId }))) refuse(`/alerts/${index}/channelId`, 'there is no such channel');
}

async function engineOf(tx: TenantTx, id: string, version: number | null | undefined): Promise<EngineKind | null> {
  const query = await tx.selectFrom('queries').select('version').where('id', '=', id).executeTakeFirst();
  return query ? ((await readVersion(tx, id, version ?? query.version))?.body.engine ?? null) : null;
}

function refuse(field: string, why: string): never {
  throw problem('schedule.after_unfit', { why }, [
    { path: `${path}${field}`, code: 'schedule.after_unfit', message: `${why[0]?.toUpperCase()}${why.slice(1)}.` },
  ]);
}
