import { createHash, createHmac, randomBytes } from 'node:crypto';

/** What begins an API key of ours, so that scanners of leaked secrets can find it. */
export const apiKeyStart = 'wl_';

/** 256 random bits for an address or a header; only its hash is kept. */
export const newToken = (start = ''): string => start + randomBytes(32).toString('base64url');

/** What stands for a token in the database. A token has 256 random bits, so a plain hash cannot be searched for it. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');

export const newNonce = (): string => randomBytes(32).toString('base64url');

/**
 * The token that follows another one. It is computed from both, so that a caller whose answer was lost gets the same
 * one again, though neither is stored: the nonce alone gives nothing, and so does an old token alone.
 */
export const successorOf = (token: string, nonce: string): string =>
  token.slice(0, token.indexOf('_') + 1) + createHmac('sha256', token).update(nonce).digest('base64url');
