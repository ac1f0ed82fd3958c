import {
  ServerFacts,
  healthStates,
  type HealthState,
  type Server,
  type ServerCheck,
} from '#contracts/servers/servers.ts';
import type { StreamEvent } from '../kit/event-stream.ts';
import { isRecord } from '../kit/shape.ts';

/** What is loaded of a list of servers: in the order of the list, without gaps, from its head to `next`. */
export interface ServerRows {
  readonly rows: readonly Server[];
  /** The cursor of what follows; null where all is here. */
  readonly next: string | null;
}
export type ServerPage = { data: Server[]; pagination: { nextCursor: string | null } };

/** The page after what is loaded; what is here already stays where it is. */
export function withPage(state: ServerRows, { data, pagination }: ServerPage): ServerRows {
  const known = new Set(state.rows.map(({ id }) => id));
  return { rows: [...state.rows, ...data.filter(({ id }) => !known.has(id))], next: pagination.nextCursor };
}

/** Servers that were read again take the places of their rows; those that were looked for and not found have left. */
export function withRead(state: ServerRows, wanted: readonly string[], found: readonly Server[]): ServerRows {
  const byId = new Map(found.map((server) => [server.id, server]));
  const gone = new Set(wanted.filter((id) => !byId.has(id)));
  return {
    ...state,
    rows: state.rows.filter(({ id }) => !gone.has(id)).map((server) => byId.get(server.id) ?? server),
  };
}

/** A check as its event tells it, or undefined for what is none. */
function checkOf({ data, at }: Pick<StreamEvent, 'data' | 'at'>): ServerCheck | undefined {
  const health = healthStates.find((state) => state === data['health']);
  const id = data['checkId'];
  if (!health || typeof id !== 'string') return undefined;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const latencyMs = data['latencyMs'];
  return {
    id,
    at: text(data['at']) ?? at,
    reachable: data['reachable'] === true,
    health: health satisfies HealthState,
    latencyMs: typeof latencyMs === 'number' ? latencyMs : null,
    code: text(data['code']),
    message: text(data['message']),
  };
}

/** The list after a check of one of its servers: only that row becomes another object, and it keeps its place. */
export function withCheck(state: ServerRows, event: Pick<StreamEvent, 'type' | 'data' | 'at'>): ServerRows {
  if (event.type !== 'server.checked') return state;
  const at = state.rows.findIndex(({ id }) => id === event.data['id']);
  const before = state.rows[at];
  const check = checkOf(event);
  if (!before || !check) return state;
  const facts = isRecord(event.data['facts']) ? ServerFacts.safeParse(event.data['facts']).data : undefined;
  const after: Server = { ...before, health: check.health, lastCheck: check, facts: facts ?? before.facts };
  return { ...state, rows: state.rows.with(at, after) };
}
