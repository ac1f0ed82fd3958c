import { Context, heartbeat } from '@temporalio/activity';
import { discoveredAttributes } from '#contracts/assets/discovered.ts';
import type { DiscoverAssetsInput } from '#contracts/assets/asset-workflows.ts';
import { readInventory } from '#connectors/ssh/inventory.ts';
import { isProblem } from '#connectors/ssh/problem.ts';
import { keepDiscovered } from '#db/assets/keep-discovered.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { SshHosts } from '../servers/ssh-hosts.ts';

export type DiscoveryActivities = ReturnType<typeof discoveryActivities>;

/** What became of one server. */
export type Discovered =
  | { ok: true; act: 'discovered' | 'changed' | 'unchanged'; attributes: number }
  | { ok: false; code: string; message: string };

export const discoveryActivities = ({ inTenant, hosts }: Pick<ActivityTools, 'inTenant'> & { hosts: SshHosts }) => ({
  /** Repeatable: it reads, and what it keeps a second time changes nothing. A server that refuses us is an answer, no failure. */
  async discoverServer(
    { workspaceId, runId, actor }: Omit<DiscoverAssetsInput, 'servers'>,
    serverId: string,
  ): Promise<Discovered> {
    const beat = setInterval(() => heartbeat(), 1_000);
    const signal = Context.current().cancellationSignal;
    try {
      const host = await hosts.openHost({ workspaceId, serverId, runId, actor, signal });
      const found = discoveredAttributes(await readInventory(host.pool, host.target, { signal }));
      const kept = await inTenant(workspaceId, (tx) => keepDiscovered(tx, { serverId, found, runId, actor }));
      if (!kept) return { ok: false, code: 'server.gone', message: 'The server was deleted.' };
      return { ok: true, act: kept.act, attributes: Object.keys(found).length };
    } catch (error) {
      if (isProblem(error)) return { ok: false, code: error.code, message: error.message };
      throw error;
    } finally {
      clearInterval(beat);
    }
  },
});
