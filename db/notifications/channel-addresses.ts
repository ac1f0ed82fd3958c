import type { DeliveryAddress, SmsAddress } from '#contracts/notifications/address.ts';
import type { Vault } from '#system/vault/vault.ts';
import { type ChannelRow, channelSeal } from './channels.ts';

const hostOf = (url: string | null): string => (url !== null && URL.canParse(url) ? new URL(url).host : (url ?? ''));

/** Where providers tell us of their messages and of what people answer. */
export const answersUrl = (
  publicUrl: string,
  { workspaceId, id, kind }: { workspaceId: string; id: string; kind: string },
): string | null =>
  kind === 'slack' || kind === 'sms' ? `${publicUrl}/api/v1/notify/${workspaceId}/${kind}/${id}` : null;

const openSecret = async (
  vault: Vault,
  workspaceId: string,
  id: string,
  sealed: string | null,
): Promise<string | null> =>
  sealed === null ? null : (await vault.open(sealed, channelSeal(workspaceId, id))).reveal();

/** A provider as the way to one number. @returns null where the channel is no whole provider */
export async function smsAddress(
  vault: Vault,
  workspaceId: string,
  publicUrl: string | null,
  { id, url, account, sender, sealedSecret }: ChannelRow,
  to: string,
): Promise<SmsAddress | null> {
  if (!url || !account || !sender) return null;
  const token = (await openSecret(vault, workspaceId, id, sealedSecret)) ?? '';
  const answers = publicUrl === null ? null : answersUrl(publicUrl, { workspaceId, id, kind: 'sms' });
  return { kind: 'sms', url, account, token, sender, to, statusUrl: answers && `${answers}/status` };
}

/** All that a channel leads to, secrets opened; `shown` is what the log may say of each. */
export async function channelAddresses(
  vault: Vault,
  workspaceId: string,
  publicUrl: string | null,
  channel: ChannelRow,
): Promise<{ address: DeliveryAddress; shown: string }[]> {
  const { kind, id, recipients, url, sealedUrl, sealedSecret } = channel;
  const shown = hostOf(url);
  const open = (sealed: string | null) => openSecret(vault, workspaceId, id, sealed);
  switch (kind) {
    case 'email':
      return recipients.map((email) => ({ address: { kind, email }, shown: email }));
    case 'webhook':
      return [{ address: { kind, url: url ?? '', secret: await open(sealedSecret) }, shown }];
    case 'slack':
      return [{ address: { kind, url: (await open(sealedUrl)) ?? '', isInteractive: sealedSecret !== null }, shown }];
    case 'teams':
      return [{ address: { kind, url: (await open(sealedUrl)) ?? '' }, shown }];
    case 'sms': {
      const addresses = [];
      for (const to of recipients) {
        const address = await smsAddress(vault, workspaceId, publicUrl, channel, to);
        if (address) addresses.push({ address, shown: to });
      }
      return addresses;
    }
  }
}
