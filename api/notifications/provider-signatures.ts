import { createHmac, timingSafeEqual } from 'node:crypto';

/** Older calls are refused: somebody may have kept one. */
const slackToleranceMs = 5 * 60_000;

const isSame = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** `v0=` and the hex HMAC-SHA256 over `v0:<timestamp>:<raw body>`, not older than five minutes. */
export function isFromSlack(
  secret: string,
  { body, timestamp, signature }: { body: string; timestamp: string; signature: string },
  nowMs: number,
): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs - Number(timestamp) * 1_000) > slackToleranceMs) return false;
  return isSame(signature, `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`);
}

/** Base64 HMAC-SHA1 over the address that was called and each field's name and value, sorted by name. */
export function isFromTwilio(token: string, url: string, form: URLSearchParams, signature: string): boolean {
  const fields = [...form].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const said = url + fields.map(([name, value]) => name + value).join('');
  return isSame(signature, createHmac('sha1', token).update(said).digest('base64'));
}
