import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryAddress } from '#contracts/notifications/address.ts';
import { type HttpPeer, httpPeer } from '#tests/kit/http-peer.ts';
import { deliver, DeliveryFailure, type Message } from './deliver.ts';

let peer: HttpPeer;
beforeAll(async () => {
  peer = await httpPeer();
});
afterAll(() => peer.close());
beforeEach(() => void (peer.requests.length = 0));

const message: Message = {
  key: 'page/1', subject: 'Disk is full', text: 'On db-1.', isUrgent: false, workspace: 'Alder & Finch', run: null,
}; // prettier-ignore
const mail = { isReady: false, send: () => Promise.reject(new Error('No letter is sent here.')) };
const send = (fields: Partial<Extract<DeliveryAddress, { kind: 'webhook' }>> = {}, timeoutMs = 20_000) =>
  deliver(
    { kind: 'webhook', url: `${peer.url}/hook`, secret: null, ...fields },
    message,
    { mail, guard: { allow: ['127.0.0.1'], isOwnPort: () => false } },
    { timeoutMs },
  );
const failureOf = async (sent: Promise<unknown>) => {
  const failure: unknown = await sent.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(DeliveryFailure);
  const { code, isForGood, isUnclear, retryAfterMs } = failure as DeliveryFailure;
  return { code, isForGood, isUnclear, retryAfterMs };
};

test('a webhook that takes the message and never answers leaves open whether it arrived; the next try has the same key', async () => {
  peer.answerWith(() => null);
  expect(await failureOf(send({}, 300))).toMatchObject({ code: 'http.timed_out', isForGood: false, isUnclear: true });
  peer.answerWith(() => ({ status: 202 }));
  expect(await send()).toEqual({ answer: 'HTTP 202', providerRef: null });
  expect(peer.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['page/1', 'page/1']);
});

test('a webhook that answers 500 or is busy is tried again, no sooner than it asks; one that refuses is not', async () => {
  peer.answerWith(() => ({ status: 500 }));
  expect(await failureOf(send())).toEqual({ code: 'http.unexpected_status', isForGood: false, isUnclear: false, retryAfterMs: null }); // prettier-ignore
  peer.answerWith(() => ({ status: 429, headers: { 'retry-after': '7' } }));
  expect(await failureOf(send())).toMatchObject({ isForGood: false, retryAfterMs: 7_000 });
  peer.answerWith(() => ({ status: 404 }));
  expect(await failureOf(send())).toMatchObject({ isForGood: true, isUnclear: false });
});
