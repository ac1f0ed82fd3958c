/** What is said to one address. */
export interface Message {
  /** The same again for a repeated message: mail programs and receivers tell doubles by it. */
  readonly key: string;
  readonly subject: string;
  readonly text: string;
  readonly isUrgent: boolean;
  readonly workspace: string;
  /** Where the run is shown; null for what belongs to none. */
  readonly run: { readonly id: string; readonly title: string; readonly url: string } | null;
  /** What else the message leads to, such as its incident. */
  readonly link?: { readonly label: string; readonly url: string } | null;
  /** What may be done from the message: each address works once. */
  readonly acts?: readonly MessageAct[];
  /** What to answer to an SMS, such as `Reply ACK 328 to acknowledge.` */
  readonly replyHint?: string | null;
}

export interface MessageAct {
  readonly label: string;
  readonly url: string;
  /** What a button gives back where the receiver takes answers (Slack); it is the end of `url`. */
  readonly token: string;
}

/** What the provider said of a message that it took. */
export interface Taken {
  readonly answer: string | null;
  /** The provider's own name for it, by which it tells later what became of it. */
  readonly providerRef: string | null;
}

/** A message that did not arrive. */
export class DeliveryFailure extends Error {
  override name = 'DeliveryFailure';
  readonly code: string;
  /** Trying again cannot help. */
  readonly isForGood: boolean;
  /** The message may have arrived all the same: it was handed over, and no answer came. */
  readonly isUnclear: boolean;
  readonly retryAfterMs: number | null;
  constructor(
    code: string,
    message: string,
    {
      isForGood,
      isUnclear = false,
      retryAfterMs = null,
      cause,
    }: { isForGood: boolean; isUnclear?: boolean; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.isForGood = isForGood;
    this.isUnclear = isUnclear;
    this.retryAfterMs = retryAfterMs;
  }
}
