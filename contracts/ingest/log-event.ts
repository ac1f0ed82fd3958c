import { instantMs } from '../alerts/incoming-alert.ts';

/** A line of somebody's log, in our words, whichever format brought it. */
export interface LogEvent {
  /** Milliseconds since 1970. */
  at: number;
  /** OpenTelemetry's severity number, 1–24; 0: none given. */
  severity: number;
  host: string | null;
  service: string | null;
  text: string;
  attributes: Record<string, string | number | boolean>;
  /** 32 hex digits. */
  traceId: string | null;
  /** 16 hex digits. */
  spanId: string | null;
  /** Under which a sender sends this one again; null: it gives none. */
  key: string | null;
}

/** What a request brought; `rejected` are those of its events that are none, by their place in it. */
export interface ReadEvents {
  events: LogEvent[];
  rejected: { index: number; reason: string }[];
}

export const longestLine = 262_144;
const longestValue = 8_192;
const mostAttributes = 128;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const textOr = (value: unknown, otherwise: string | null = null): string | null =>
  typeof value === 'string' && value !== '' ? value : otherwise;
/** When a line says that it was written, in ms since 1970; the time of receipt where it does not say it. */
export const timeOr = (stamp: unknown, nowMs: number): number =>
  (typeof stamp === 'string' || typeof stamp === 'number' ? instantMs(stamp) : null) ?? nowMs;
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A line as it is stored: no NUL, and cut where it is longer than any reader wants. */
export const boundedLine = (text: string): string => {
  const plain = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return plain.length <= longestLine ? plain : `${plain.slice(0, longestLine - 1)}…`;
};

/**
 * Puts a value under a name, objects by their parts (`a.b`): what a sender nests can be searched by name. What is too
 * much is left out, and `dropped` counts it.
 */
export function addAttribute(
  attributes: LogEvent['attributes'],
  name: string,
  value: unknown,
  dropped = { count: 0 },
): void {
  if (value === null || value === undefined || name === '__proto__') return;
  if (isObject(value)) {
    for (const [part, inner] of Object.entries(value)) addAttribute(attributes, `${name}.${part}`, inner, dropped);
    return;
  }
  if (Object.keys(attributes).length >= mostAttributes) {
    dropped.count += 1;
    return;
  }
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value); // prettier-ignore
  const bounded = typeof plain === 'string' && plain.includes('\0') ? plain.replaceAll('\0', '') : plain;
  attributes[name.slice(0, 256)] =
    typeof bounded === 'string' && bounded.length > longestValue ? `${bounded.slice(0, longestValue - 1)}…` : bounded;
}

/** Nanoseconds since 1970 as text or number, in milliseconds; undefined for none, 0, or what is no such number. */
export function millisOfNanos(value: unknown): number | undefined {
  if (typeof value === 'number') return value > 0 && Number.isFinite(value) ? value / 1e6 : undefined;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined;
  // In parts: nanoseconds do not fit a double.
  const ms = value.length > 6 ? Number(value.slice(0, -6)) + Number(value.slice(-6)) / 1e6 : Number(value) / 1e6;
  return ms > 0 ? ms : undefined;
}
