import ipaddr from 'ipaddr.js';

export interface Address {
  address: string;
  family: 4 | 6;
}

/** Ranges of IPv4 that lead into the open internet: this one alone. */
const publicRange = 'unicast';
const globalV6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];
const nat64 = ipaddr.parseCIDR('64:ff9b::/96') as [ipaddr.IPv6, number];

/**
 * The address that packets to this one really reach, as far as it shows: IPv4 inside IPv6 (mapped, or by NAT64) is
 * that IPv4 address. Undefined for what is no address.
 */
function realAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  if (address.match(nat64)) return new ipaddr.IPv4(address.toByteArray().slice(12));
  return address;
}

/**
 * Whether an address lies in the open internet. Everything else is refused: private, loopback, link-local, carrier-grade
 * NAT, multicast, documentation, benchmarks, tunnels (6to4, Teredo) and whatever is not assigned yet.
 */
export function isPublicAddress(text: string): boolean {
  const address = realAddress(text);
  if (!address || address.range() !== publicRange) return false;
  // Of IPv6 the registry hands out 2000::/3; `::127.0.0.1` and the like count as unicast elsewhere.
  return address instanceof ipaddr.IPv4 || address.match(globalV6);
}

/** What a workspace allows beyond the open internet: host names (`*.` for all below), addresses, CIDRs. */
export interface EgressRule {
  allowsHost(host: string): boolean;
  allowsAddress(address: string): boolean;
}

const withoutDot = (host: string): string => host.toLowerCase().replace(/\.$/, '');

/** Rules by the list they were read from: an engine has one list for all its calls. */
const known = new WeakMap<readonly string[], EgressRule>();

/** Reads `settings.egressAllow`. An entry that is neither host nor network allows nothing. */
export function egressRule(allow: readonly string[]): EgressRule {
  const rule = known.get(allow) ?? readRule(allow);
  known.set(allow, rule);
  return rule;
}

function readRule(allow: readonly string[]): EgressRule {
  const hosts: string[] = [];
  const networks: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  for (const entry of allow) {
    if (ipaddr.isValidCIDR(entry)) networks.push(ipaddr.parseCIDR(entry));
    else if (ipaddr.isValid(entry)) {
      const address = ipaddr.parse(entry);
      networks.push([address, address instanceof ipaddr.IPv4 ? 32 : 128]);
    } else hosts.push(withoutDot(entry));
  }
  return {
    allowsHost: (host) =>
      hosts.some((entry) =>
        entry.startsWith('*.') ? withoutDot(host).endsWith(entry.slice(1)) : withoutDot(host) === entry,
      ),
    allowsAddress: (text) => {
      const address = realAddress(text);
      if (!address) return false;
      return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
    },
  };
}
