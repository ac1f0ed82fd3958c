import { createHmac } from 'node:crypto';
import type { z } from 'zod';
import type { GuardOptions } from '#connectors/http/guarded-request.ts';
import { guardedUpload } from '#connectors/http/guarded-upload.ts';
import { HttpFailure } from '#connectors/http/http-failure.ts';
import { DeliveryFailure } from '#connectors/notifications/deliver.ts';
import { type WebhookDelivery, largestSignedAhead } from '#contracts/queries/delivery.ts';
import { channelSeal, findChannel } from '#db/notifications/channels.ts';
import { readSettings } from '#db/settings/settings.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { Sending, Sent } from './deliver-rows.ts';

export interface PostTools extends Pick<ActivityTools, 'inTenant'> {
  readonly vault: Vault;
  readonly isOwnPort?: GuardOptions['isOwnPort'];
}

const silenceMs = 5 * 60_000;
const signature = 'x-windlass-signature';

/** The file as the body of a POST: small ones as our messages are, larger ones streamed, their signature after them. */
export async function postRows(
  { inTenant, vault, isOwnPort }: PostTools,
  { input, delivery, key, open, signal }: Sending<z.infer<typeof WebhookDelivery>>,
): Promise<Sent> {
  const { channel, allow } = await inTenant(input.workspaceId, async (tx) => ({
    channel: await findChannel(tx, { id: delivery.channelId }),
    allow: (await readSettings(tx)).egressAllow,
  }));
  if (!channel?.url || channel.kind !== 'webhook')
    throw new DeliveryFailure('channel.gone', 'The channel of this delivery is not there any more.', {
      isForGood: true,
    });
  const secret =
    channel.sealedSecret &&
    (await vault.open(channel.sealedSecret, channelSeal(input.workspaceId, channel.id))).reveal();
  const hmac = secret ? createHmac('sha256', secret) : null;
  const signed = (): Record<string, string> => (hmac ? { [signature]: `v1=${hmac.digest('hex')}` } : {});

  const file = await open();
  const chunks = file.stream[Symbol.asyncIterator]();
  let bytes = 0;
  /** Reads on, and counts and signs what it reads. */
  const next = async (): Promise<Buffer | null> => {
    const { done, value } = await chunks.next();
    if (done) return null;
    const chunk = value as Buffer;
    bytes += chunk.length;
    hmac?.update(chunk);
    return chunk;
  };
  const head: Buffer[] = [];
  let isWhole = false;
  while (!isWhole && bytes <= largestSignedAhead) {
    const chunk = await next();
    if (chunk) head.push(chunk);
    else isWhole = true;
  }
  const body = async function* (): AsyncGenerator<Buffer> {
    yield* head.splice(0);
    for (let chunk = isWhole ? null : await next(); chunk; chunk = await next()) yield chunk;
  };
  const headers = {
    'content-type': file.mime,
    'idempotency-key': key,
    'x-windlass-run': input.runId,
  };
  try {
    const { status, retryAfterMs } = await guardedUpload(
      {
        url: channel.url,
        body: body(),
        silenceMs,
        signal,
        ...(isWhole
          ? { headers: { ...headers, ...signed() }, length: bytes }
          : { headers: { ...headers, ...(hmac && { trailer: signature }) }, trailers: signed }),
      },
      { allow, isOwnPort },
    );
    if (status < 200 || status >= 300)
      throw new DeliveryFailure('http.unexpected_status', `The receiver answered ${status}.`, {
        isForGood: ![408, 425, 429].includes(status) && status < 500,
        retryAfterMs,
      });
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    throw new DeliveryFailure(error.code, error.message, {
      isForGood: error.code === 'http.address_refused' || error.code === 'http.url_invalid',
      cause: error,
    });
  }
  return { state: 'delivered', bytes };
}
