import type { PageAct } from '#contracts/notifications/page.ts';
import { pageActs } from '#contracts/notifications/page.ts';
import type { Vault } from '#system/vault/vault.ts';

/** What a link in a message lets one do: one act on one incident, for whom it was sent to, once, until then. */
export interface ActLink {
  workspaceId: string;
  incidentId: string;
  act: PageAct;
  /** The person or channel that the message went to. */
  contact: { kind: 'person' | 'channel'; id: string };
  deliveryId: string;
  expiresAt: number;
}

/** A link works for so long after its message was begun. */
export const linkLifeMs = 24 * 3_600_000;

const version = 1;
const bytesOfId = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const idOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const idBytes = 16;
const headBytes = 3;
const length = headBytes + 4 * idBytes + 4;
const use = 'message-act';

/** Writes a link as a token: all it says, and a MAC over it that only this installation can make for this workspace. */
export async function signActLink(vault: Vault, link: ActLink): Promise<string> {
  const expires = Buffer.alloc(4);
  expires.writeUInt32BE(Math.floor(link.expiresAt / 1_000));
  const said = Buffer.concat([
    Buffer.from([version, pageActs.indexOf(link.act), link.contact.kind === 'person' ? 0 : 1]),
    ...[link.workspaceId, link.incidentId, link.contact.id, link.deliveryId].map(bytesOfId),
    expires,
  ]).toString('base64url');
  return `${said}.${await vault.keyedHash(said, { workspaceId: link.workspaceId, use })}`;
}

/**
 * Reads a token back.
 * @param isKnown whether there is such a workspace: a MAC is made for no other
 * @returns null where it was not made here, or was altered; whether it has expired is for the caller to see
 */
export async function readActLink(
  vault: Vault,
  token: string,
  isKnown: (workspaceId: string) => Promise<boolean>,
): Promise<ActLink | null> {
  const [said, mac, ...rest] = token.split('.');
  if (!said || !mac || rest.length > 0 || !/^[\w-]+$/.test(said)) return null;
  const bytes = Buffer.from(said, 'base64url');
  const act = pageActs[bytes[1] ?? 0xff];
  if (bytes.length !== length || bytes[0] !== version || !act) return null;
  const id = (at: number): string => idOf(bytes.subarray(headBytes + at * idBytes, headBytes + (at + 1) * idBytes));
  const workspaceId = id(0);
  if (!(await isKnown(workspaceId))) return null;
  if (!vault.isSameHash(mac, await vault.keyedHash(said, { workspaceId, use }))) return null;
  return {
    workspaceId,
    incidentId: id(1),
    act,
    contact: { kind: bytes[2] === 0 ? 'person' : 'channel', id: id(2) },
    deliveryId: id(3),
    expiresAt: bytes.readUInt32BE(headBytes + 4 * idBytes) * 1_000,
  };
}

/** What makes a link one: used once means that no other row has this key. */
export const actLinkKey = ({ deliveryId, incidentId, act }: ActLink): string =>
  `link/${deliveryId}/${incidentId}/${act}`;
