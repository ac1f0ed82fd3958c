import type { AfterQuery } from '#contracts/queries/delivery.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { findChannel } from '#db/notifications/channels.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

const path = '/body/target/after';

/**
 * Checks what a schedule wants done with the rows: channels that are there, a mail server, and the right to take rows out.
 * @throws Problem `schedule.after_unfit`, `identity.permission_missing`
 */
export async function checkAfter(
  tx: TenantTx,
  after: AfterQuery,
  { actor, mail }: { actor: Pick<Actor, 'permissions'>; mail: Pick<ApiTools['mail'], 'isReady'> },
): Promise<void> {
  if (after.deliveries.length > 0 && !actor.permissions.has('queries:export'))
    throw problem('identity.permission_missing', { permission: 'queries:export' }, { permission: 'queries:export' });
  for (const [index, delivery] of after.deliveries.entries()) {
    if (delivery.kind === 'mail') {
      if (!mail.isReady) refuse(`/deliveries/${index}`, 'no mail server is set, so nothing can be sent by mail');
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

function refuse(field: string, why: string): never {
  throw problem('schedule.after_unfit', { why }, [
    { path: `${path}${field}`, code: 'schedule.after_unfit', message: `${why[0]?.toUpperCase()}${why.slice(1)}.` },
  ]);
}
