import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseDuration } from '#contracts/kit/duration.ts';
import type { WebhookSignature } from '#contracts/hooks/webhooks.ts';
import { problem } from '../kit/problem.ts';

export type Headers = Readonly<Record<string, string>>;

/**
 * Holds a call against its signature: HMAC-SHA256 over the raw body, or over `<timestamp>.<body>` where the sender
 * sends a timestamp. A header may carry several, apart by commas or spaces, while the sender changes its secret.
 * @throws Problem `webhook.signature_missing`, `webhook.signature_invalid`, `webhook.timestamp_refused`
 */
export function verifySignature(
  signature: WebhookSignature,
  secret: string,
  body: Buffer,
  headers: Headers,
  nowMs: number,
): void {
  const given = headers[signature.header];
  if (given === undefined || given === '') throw problem('webhook.signature_missing', { header: signature.header });
  let signed = body;
  if (signature.timestampHeader) {
    const timestamp = headers[signature.timestampHeader] ?? '';
    const at = readTimestamp(timestamp);
    const toleranceMs = parseDuration(signature.tolerance) ?? 300_000;
    if (at === null || Math.abs(nowMs - at) > toleranceMs)
      throw problem('webhook.timestamp_refused', { tolerance: signature.tolerance });
    signed = Buffer.concat([Buffer.from(`${timestamp}.`), body]);
  }
  const expected = createHmac('sha256', secret).update(signed).digest();
  const isSame = given.split(/[\s,]+/).some((part) => {
    if (!part.startsWith(signature.prefix)) return false;
    const text = part.slice(signature.prefix.length);
    // Anything that is not wholly in the alphabet would be cut short by Buffer instead of refused.
    if (signature.encoding === 'hex' ? !/^[0-9a-f]{64}$/i.test(text) : !/^[A-Za-z0-9+/]{43}=?$/.test(text))
      return false;
    const bytes = Buffer.from(text, signature.encoding);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
  if (!isSame) throw problem('webhook.signature_invalid');
}

/** Seconds or milliseconds since 1970, or RFC 3339. */
function readTimestamp(text: string): number | null {
  if (/^\d{1,16}$/.test(text)) return Number(text) * (text.length > 11 ? 1 : 1_000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
