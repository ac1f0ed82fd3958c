import type { IncomingMessage } from 'node:http';
import { Fault, type Fault as FaultDef, faultKinds } from './scenario.ts';
import type { World } from './world.ts';

/** The next fault of one of these kinds that is due at a place; it is used up by being taken. */
export function takeFault(world: World, kinds: readonly FaultDef['kind'][], place: string): FaultDef | undefined {
  for (const fault of world.faults) {
    if (fault.left === 0 || !kinds.includes(fault.kind)) continue;
    if (fault.at !== undefined && !place.includes(fault.at)) continue;
    if (fault.seen++ < fault.after) continue;
    fault.left--;
    return fault;
  }
  return undefined;
}

export function addFaults(world: World, faults: readonly FaultDef[]): void {
  world.faults.push(...faults.map((fault) => ({ ...fault, seen: 0, left: fault.times })));
}

/** Kinds that one answer shows; the others belong to a run of a query or to a token. */
export const answerFaults = faultKinds.filter(
  (kind) => !['late_rows', 'query_fails', 'query_fails_midway', 'token_refused'].includes(kind),
);

/** `x-sim-fault: rate_limited; retryAfter=2`: one fault for the request that carries it. */
export function faultOfHeader(request: IncomingMessage): FaultDef | undefined {
  const header = request.headers['x-sim-fault'];
  if (typeof header !== 'string') return undefined;
  const [kind = '', ...settings] = header.split(';').map((part) => part.trim());
  const given = Object.fromEntries(settings.map((setting) => setting.split('=', 2) as [string, string]));
  const { forMs, ...rest } = given;
  return Fault.parse({ kind, ...rest, ...(forMs !== undefined && { forMs: Number(forMs) }) });
}

/** `Retry-After` as the fault wants it: seconds, or a date some seconds ahead. */
export const retryAfterOf = (fault: FaultDef, now: number): string =>
  fault.retryAfter === 'date'
    ? new Date(Math.ceil(now / 1_000) * 1_000 + 1_000).toUTCString()
    : (fault.retryAfter ?? '1');
