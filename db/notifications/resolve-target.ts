import type { Json } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { type ChannelRow, findChannel } from './channels.ts';

/** Whom one entry of `to` means. `name` is how it stands there and comes back in the step's output. */
export type Target =
  | { name: string; isUrgent: boolean; kind: 'channel'; channel: ChannelRow }
  | { name: string; isUrgent: boolean; kind: 'person'; email: string }
  | { name: string; isUrgent: boolean; kind: 'nobody' };

/** Finds the channel or member that an entry names: `#ops`, a mail address, an id, a member's name, or `{channel, urgent?}`. A channel may be named by its id. */
export async function resolveTarget(tx: TenantTx, entry: Json): Promise<Target> {
  const { name, isUrgent } = readEntry(entry);
  const wanted = name.trim();
  const channel = await findChannel(tx, { name: `#${wanted.replace(/^#/, '').toLowerCase()}` });
  if (channel) return { name, isUrgent, kind: 'channel', channel };
  const byId = uuid.test(wanted) && (await findChannel(tx, { id: wanted }));
  if (byId) return { name: byId.name, isUrgent, kind: 'channel', channel: byId };
  if (wanted.startsWith('#') || wanted === '') return { name, isUrgent, kind: 'nobody' };
  const people = await tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.email', 'u.name'])
    .where((eb) =>
      eb.or([
        eb('u.email', '=', wanted.toLowerCase()),
        eb('u.name', '=', wanted),
        ...(uuid.test(wanted) ? [eb('u.id', '=', wanted)] : []),
      ]),
    )
    .limit(2)
    .execute();
  // A name that two people have means neither.
  const exact =
    people.find(({ email, id }) => email === wanted.toLowerCase() || id === wanted) ??
    (people.length === 1 ? people[0] : undefined);
  return exact ? { name, isUrgent, kind: 'person', email: exact.email } : { name, isUrgent, kind: 'nobody' };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function readEntry(entry: Json): { name: string; isUrgent: boolean } {
  if (typeof entry === 'string') return { name: entry, isUrgent: false };
  if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) {
    const name = entry['channel'] ?? entry['person'];
    return { name: typeof name === 'string' ? name : JSON.stringify(entry), isUrgent: entry['urgent'] === true };
  }
  return { name: JSON.stringify(entry), isUrgent: false };
}
