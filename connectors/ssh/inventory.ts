import type { HostInventory } from '#contracts/assets/discovered.ts';
import type { SshTarget } from './connect.ts';
import { readPlain } from './exec.ts';
import type { SshPool } from './pool.ts';

/** Reads and changes nothing; every line says what it is, and what a system has not is passed over. */
const script = `LC_ALL=C; export LC_ALL
if [ -r /etc/os-release ]; then . /etc/os-release; printf 'osName\\t%s\\nosVersion\\t%s\\n' "\${NAME:-}" "\${VERSION_ID:-}"; else printf 'osName\\t%s\\n' "$(uname -s)"; fi
printf 'kernel\\t%s\\narch\\t%s\\nhostname\\t%s\\n' "$(uname -r)" "$(uname -m)" "$(uname -n)"
printf 'cpus\\t%s\\n' "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
[ -r /proc/cpuinfo ] && sed -n 's/^model name[[:space:]]*: /cpuModel\\t/p' /proc/cpuinfo | head -n 1
[ -r /proc/meminfo ] && awk '/^MemTotal:/ { printf "memoryBytes\\t%.0f\\n", $2 * 1024 }' /proc/meminfo
df -kP 2>/dev/null | awk 'NR > 1 && $1 ~ /^\\/dev\\// && $1 !~ /^\\/dev\\/loop/ { mount = $6; for (n = 7; n <= NF; n++) mount = mount " " $n; printf "disk\\t%s\\t%s\\t%.0f\\n", mount, $1, $2 * 1024 }' | head -n 100
if command -v systemctl >/dev/null 2>&1; then systemctl list-units --type=service --state=running --no-legend --no-pager --plain 2>/dev/null | awk '$1 ~ /\\.service$/ { sub(/\\.service$/, "", $1); print "service\\t" $1 }' | head -n 400; fi
if command -v ss >/dev/null 2>&1; then ss -ltnH 2>/dev/null | awk '{ n = split($4, part, ":"); print "listening\\ttcp/" part[n] }' | sort -u | head -n 200; fi
printf 'end\\n'
`;

/**
 * Asks a host what it is made of.
 * @throws SshProblem where the host cannot be reached or does not answer to the end
 */
export async function readInventory(
  pool: SshPool,
  target: SshTarget,
  options: { signal?: AbortSignal } = {},
): Promise<HostInventory> {
  const { stdout } = await readPlain(pool, target, { script: { body: script } }, { timeoutMs: 30_000, ...options });
  return parseInventory(stdout);
}

const numbers = new Set(['cpus', 'memoryBytes']);
const texts = new Set(['osName', 'osVersion', 'kernel', 'arch', 'hostname', 'cpuModel']);

/** What the script has printed, line by line; foreign lines (a login banner) are passed over. */
export function parseInventory(text: string): HostInventory {
  const inventory: HostInventory = { disks: [], services: [], listening: [] };
  for (const line of text.split('\n')) {
    const [name = '', value = '', ...rest] = line.split('\t');
    if (value === '') continue;
    if (numbers.has(name) && Number.isFinite(Number(value))) Object.assign(inventory, { [name]: Number(value) });
    else if (texts.has(name)) Object.assign(inventory, { [name]: value.slice(0, 500) });
    else if (name === 'disk' && Number.isFinite(Number(rest[1])))
      inventory.disks.push({ mount: value, device: rest[0] ?? '', bytes: Number(rest[1]) });
    else if (name === 'service') inventory.services.push(value.slice(0, 200));
    else if (name === 'listening' && /^tcp\/\d+$/.test(value)) inventory.listening.push(value);
  }
  inventory.disks.sort((a, b) => (a.mount < b.mount ? -1 : 1));
  inventory.services = [...new Set(inventory.services)].sort();
  inventory.listening = [...new Set(inventory.listening)].sort();
  return inventory;
}
