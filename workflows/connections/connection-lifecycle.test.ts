import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { ConnectionFacts } from '#activities/connections/lifecycle.ts';
import {
  ConnectionLifecycle,
  type ConnectionLifecycleInput,
  type RenewalOutcome,
  type RenewToken,
} from '#contracts/connections/lifecycle.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import type { RunRecord } from '#contracts/runs/record-run.ts';
import { recordHistory } from '#tests/kit/record-history.ts';
import { closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';
import { Worker } from '@temporalio/worker';

const minuteMs = 60_000;
const failureOf = (kind: QueryFailureFacts['kind'], code: string): QueryFailureFacts => ({
  kind, code, message: code, hint: 'Wait.', retryable: kind !== 'auth', retryAfterMs: null, mayHaveActed: false, status: null, position: null,
}); // prettier-ignore

/** A service and a database that fit in a few lines. Time is the server's, which skips it. */
let facts: ConnectionFacts;
let isDown: false | QueryFailureFacts = false;
let renewals: RenewToken[] = [];
let moves: string[] = [];
let records: RunRecord[] = [];
let steps: string[] = [];
let looks: () => Promise<ConnectionFacts> = async () => facts;
let moveMs = 0;
let timeOf: () => Promise<number> = async () => Date.now();

const renewed = async (): Promise<RenewalOutcome> => {
  const now = await timeOf();
  const generation = (facts.sets[0]?.generation ?? 0) + 1;
  facts = { ...facts, sets: [{ unit: '', generation, expiresAtMs: now + 60 * minuteMs, refreshAtMs: now + 10 * minuteMs }] }; // prettier-ignore
  return { outcome: 'renewed', generation, failure: null };
};
const activities = {
  recordRun: async (record: RunRecord) => {
    records.push(record);
    return { isEnded: false };
  },
  lookAtConnection: async () => looks(),
  settleConnection: async ({
    state,
    failure,
  }: {
    state: ConnectionFacts['state'];
    failure: QueryFailureFacts | null;
  }) => {
    if (moveMs > 0) await new Promise((resolve) => setTimeout(resolve, moveMs));
    if (facts.state !== state) moves.push(state);
    facts = { ...facts, state, failure };
  },
  loseUnit: async () => undefined,
  eraseConnection: async () => void steps.push('erased'),
  renewTokens: async (wanted: RenewToken): Promise<RenewalOutcome> => {
    renewals.push(wanted);
    if (isDown) return { outcome: isDown.kind === 'auth' ? 'refused' : 'failed', generation: facts.sets[0]?.generation ?? 0, failure: isDown }; // prettier-ignore
    return renewed();
  },
  readUnits: async () => ({ failure: null }),
  readSchema: async () => ({ failure: null }),
  probe: async () => ({ failure: null }),
  endRuns: async () => void steps.push('runs ended'),
  sweepOwn: async () => {
    steps.push('swept');
    return { left: 0, failure: null };
  },
  revokeAccess: async () => {
    steps.push('revoked');
    return { failure: null };
  },
};

beforeEach(() => {
  facts = {
    kind: 'amc',
    state: 'connected',
    failure: null,
    isOwnGrant: false,
    areUnitsRead: true,
    unreadUnit: null,
    sets: [],
  };
  isDown = false;
  looks = async () => facts;
  moveMs = 0;
  [renewals, moves, records, steps] = [[], [], [], []];
});
afterAll(closeTemporal);

type World = Awaited<ReturnType<typeof begin>>;
async function inTime(work: (world: World) => Promise<void>, before?: (world: World) => Promise<void>): Promise<void> {
  const world = await begin();
  await before?.(world);
  const calls = await Worker.create({
    connection: world.env.nativeConnection,
    taskQueue: ConnectionLifecycle.callsQueue,
    activities,
  });
  await calls.runUntil(
    world.worker.runUntil(async () => {
      // What a failed test leaves open would go on in the next one, whose time it shares.
      await work(world).finally(() => world.run.terminate().catch(() => undefined));
    }),
  );
}
/**
 * Lets time pass until the connection has moved so. A step of skipped time may be over before a busy machine has done what
 * was due in it, and what follows from that is due later: so it takes as many steps as it takes.
 */
async function untilMoves(env: { sleep: (time: string) => Promise<void> }, wanted: readonly string[]): Promise<void> {
  for (let step = 0; step < 200 && moves.length < wanted.length; step++) await env.sleep('30 seconds');
  await expect.poll(() => moves, { timeout: 10_000 }).toEqual(wanted);
}
async function begin() {
  const temporal = await skippingTemporal('main', activities);
  timeOf = async () => temporal.env.currentTimeMs();
  const now = await timeOf();
  facts = {
    ...facts,
    sets: [{ unit: '', generation: 1, expiresAtMs: now + 60 * minuteMs, refreshAtMs: now + 10 * minuteMs }],
  };
  const input: ConnectionLifecycleInput = { workspaceId: uuidv7(), connectionId: uuidv7(), runId: uuidv7() };
  const run = await temporal.client.workflow.start(ConnectionLifecycle.type, {
    workflowId: input.runId,
    taskQueue: 'main',
    args: [input],
  });
  const renew = (spent: number | null, cause: RenewToken['cause'] = 'spent') =>
    run.executeUpdate<RenewalOutcome, [RenewToken]>(ConnectionLifecycle.update.renewToken, {
      args: [{ unit: '', spent, cause }],
    });
  return { ...temporal, run, renew };
}

test('through a night a token is renewed before each end, where nobody else does it', () =>
  inTime(async ({ env }) => {
    for (let part = 0; part < 3; part++) {
      await env.sleep('3 hours');
      expect(facts.sets[0]?.expiresAtMs).toBeGreaterThan(await timeOf());
    }
    expect(renewals.length).toBeGreaterThan(9 * 3);
    expect(renewals.length).toBeLessThan(9 * 7);
    expect(moves).toEqual([]);
    expect(records.map(({ status }) => status)).toEqual(['waiting']);
  }));

test('where somebody else renews ahead of time, it looks ever more seldom', () =>
  inTime(async ({ env, run }) => {
    const kept = async () => {
      const now = await timeOf();
      facts = { ...facts, sets: [{ unit: '', generation: 2, expiresAtMs: now + 60 * minuteMs, refreshAtMs: now + 10 * minuteMs }] }; // prettier-ignore
      return facts;
    };
    looks = kept;
    await env.sleep('3 days');
    expect(renewals).toEqual([]);
    // At 10, 20, 40 minutes, …, and then every six hours.
    const { historyLength } = await run.describe();
    expect(Number(historyLength)).toBeLessThan(150);
    await recordHistory('connection-lifecycle-kept', run);
  }));

test('who asks for a generation that was renewed since is answered at once, and many share one renewal', () =>
  inTime(async ({ renew }) => {
    const answers = await Promise.all(Array.from({ length: 9 }, () => renew(1)));
    expect(renewals).toHaveLength(1);
    expect(new Set(answers.map(({ generation }) => generation))).toEqual(new Set([2]));
    expect(await renew(1)).toEqual({ outcome: 'fresh', generation: 2, failure: null });
    expect(renewals).toHaveLength(1);
  }));

test('a service that is away for an hour is asked with patience, and all goes on when it is back', () =>
  inTime(async ({ env, run, renew }) => {
    isDown = failureOf('network', 'unreachable');
    expect(await renew(1)).toMatchObject({ outcome: 'failed' });
    expect(moves).toEqual(['unavailable']);
    await env.sleep('1 hour');
    expect(renewals.length).toBeGreaterThan(8);
    expect(renewals.length).toBeLessThan(80);
    isDown = false;
    await untilMoves(env, ['unavailable', 'connected']);
    await recordHistory('connection-lifecycle-away', run);
  }));

test('a renewal that failed while all rested is tried again within moments, not at the next look', () =>
  inTime(async ({ env, run, renew }) => {
    await env.sleep('1 minute');
    isDown = failureOf('network', 'reset');
    expect(await renew(1)).toMatchObject({ outcome: 'failed' });
    isDown = false;
    // The next look would be at the renewal's time, nine minutes from here.
    await env.sleep('30 seconds');
    await expect.poll(() => moves, { timeout: 5_000 }).toEqual(['unavailable', 'connected']);
    await recordHistory('connection-lifecycle-again', run);
  }));

test('a refusal is one move; nothing is tried until somebody has signed in', () =>
  inTime(async ({ env, run, renew }) => {
    isDown = failureOf('auth', 'invalid_grant');
    expect(await renew(1)).toMatchObject({ outcome: 'refused', failure: { code: 'invalid_grant' } });
    expect(await renew(1)).toMatchObject({ outcome: 'refused', failure: { code: 'invalid_grant' } });
    await env.sleep('2 days');
    await untilMoves(env, ['needs_reauth']);
    expect(renewals).toHaveLength(1);
    isDown = false;
    facts = { ...facts, state: 'connected', failure: null };
    await run.signal(ConnectionLifecycle.signal.changed);
    await env.sleep('1 hour');
    expect(renewals.length).toBeGreaterThan(1);
    expect(records.map(({ waitingFor }) => waitingFor)).toEqual([
      'connection:connected',
      'connection:needs_reauth',
      'connection:connected',
    ]);
    await recordHistory('connection-lifecycle-refused', run);
  }));

test('what the sweep could not renew is taken up', () =>
  inTime(async ({ env, run }) => {
    isDown = failureOf('provider', 'http_503');
    await run.signal(ConnectionLifecycle.signal.renewalFailed, { unit: '', outcome: 'failed', failure: isDown });
    await untilMoves(env, ['unavailable']);
    isDown = false;
    await untilMoves(env, ['unavailable', 'connected']);
    expect(facts).toMatchObject({ state: 'connected', failure: null });
  }));

test('what a look found before a move does not undo it', () => {
  isDown = failureOf('provider', 'http_503');
  const failed = { unit: '', outcome: 'failed', failure: isDown };
  moveMs = 100;
  looks = async () => {
    const found = facts;
    await new Promise((resolve) => setTimeout(resolve, 2 * moveMs));
    return found;
  };
  return inTime(
    async ({ env, run }) => {
      await untilMoves(env, ['unavailable']);
      await env.sleep('30 seconds');
      expect(moves).toEqual(['unavailable']);
      await recordHistory('connection-lifecycle-raced', run);
    },
    // Both are there when the story begins: its first look and the move come at once.
    ({ run }) => run.signal(ConnectionLifecycle.signal.renewalFailed, failed),
  );
});

test('taking leave goes through its steps in order, and ends the run', () =>
  inTime(async ({ run }) => {
    await run.signal(ConnectionLifecycle.signal.disconnectAsked);
    await run.result();
    expect(steps).toEqual(['runs ended', 'swept', 'revoked', 'erased']);
    expect(records.at(-1)).toMatchObject({ status: 'succeeded', outputs: { accessGivenBack: true } });
    await recordHistory('connection-lifecycle-leave', run);
  }));
