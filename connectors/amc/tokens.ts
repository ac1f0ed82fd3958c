import type { Secret } from '#system/secret.ts';
import type { TokenSource } from './ads-client.ts';
import { type LoginClient, refreshAfterMs, refreshTokens } from './login.ts';

/**
 * Tokens held in memory, one refresh at a time however many ask. For one process with one grant: where several processes
 * share a connection, the connection's workflow holds the tokens instead.
 */
export class MemoryTokens implements TokenSource {
  readonly #client: LoginClient;
  readonly #refreshToken: Secret;
  readonly #now: () => number;
  #held: { token: Secret; staleAtMs: number } | undefined;
  #refreshing: Promise<Secret> | undefined;

  constructor(client: LoginClient, refreshToken: Secret, now: () => number = Date.now) {
    this.#client = client;
    this.#refreshToken = refreshToken;
    this.#now = now;
  }
  async current(signal?: AbortSignal): Promise<Secret> {
    signal?.throwIfAborted();
    return this.#held && this.#held.staleAtMs > this.#now() ? this.#held.token : this.#refresh();
  }
  async renew(refused: Secret, signal?: AbortSignal): Promise<Secret> {
    signal?.throwIfAborted();
    // Somebody else was refused the same one and has renewed it already.
    if (this.#held && this.#held.token !== refused) return this.#held.token;
    return this.#refresh();
  }
  #refresh(): Promise<Secret> {
    this.#refreshing ??= (async () => {
      try {
        const sentAtMs = this.#now();
        const { accessToken, expiresInMs } = await refreshTokens(this.#client, this.#refreshToken);
        this.#held = { token: accessToken, staleAtMs: sentAtMs + refreshAfterMs(expiresInMs) };
        return accessToken;
      } finally {
        this.#refreshing = undefined;
      }
    })();
    return this.#refreshing;
  }
}
