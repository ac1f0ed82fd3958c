import { z } from 'zod';
import { Instant } from '../kit/schemas.ts';

/** A server's public key, as it was pinned or offered. */
export const HostKey = z.object({
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, …; null where only a fingerprint was given. */
  algorithm: z.string().nullable(),
  /** `SHA256:` and 43 characters, as `ssh-keygen -l` prints it. */
  fingerprint: z.string(),
  /** The key itself in base64, as in `known_hosts`; null where only a fingerprint was given. */
  key: z.string().nullable(),
});
export type HostKey = z.infer<typeof HostKey>;

/** The key a server must show, and who said so. */
export const PinnedHostKey = HostKey.extend({
  pinnedAt: Instant,
  /** `first_use`: nobody compared it; the first contact was trusted, as the workspace allows. */
  pinnedBy: z.enum(['first_use', 'person', 'import']),
});
/** A key that a server showed in place of the pinned one. */
export const OfferedHostKey = HostKey.extend({ offeredAt: Instant });

/** `none`: first contact is still to come. `mismatch`: the server showed another key, and nothing connects until a person decides. */
export const hostKeyStates = ['none', 'pinned', 'mismatch'] as const;
export type HostKeyState = (typeof hostKeyStates)[number];

/** How a host key is given: `ssh-ed25519 AAAA…`, a line of `known_hosts` or of `ssh-keyscan`, or `SHA256:…`. */
export const HostKeyText = z
  .string()
  .trim()
  .min(1)
  .max(20_000)
  .refine((text) => splitHostKey(text) !== undefined, {
    message: 'A host key like "ssh-ed25519 AAAA…", a line of known_hosts, or a fingerprint "SHA256:…".',
    params: { code: 'host_key.unreadable' },
  });

const algorithm = /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9-]+@openssh\.com)$/;
const base64 = /^[A-Za-z0-9+/]{40,}={0,2}$/;
const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}=?$/;

/** Takes a written host key apart; hashing it is for a floor that may. */
export function splitHostKey(text: string): { algorithm: string; key: string } | { fingerprint: string } | undefined {
  const words = text.trim().split(/\s+/);
  const only = words[0] ?? '';
  if (words.length === 1 && fingerprint.test(only)) return { fingerprint: only.replace(/=$/, '') };
  const at = words.findIndex((word) => algorithm.test(word));
  const [name, key] = [words[at], words[at + 1]];
  // Before the algorithm at most a marker and the host's names stand, as in known_hosts.
  if (at < 0 || at > 2 || name === undefined || key === undefined || !base64.test(key)) return undefined;
  return { algorithm: name, key };
}
