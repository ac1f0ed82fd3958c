import type { HostReply, HostsRequest } from '../effects.ts';
import { countsAsFailure, outputBytesPerHost } from './results.ts';

/**
 * Cuts a batch that is too large for one activity (or one child workflow) into parts that are run one after the other:
 * gives the next part, or null where all hosts have a reply. What failed before counts against the part's budget; once
 * it is spent the rest is answered `notStarted` without asking anybody.
 */
export function nextPart(
  request: HostsRequest,
  replies: { readonly [name: string]: HostReply },
  most: number,
): { readonly part: HostsRequest | null; readonly passedOver: { readonly [name: string]: HostReply } } {
  const left = request.hosts.filter(({ server }) => replies[server.name] === undefined);
  const failures = Object.values(replies).filter((reply) => countsAsFailure(reply, request)).length;
  const isStopped =
    failures > request.stopAfterFailures || Object.values(replies).some(({ kind }) => kind === 'canceled');
  if (left.length === 0) return { part: null, passedOver: {} };
  if (isStopped) {
    const isCanceled = failures <= request.stopAfterFailures;
    const reply: HostReply = isCanceled ? { kind: 'canceled' } : { kind: 'notStarted' };
    return { part: null, passedOver: Object.fromEntries(left.map(({ server }) => [server.name, reply])) };
  }
  const hosts = left.slice(0, most);
  const used = [...new Set(hosts.map(({ work }) => work))];
  return {
    part: {
      ...request,
      hosts: hosts.map(({ server, work }) => ({ server, work: used.indexOf(work) })),
      work: used.flatMap((index) => request.work[index] ?? []),
      stopAfterFailures: request.stopAfterFailures - failures,
      outputBytes: Math.min(request.outputBytes, outputBytesPerHost(request.hosts.length)),
    },
    passedOver: {},
  };
}
