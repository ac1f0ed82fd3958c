import type { Breaker, ChannelKind, Delivery } from '#contracts/notifications/channels.ts';

export const kindWords: Readonly<Record<ChannelKind, string>> = {
  email: 'Mail',
  webhook: 'Webhook',
  slack: 'Slack',
  teams: 'Teams',
  sms: 'SMS',
};
export const deliveryStatus = {
  waiting: 'waiting',
  sending: 'running',
  delivered: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
} as const;
export const statusWords: Readonly<Record<Delivery['status'], string>> = {
  waiting: 'waiting',
  sending: 'being sent',
  delivered: 'delivered',
  failed: 'failed',
  canceled: 'not needed',
};
/** How a provider in trouble is told of; null: there is nothing to tell. */
export const breakerWords = (breaker: Breaker | null): string | null => {
  if (!breaker || breaker.state === 'closed') return null;
  return breaker.state === 'half_open'
    ? 'tried again with one message'
    : `paused after ${breaker.failures} failures in a row`;
};
