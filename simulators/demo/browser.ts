import { ApiRefusal } from './client.ts';

/** A visitor's browser as far as a sign-in at a service needs one: cookies of the console, and redirects by hand. */
export interface DemoBrowser {
  /** Signs a connection in at its simulator, by the way people go. @throws where any page on the way says no */
  signIn(connectionId: string): Promise<void>;
  leave(): Promise<void>;
}

/** Signs in to the console as the demo's person of this role, with a cookie. */
export async function openDemoBrowser(base: string, role: string): Promise<DemoBrowser> {
  let cookie = '';
  const ask = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(new URL(path, base), {
      method,
      redirect: 'manual',
      headers: {
        origin: base,
        ...(cookie !== '' && { cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const given = response.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
    if (given.length > 0) cookie = given.join('; ');
    if (response.status >= 400) throw new ApiRefusal(`${method} ${path}`, response.status, await response.text());
    return response;
  };
  await ask('POST', '/api/v1/auth/demo', { role });
  return {
    async signIn(connectionId) {
      const asked = await ask('GET', `/api/v1/connections/${connectionId}/authorize?returnTo=/`);
      const { url } = (await asked.json()) as { url: string };
      const consent = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(30_000) });
      const back = consent.headers.get('location');
      if (!back) throw new Error(`The simulator answered the sign-in with ${consent.status} and leads nowhere.`);
      const { pathname, search } = new URL(back);
      const landed = await ask('GET', `${pathname}${search}`);
      const outcome = new URL(landed.headers.get('location') ?? '/', base).searchParams;
      if (outcome.get('signIn') !== 'ok')
        throw new Error(`The sign-in at the simulator failed: ${outcome.get('reason') ?? 'no reason was given'}.`);
    },
    leave: async () => void (await ask('POST', '/api/v1/auth/logout', {})),
  };
}
