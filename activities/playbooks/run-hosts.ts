import { CancelledFailure, Context } from '@temporalio/activity';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { HostReply, HostsRequest } from '#contracts/playbooks/engine/effects.ts';
import { countsAsFailure } from '#contracts/playbooks/engine/hosts/results.ts';
import { untilDatabase } from '#db/kit/database-away.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { keepSealedOutput, openRunSecrets } from '#db/playbooks/run-secrets.ts';
import { type HostPlace, readHostPlaces, writeHostChanges } from '#db/runs/host-output.ts';
import { ensureHostRows } from '#db/runs/host-rows.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { SshHosts } from '../servers/ssh-hosts.ts';
import { artifactReader } from './artifacts.ts';
import { HostWriter } from './host-writer.ts';
import { reveal } from './reveal.ts';
import { runOnHost } from './run-on-host.ts';

export interface HostBatch {
  workspaceId: string;
  runId: string;
  actor: ActorRef;
  /** Workspace secrets that the playbook names anywhere: all are masked in the output. */
  usedSecrets: readonly string[];
  request: HostsRequest;
  /** Begin nothing: stop what another activity of this batch had begun before its worker was lost. */
  onlyStop?: boolean;
}

export type HostActivities = ReturnType<typeof hostActivities>;

/** Also how long a cancel takes to reach us at most. */
const heartbeatMs = 1_000;

export const hostActivities = ({ inTenant, vault, wakeLog, metrics, hosts }: ActivityTools & { hosts: SshHosts }) => ({
  /**
   * Runs one batch of a step on its hosts, `parallel` at a time. Repeatable: each host's row says how far it is, a durable
   * command is rejoined by its marker, and what has ended is not done again. With `onlyStop` each is canceled from the start.
   */
  async runHostBatch(batch: HostBatch): Promise<{ [name: string]: HostReply }> {
    const { workspaceId, runId, actor, request, onlyStop = false } = batch;
    const context = Context.current();
    const { cancel, shutdown, done } = listen(context);
    const names = request.hosts.map(({ server }) => server.name);
    const prepare = () =>
      inTenant(workspaceId, async (tx) => {
        const found = await readHostPlaces(tx, runId, request.address, names);
        await ensureHostRows(
          tx,
          runId,
          request.address,
          request.hosts
            .filter(({ server }) => !found.has(server.name))
            .map(({ server }) => ({
              name: server.name,
              serverId: server.id,
              batch: request.batch,
              attempt: request.attempt,
            })),
        );
        return { places: found, revealed: await reveal(tx, vault, batch, request.work) };
      });
    let prepared: Awaited<ReturnType<typeof prepare>>;
    try {
      // Nothing has begun here: while the database is away the step waits, and is no step of unknown outcome.
      prepared = await untilDatabase(prepare, AbortSignal.any([cancel, shutdown]));
    } catch (error) {
      done();
      if (cancel.aborted) return forAll(names, { kind: 'canceled' });
      if (shutdown.aborted) throw new CancelledFailure('The worker is shutting down.');
      // A secret that is gone, say: trying again would meet the same.
      if (error instanceof Refusal)
        return forAll(names, { kind: 'error', error: { code: error.code, message: error.message, retryable: false } });
      throw error;
    }
    const { places, revealed } = prepared;
    const keepsLog = request.sealed === undefined;
    const writer = new HostWriter(async (changes) => {
      await inTenant(workspaceId, (tx) =>
        writeHostChanges(tx, { runId, address: request.address, attempt: request.attempt, keepsLog }, changes),
      );
      wakeLog(runId);
    });
    const readArtifact = artifactReader(inTenant, workspaceId);
    const works = revealed.fill(request.work);
    const startOne = async ({ server, work: index }: HostsRequest['hosts'][number]): Promise<HostReply> => {
      const work = works[index];
      if (!work) throw new Error(`Batch of ${request.address} names a work that is not there.`);
      const before: HostPlace | undefined = places.get(server.name);
      const reply = await runOnHost({
        hosts,
        writer,
        masker: revealed.masker,
        readArtifact,
        workspaceId,
        runId,
        actor,
        address: request.address,
        attempt: request.attempt,
        execution: request.execution,
        server,
        work,
        timeoutMs: request.timeoutMs,
        outputBytes: request.outputBytes,
        okExitCodes: request.okExitCodes,
        afterRecord: [],
        before,
        firstScheduledMs: context.info.scheduledTimestampMs,
        isRepeated: context.info.attempt > 1,
        onlyStop,
        cancel: onlyStop ? AbortSignal.abort() : cancel,
        shutdown,
      });
      metrics.commands.inc({ end: reply.kind });
      return reply;
    };
    try {
      // To stop: on every host, however many fail.
      const turn = onlyStop ? { ...request, stopAfterFailures: Infinity } : request;
      const replies = await inTurn(turn, startOne, () => cancel.aborted);
      await writer.flush();
      if (request.sealed === undefined) return replies;
      await inTenant(workspaceId, (tx) => sealReplies(tx, vault, batch, request.sealed ?? '', replies));
      return Object.fromEntries(Object.entries(replies).map(([name, reply]) => [name, withoutTexts(reply)]));
    } catch (error) {
      // The worker stops: commands go on, and the next attempt rejoins them.
      if (shutdown.aborted) throw new CancelledFailure('The worker is shutting down.');
      throw error;
    } finally {
      done();
    }
  },
});

/** Cancel and shutdown come by one signal; its reason tells which. Heartbeats carry cancels to us. */
function listen(context: Context): { cancel: AbortSignal; shutdown: AbortSignal; done: () => void } {
  const cancel = new AbortController();
  const shutdown = new AbortController();
  const tell = (): void => {
    const details = context.cancellationDetails;
    if (details?.cancelRequested) cancel.abort();
    else shutdown.abort(new Error('The worker is shutting down.'));
  };
  if (context.cancellationSignal.aborted) tell();
  else context.cancellationSignal.addEventListener('abort', tell, { once: true });
  const beat = setInterval(() => context.heartbeat(), heartbeatMs);
  context.heartbeat();
  return {
    cancel: cancel.signal,
    shutdown: shutdown.signal,
    done: () => {
      clearInterval(beat);
      context.cancellationSignal.removeEventListener('abort', tell);
    },
  };
}

/** Starts hosts in order, so many at a time, and none any more once too many have failed for good. */
async function inTurn(
  request: HostsRequest,
  startOne: (host: HostsRequest['hosts'][number]) => Promise<HostReply>,
  isCanceled: () => boolean,
): Promise<{ [name: string]: HostReply }> {
  const replies: { [name: string]: HostReply } = {};
  const waiting = [...request.hosts];
  let failures = 0;
  const work = async (): Promise<void> => {
    for (let host = waiting.shift(); host; host = waiting.shift()) {
      if (failures > request.stopAfterFailures) replies[host.server.name] = { kind: 'notStarted' };
      else if (isCanceled()) replies[host.server.name] = { kind: 'canceled' };
      else {
        const reply = await startOne(host);
        replies[host.server.name] = reply;
        if (countsAsFailure(reply, request)) failures += 1;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(request.parallel, waiting.length) }, work));
  const broken = workers.find((worker) => worker.status === 'rejected');
  if (broken) throw broken.reason;
  return replies;
}

const forAll = (names: readonly string[], reply: HostReply): { [name: string]: HostReply } =>
  Object.fromEntries(names.map((name) => [name, reply]));

const withoutTexts = (reply: HostReply): HostReply =>
  'stdout' in reply || 'stderr' in reply ? { ...reply, stdout: '', stderr: '' } : reply;

/** The output of a `sensitive` step stays sealed with the run; expressions hold references to it. */
async function sealReplies(
  tx: Parameters<typeof keepSealedOutput>[0],
  vault: ActivityTools['vault'],
  { workspaceId, runId }: HostBatch,
  sealed: string,
  replies: { [name: string]: HostReply },
): Promise<void> {
  const before = (await openRunSecrets(tx, vault, workspaceId, runId))[`${sealed}.hosts`];
  const results = Object.fromEntries(
    Object.entries(replies).map(([name, reply]) => [
      name,
      {
        stdout: 'stdout' in reply ? (reply.stdout ?? '') : '',
        stderr: 'stderr' in reply ? (reply.stderr ?? '') : '',
        exitCode: reply.kind === 'ended' ? (reply.exitCode ?? null) : null,
      },
    ]),
  );
  const merged = { ...(before as Record<string, Json> | undefined), ...results };
  await keepSealedOutput(tx, vault, workspaceId, runId, `${sealed}.hosts`, merged);
  const [only, ...others] = Object.values(merged);
  if (only !== undefined && others.length === 0)
    await keepSealedOutput(tx, vault, workspaceId, runId, `${sealed}.output`, only);
}
