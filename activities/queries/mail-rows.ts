import { consoleAddress } from '#contracts/kit/console-address.ts';
import { DeliveryFailure } from '#connectors/notifications/deliver.ts';
import { type MailClient, MailFailure } from '#connectors/mail/mailer.ts';
import type { MailDelivery } from '#contracts/queries/delivery.ts';
import { beginDelivery, endDelivery } from '#db/notifications/deliveries.ts';
import type { z } from 'zod';
import type { ActivityTools } from '../kit/tools.ts';
import type { OpenFile, Sending, Sent } from './deliver-rows.ts';

export interface MailTools extends Pick<ActivityTools, 'inTenant'> {
  readonly mail: Pick<MailClient, 'isReady' | 'send'>;
  readonly publicUrl: string;
}

/** Attachments are held in memory while they are sent: so many at once. */
const mostAtOnce = 3;
const waiting: (() => void)[] = [];
let atWork = 0;

/** The file as an attachment, up to the bound; a larger one is a link to the run, whose rows the service has. */
export async function mailRows(tools: MailTools, sending: Sending<z.infer<typeof MailDelivery>>): Promise<Sent> {
  while (atWork >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  atWork += 1;
  try {
    return await mailNow(tools, sending);
  } finally {
    atWork -= 1;
    waiting.shift()?.();
  }
}

async function mailNow(
  { inTenant, mail, publicUrl }: MailTools,
  { input, delivery, key, title, rowCount, open, signal }: Sending<z.infer<typeof MailDelivery>>,
): Promise<Sent> {
  const { recipients, attachUpToBytes } = delivery;
  const file = await open();
  const content = await bytesUpTo(file, attachUpToBytes);
  const url = consoleAddress(publicUrl, input.workspaceId, `/runs/${input.runId}`);
  const rows = rowCount === null ? '' : ` It has ${rowCount} ${rowCount === 1 ? 'row' : 'rows'}.`;
  const text = content
    ? `The result of “${title}” is attached as ${file.name}.${rows}`
    : `The result of “${title}” is larger than this letter may carry.${rows} It can be read and exported here, as long as the service keeps it:`;
  let lost: DeliveryFailure | null = null;
  for (const email of recipients) {
    signal.throwIfAborted();
    // Each letter is on record, so that another attempt sends those alone that did not arrive.
    const { id, isDone } = await inTenant(input.workspaceId, (tx) =>
      beginDelivery(tx, {
        key: `${key}/${email}`,
        channelId: null,
        channel: email,
        kind: 'person',
        target: email,
        runId: input.runId,
        stepAddress: null,
        subject: title,
      }),
    );
    if (isDone) continue;
    const failure = await sendOne(mail, {
      to: email,
      subject: title,
      text: `${text}\n\n${title}: ${url}`,
      key: `${key}/${email}`,
      attachment: content ? { filename: file.name, contentType: file.mime, content } : undefined,
    });
    await inTenant(input.workspaceId, (tx) =>
      endDelivery(tx, id, failure && { code: failure.code, message: failure.message }),
    );
    // One that may pass is worth another attempt, whatever the others say.
    if (failure && (!lost || lost.isForGood)) lost = failure;
  }
  if (lost) throw lost;
  return { state: content ? 'delivered' : 'linked', bytes: content?.length ?? null };
}

async function sendOne(
  mail: MailTools['mail'],
  letter: Parameters<MailClient['send']>[0],
): Promise<DeliveryFailure | null> {
  try {
    await mail.send(letter);
    return null;
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error;
    return new DeliveryFailure(error.code, error.message, {
      isForGood: error.code !== 'mail.unreachable',
      cause: error,
    });
  }
}

/** The whole file, or null as soon as it is larger than so many bytes; the rest is then not asked for. */
async function bytesUpTo({ stream }: OpenFile, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
