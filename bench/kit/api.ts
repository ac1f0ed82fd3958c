import { Agent, request } from 'undici';

/** The product's API as any client would use it. */
export class Api {
  readonly url: string;
  readonly token: string | undefined;
  readonly #workspace: string | undefined;
  readonly #agent = new Agent({ connections: 128, pipelining: 1, keepAliveTimeout: 60_000 });

  constructor(url: string, token?: string, workspace?: string) {
    this.url = url;
    this.token = token;
    this.#workspace = workspace;
  }

  get headers(): Record<string, string> {
    return {
      ...(this.token && { authorization: `Bearer ${this.token}` }),
      ...(this.#workspace && { 'x-workspace': this.#workspace }),
    };
  }

  get = (path: string): Promise<unknown> => this.#call('GET', path);
  post = (path: string, body?: unknown, headers?: Record<string, string>): Promise<unknown> =>
    this.#call('POST', path, body ?? {}, headers);
  patch = (path: string, body: unknown): Promise<unknown> => this.#call('PATCH', path, body);

  async #call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    more?: Record<string, string>,
  ): Promise<unknown> {
    const answer = await request(`${this.url}/api/v1${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { ...this.headers, ...more, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 400)}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
