import type { AttributeValue, CreateAssetType } from './asset-types.ts';
import type { AttributeSource } from './assets.ts';

/** The type of what discovery finds; it is made where the workspace has none with this key. */
export const hostType: CreateAssetType = {
  key: 'host',
  name: 'Host',
  description: 'A machine that answers SSH. Discovery keeps its attributes.',
  icon: 'server',
  attributes: [],
};

const gibibytes = (bytes: number): number => Math.round((bytes / 1_073_741_824) * 10) / 10;
/** A part of an attribute's name: `/var/lib` is `var_lib`, `/` is `root`. */
const nameOf = (mount: string): string =>
  mount
    .replace(/^\/+/, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .slice(0, 40) || 'root';

/** What a machine is made of, as far as it tells an ordinary account. What it could not say is absent. */
export interface HostInventory {
  osName?: string;
  osVersion?: string;
  kernel?: string;
  arch?: string;
  hostname?: string;
  cpus?: number;
  cpuModel?: string;
  memoryBytes?: number;
  /** Mounted file systems on devices of the machine. */
  disks: { mount: string; device: string; bytes: number }[];
  /** Running systemd services, by name, without `.service`. */
  services: string[];
  /** Ports that something listens on: `tcp/22`. */
  listening: string[];
}

/** What a host has told, as attributes of its asset. */
export function discoveredAttributes(host: HostInventory): Record<string, AttributeValue> {
  const found: Record<string, AttributeValue | undefined> = {
    'os.name': host.osName,
    'os.version': host.osVersion,
    'os.kernel': host.kernel,
    'os.arch': host.arch,
    'os.hostname': host.hostname,
    'cpu.count': host.cpus,
    'cpu.model': host.cpuModel,
    'memory.gib': host.memoryBytes === undefined ? undefined : gibibytes(host.memoryBytes),
    ...Object.fromEntries(host.disks.map(({ mount, bytes }) => [`disk.${nameOf(mount)}.gib`, gibibytes(bytes)])),
    ...(host.services.length > 0 && { services: [...host.services].slice(0, 400) }),
    ...(host.listening.length > 0 && { listening: [...host.listening] }),
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/**
 * Which of an asset's attributes discovery changes: only what it wrote itself, or what nobody has. What it found once and
 * finds no more goes; what a person or a file wrote, or took away, stays.
 */
export function discoveryPatch(
  attributes: Readonly<Record<string, AttributeValue>>,
  sources: Readonly<Record<string, AttributeSource>>,
  found: Readonly<Record<string, AttributeValue>>,
): Record<string, AttributeValue | null> {
  const patch: Record<string, AttributeValue | null> = {};
  for (const [name, value] of Object.entries(found))
    if (sources[name] === undefined ? !(name in attributes) : sources[name] === 'discovery') patch[name] = value;
  for (const name of Object.keys(attributes)) if (sources[name] === 'discovery' && !(name in found)) patch[name] = null;
  return patch;
}
