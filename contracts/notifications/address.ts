/** Where one message goes, its secrets opened. */
export type DeliveryAddress =
  | { readonly kind: 'email'; readonly email: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string | null }
  /** `isInteractive`: buttons answer to us instead of leading to a page. */
  | { readonly kind: 'slack'; readonly url: string; readonly isInteractive?: boolean }
  | { readonly kind: 'teams'; readonly url: string }
  | SmsAddress;

export interface SmsAddress {
  readonly kind: 'sms';
  /** Where the provider takes messages. */
  readonly url: string;
  readonly account: string;
  readonly token: string;
  readonly sender: string;
  readonly to: string;
  /** Where it tells what became of a message. */
  readonly statusUrl: string | null;
}
