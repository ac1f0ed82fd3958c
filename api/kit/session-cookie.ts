import { z } from 'zod';
import { readEpoch } from '#db/system/event-tail.ts';
import { refreshDays } from '#db/system/sessions.ts';
import type { Db } from '#db/kit/database.ts';
import type { Clock } from '#system/clock.ts';
import type { Config } from '#system/config.ts';
import { type SealContext, SealBroken, type Vault } from '#system/vault/vault.ts';
import { KeptBriefly } from './kept-briefly.ts';

/** What a browser holds, sealed: it can neither read it nor make one. */
const CookieContent = z.object({
  sessionId: z.string(),
  refreshToken: z.string(),
  /** Until then the session need not be exchanged; milliseconds. */
  freshUntil: z.number(),
});
export type CookieContent = z.infer<typeof CookieContent>;

export interface SessionCookie {
  readonly name: string;
  /** A `Set-Cookie` value. */
  make(content: CookieContent): Promise<string>;
  /** A `Set-Cookie` value that takes the cookie away. */
  readonly cleared: string;
  /** The content of the request's cookie; undefined where there is none of ours. */
  read(header: string | undefined): Promise<CookieContent | undefined>;
}

const context: SealContext = { workspaceId: 'instance', purpose: 'signing', subject: 'session cookie' };

/**
 * The browser's one credential: sealed, HTTP-only, SameSite. Its name carries the installation, because cookies do not
 * tell ports apart and two installations may run on one machine.
 */
export async function createSessionCookie({
  system,
  vault,
  config,
  clock,
}: {
  system: Db;
  vault: Vault;
  config: Pick<Config, 'publicUrl'>;
  clock: Clock;
}): Promise<SessionCookie> {
  const isSecure = config.publicUrl?.startsWith('https:') ?? false;
  const name = `${isSecure ? '__Host-' : ''}windlass_${(await readEpoch(system)).slice(0, 8)}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const opened = new KeptBriefly<CookieContent | undefined>({ clock, ms: 60_000, most: 5_000 });
  const open = async (sealed: string): Promise<CookieContent | undefined> => {
    try {
      const text = (await vault.open(sealed, context)).reveal();
      return CookieContent.safeParse(JSON.parse(text)).data;
    } catch (error) {
      // Altered, of another installation, or of a key that is gone: as good as none.
      if (error instanceof SealBroken || error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
  return {
    name,
    cleared: `${name}=; ${attributes}; Max-Age=0`,
    make: async (content) =>
      `${name}=${await vault.seal(JSON.stringify(content), context)}; ${attributes}; Max-Age=${refreshDays * 86_400}`,
    read: async (header) => {
      const sealed = cookieOf(header, name);
      return sealed === undefined || sealed.length > 4_000 ? undefined : opened.get(sealed, () => open(sealed));
    },
  };
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const cut = pair.indexOf('=');
    if (cut > 0 && pair.slice(0, cut).trim() === name) return pair.slice(cut + 1).trim() || undefined;
  }
  return undefined;
}
