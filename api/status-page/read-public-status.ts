import type { PublicStatus } from '#contracts/status-page/status-page.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { readPublicStatus } from '#db/status-page/status-page.ts';
import { findStatusPage } from '#db/system/status-pages.ts';
import { systemClock } from '#system/clock.ts';
import { KeptBriefly } from '../kit/kept-briefly.ts';
import type { ApiTools } from '../kit/tools.ts';

/** For so long a page is answered from memory, whoever asks how often: a crowd that reloads reads the database once. */
const keptMs = 10_000;

type Tools = Pick<ApiTools, 'db' | 'system'>;
const readers = new WeakMap<object, KeptBriefly<PublicStatus | null>>();

/** The public status at an address; null where there is none, or it is off. */
export function readStatusAt(tools: Tools, slug: string): Promise<PublicStatus | null> {
  let kept = readers.get(tools.db);
  if (!kept) {
    kept = new KeptBriefly<PublicStatus | null>({ clock: systemClock, ms: keptMs, most: 2_000 });
    readers.set(tools.db, kept);
  }
  if (!/^[a-z0-9-]{3,60}$/.test(slug)) return Promise.resolve(null);
  return kept.get(slug, async () => {
    const workspaceId = await inSystem(tools.system, (tx) => findStatusPage(tx, slug));
    if (workspaceId === undefined) return null;
    return (await inTenant(tools.db, { workspaceId }, (tx) => readPublicStatus(tx, Date.now()))) ?? null;
  });
}

/** What was published or changed is seen at once by who asks this process. */
export const forgetStatus = (tools: Tools): void => readers.get(tools.db)?.clear();
