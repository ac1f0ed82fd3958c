/**
 * A place in the stream (design §4): `epoch.xid.seq`. Sequence numbers do not commit in order, so the writing
 * transaction comes first; the epoch names the database, so that a cursor from before a restore is recognised.
 */
export interface EventCursor {
  epoch: string;
  xid: bigint;
  seq: bigint;
}

export const formatCursor = ({ epoch, xid, seq }: EventCursor): string => `${epoch}.${xid}.${seq}`;

/** @returns undefined where the text is no cursor */
export function parseCursor(text: string): EventCursor | undefined {
  const match = /^([0-9a-f]{1,64})\.(\d{1,20})\.(\d{1,19})$/.exec(text);
  if (!match) return undefined;
  const [, epoch = '', xid = '0', seq = '0'] = match;
  return { epoch, xid: BigInt(xid), seq: BigInt(seq) };
}

/** Below zero where `a` comes before `b` in the stream. Both must be of one epoch. */
export const compareCursors = (a: EventCursor, b: EventCursor): number =>
  a.xid === b.xid ? Number(a.seq - b.seq) : a.xid < b.xid ? -1 : 1;
