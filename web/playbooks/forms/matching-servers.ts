import type { Json } from '#contracts/playbooks/document.ts';
import type { RenderedSelection } from '#contracts/playbooks/engine/effects.ts';
import { chooseHosts } from '#contracts/playbooks/engine/hosts/selection.ts';
import type { Server } from '#contracts/servers/servers.ts';

const lists = ['names', 'from', 'tags', 'anyTags', 'notTags', 'notNames'] as const;
type Known = Pick<Server, 'id' | 'name' | 'host' | 'port' | 'tags' | 'maintenance'>;

/**
 * The names of the servers that a selection takes now, by the same rule as a run. Null where it holds a template, whose
 * value only a run knows; none where it selects nothing at all.
 */
export function matchingServers(selection: Readonly<Record<string, Json>>, servers: readonly Known[]): string[] | null {
  const rendered: Record<string, readonly string[]> = {};
  for (const name of lists) {
    const part = selection[name];
    if (part === undefined || part === null) continue;
    if (!Array.isArray(part) || part.some((word) => typeof word !== 'string' || word.includes('${{'))) return null;
    rendered[name] = part as readonly string[];
  }
  const isWide = [rendered['names'], rendered['from'], rendered['tags'], rendered['anyTags']].every(
    (list) => list === undefined || list.length === 0,
  );
  if (isWide) return [];
  const { hosts } = chooseHosts(
    rendered as RenderedSelection,
    servers.map(({ id, name, host, port, tags, maintenance }) => ({
      id,
      name,
      host,
      port,
      tags,
      inMaintenance: maintenance !== null,
    })),
  );
  return hosts.map(({ name }) => name);
}
