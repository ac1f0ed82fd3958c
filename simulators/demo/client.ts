/** The API as one of the demo's people uses it. */
export interface DemoClient {
  /** @throws ApiRefusal where the answer is no 2xx */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
}

export class ApiRefusal extends Error {
  readonly status: number;
  constructor(what: string, status: number, text: string) {
    super(`${what} was answered with ${status}: ${text.slice(0, 300)}`);
    this.name = 'ApiRefusal';
    this.status = status;
  }
}

/** A caller of `/api/v1` below `base`, with a token or without. */
export const clientOf = (base: string, token?: string): DemoClient => ({
  call: async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiRefusal(`${method} ${path}`, response.status, text);
    // The API holds its answers to its schema; each caller names the part it reads.
    return (text === '' ? undefined : JSON.parse(text)) as T;
  },
});

/** Signs in as the demo's person of this role; undefined where there is none. */
export async function signInAs(base: string, role: string): Promise<DemoClient | undefined> {
  try {
    const { accessToken } = await clientOf(base).call<{ accessToken: string }>('POST', '/auth/demo', {
      role,
      client: 'api',
    });
    return clientOf(base, accessToken);
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return undefined;
    throw error;
  }
}
