import { createHash } from 'node:crypto';

/**
 * The id of a child run: made from its parent's, the step's address and the execution, so that a repeated activity finds
 * the same child. It keeps the parent's time in front (UUIDv7), so that runs still sort by time.
 */
export function childRunOf(parentRunId: string, address: string, execution: number): string {
  const digest = createHash('sha256').update(`${parentRunId}\n${address}\n${execution}`).digest('hex');
  const variant = ((Number.parseInt(digest.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  return `${parentRunId.slice(0, 13)}-7${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}
