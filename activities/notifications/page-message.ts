import { consoleAddress } from '#contracts/kit/console-address.ts';
import type { Message, MessageAct } from '#connectors/notifications/message.ts';
import { actLabels } from '#contracts/notifications/page.ts';
import { linkLifeMs, signActLink } from '#db/notifications/act-links.ts';
import type { Attempt, PageRow } from '#db/notifications/delivery-attempts.ts';
import type { Vault } from '#system/vault/vault.ts';

/** Buttons of a bundle: more than so many are no help on a phone. */
const mostActs = 6;

/** What a delivery says: one page, or several named in one message. The same again for each attempt. */
export async function pageMessage(
  { delivery, pages, workspace, numbers }: Attempt,
  { vault, workspaceId, publicUrl }: { vault: Vault; workspaceId: string; publicUrl: string },
): Promise<Message> {
  const [first] = pages;
  const acts = await actsOf({ delivery, pages }, { vault, workspaceId, publicUrl });
  const shared = { key: delivery.key, workspace, run: null, acts, isUrgent: pages.some(({ isUrgent }) => isUrgent) };
  if (pages.length > 1)
    return {
      ...shared,
      subject: `${pages.length} messages: ${pages.map(({ subject }) => subject).join(', ')}`.slice(0, 250),
      text: pages
        .map(({ subject, text, path }) => `• ${subject}\n${text}\n${consoleAddress(publicUrl, workspaceId, path)}`)
        .join('\n\n'),
      link: { label: 'Open Windlass', url: publicUrl },
      replyHint: null,
    };
  const number = first?.incidentId == null ? undefined : numbers.get(first.incidentId);
  return {
    ...shared,
    subject: first?.subject ?? delivery.subject,
    text: first?.text ?? '',
    link: first ? { label: 'Open in Windlass', url: consoleAddress(publicUrl, workspaceId, first.path) } : null,
    replyHint:
      number === undefined || acts.length === 0 ? null : `Reply ACK ${number}, RES ${number} or ESC ${number}.`,
  };
}

async function actsOf(
  { delivery, pages }: Pick<Attempt, 'delivery' | 'pages'>,
  { vault, workspaceId, publicUrl }: { vault: Vault; workspaceId: string; publicUrl: string },
): Promise<MessageAct[]> {
  const contact = delivery.personId
    ? ({ kind: 'person', id: delivery.personId } as const)
    : delivery.channelId
      ? ({ kind: 'channel', id: delivery.channelId } as const)
      : null;
  if (!contact) return [];
  const expiresAt = (delivery.begunAt?.getTime() ?? delivery.createdAt.getTime()) + linkLifeMs;
  const wanted = pages.flatMap((page: PageRow) =>
    page.incidentId === null
      ? []
      : (pages.length > 1 ? page.acts.slice(0, 1) : page.acts).map((act) => ({
          act,
          page,
          incidentId: page.incidentId ?? '',
        })),
  );
  const acts: MessageAct[] = [];
  for (const { act, page, incidentId } of wanted.slice(0, mostActs)) {
    const token = await signActLink(vault, {
      workspaceId,
      incidentId,
      act,
      contact,
      deliveryId: delivery.id,
      expiresAt,
    });
    const label = pages.length > 1 ? `${actLabels[act]}: ${page.subject}`.slice(0, 70) : actLabels[act];
    acts.push({ label, token, url: `${publicUrl}/api/v1/act/${token}` });
  }
  return acts;
}
