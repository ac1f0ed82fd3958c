import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A place where this installation itself listens. */
export interface OwnPlace {
  host: string;
  port: number;
}

/** Says whether an address is one of this installation's own ports, which no server may point at (design §5). */
export type IsOwnPort = (address: string, port: number) => boolean;

/**
 * Makes the guard. A place on this machine is ours under each of its addresses; one elsewhere (a database of its own)
 * under its name and the addresses that name has now.
 */
export async function ownPorts(places: readonly OwnPlace[]): Promise<IsOwnPort> {
  const here = new Set<number>();
  const elsewhere = new Set<string>();
  for (const { host, port } of places) {
    const addresses = await addressesOf(host);
    if (isHere(host) || addresses.some(isHere)) here.add(port);
    for (const address of [host, ...addresses]) elsewhere.add(placeOf(address, port));
  }
  return (address, port) => (here.has(port) && isHere(address)) || elsewhere.has(placeOf(address, port));
}

/** Places out of addresses like `postgresql://…@db:5432/windlass` or `temporal:7233`; what is undefined is passed over. */
export function placesOf(addresses: readonly (string | undefined)[]): OwnPlace[] {
  return addresses.flatMap((address) => {
    if (address === undefined) return [];
    const url = new URL(address.includes('://') ? address : `tcp://${address}`);
    const port = Number(url.port) || defaultPorts[url.protocol];
    return port === undefined ? [] : [{ host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost', port }];
  });
}

const defaultPorts: Record<string, number> = { 'postgresql:': 5432, 'postgres:': 5432, 'http:': 80, 'https:': 443 };

const plain = (address: string): string =>
  address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '')
    .replace(/\.$/, '');
const placeOf = (address: string, port: number): string => `${plain(address)}|${port}`;

function isHere(address: string): boolean {
  const host = plain(address);
  if (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host.startsWith('127.') ||
    ['::1', '::', '0.0.0.0'].includes(host)
  )
    return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => plain(one.address) === host));
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host)) return [];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return []; // unknown now; it stays ours under its name
  }
}
