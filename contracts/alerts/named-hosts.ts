/** Labels by which senders name a host. */
const hostLabels = ['host', 'hostname', 'instance', 'node', 'server'] as const;

/** A host as an alert names it. */
export interface NamedHost {
  /** As it was spelled, without port. */
  spelled: string;
  /** The same in small letters, without the dot at its end: names and addresses are compared so. */
  host: string;
}

/** The hosts that labels name, each once: `web-1:9100`, `[2001:db8::7]:9100` and `https://web-1/health` name their host alone. */
export function namedHosts(labels: Readonly<Record<string, string>>): NamedHost[] {
  const named = new Map<string, NamedHost>();
  for (const label of hostLabels) {
    const spelled = withoutPort((labels[label] ?? '').trim());
    const host = spelled.toLowerCase().replace(/\.$/, '');
    if (host !== '' && !named.has(host)) named.set(host, { spelled, host });
  }
  return [...named.values()];
}

function withoutPort(text: string): string {
  const plain = text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#].*$/, '');
  const inBrackets = /^\[([^\]]*)\]/.exec(plain);
  if (inBrackets) return inBrackets[1] ?? '';
  // More than one colon is an address of IPv6, which ends in no port.
  return plain.replace(/^([^:]*):\d*$/, '$1');
}

/** Whether a sender that names this host means itself: which of our machines that is, nobody but it knows. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
