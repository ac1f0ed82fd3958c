/** Why no answer came: `http.address_refused` is the guard's word, `http.timed_out` the time limit's, the rest is `http.unreachable`. */
export type HttpFailureCode = 'http.address_refused' | 'http.unreachable' | 'http.timed_out' | 'http.url_invalid';

/** A request that got no answer. Its message names host and reason, never path or query: they may hold secrets. */
export class HttpFailure extends Error {
  override name = 'HttpFailure';
  readonly code: HttpFailureCode;
  constructor(code: HttpFailureCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
