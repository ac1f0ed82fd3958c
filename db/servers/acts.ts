import type { ActorRef } from '#contracts/kit/schemas.ts';
import { recordAudits } from '../audit/audit-entries.ts';
import { appendEvents } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** Who does it, and from where; machinery has no address. */
export interface Doer {
  actor: ActorRef;
  address?: string | null;
  requestId?: string | null;
}

/** How machinery signs what it does by itself. */
export const checker: Doer = { actor: { kind: 'system', id: null, name: 'Server check' } };

export interface Act {
  noun: 'server' | 'credential';
  id: string;
  name: string;
  /** `created`, `changed`, `deleted`, `key_trusted`, … */
  act: string;
  /** Only what changed, without secrets. */
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
}

/** Writes acts on servers or credentials into the audit log and the event stream, in the transaction of the acts. */
export async function recordActs(
  tx: TenantTx,
  { actor, address, requestId }: Doer,
  acts: readonly Act[],
): Promise<void> {
  await appendEvents(
    tx,
    acts.map(({ noun, id, name, act, after }) => ({
      type: `${noun}.changed`,
      subject: `${noun}:${id}`,
      actor,
      data: { id, name, act, fields: Object.keys(after ?? {}) },
    })),
  );
  await recordAudits(
    tx,
    acts.map(({ noun, id, name, act, before, after }) => ({
      actor,
      action: `${noun}.${act}`,
      subject: `${noun}:${id}`,
      title: name,
      before: before ?? null,
      after: after ?? null,
      address: address ?? null,
      requestId: requestId ?? null,
    })),
  );
}

/** The parts of `after` that differ from `before`, and what they were. */
export function changesOf<T extends Record<string, unknown>>(
  before: T,
  after: Partial<T>,
): { before: Partial<T>; after: Partial<T> } {
  const names = (Object.keys(after) as (keyof T)[]).filter(
    (name) => after[name] !== undefined && JSON.stringify(after[name]) !== JSON.stringify(before[name]),
  );
  const pick = (from: Partial<T>) => Object.fromEntries(names.map((name) => [name, from[name]])) as Partial<T>;
  return { before: pick(before), after: pick(after) };
}
