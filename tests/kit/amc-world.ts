import { type AmcInstance, listAccounts, listInstances } from '#connectors/amc/accounts.ts';
import { AdsClient } from '#connectors/amc/ads-client.ts';
import { type AmcEngine, amcEngine } from '#connectors/amc/engine.ts';
import type { AmcRegion } from '#connectors/amc/endpoints.ts';
import type { LoginClient } from '#connectors/amc/login.ts';
import { MemoryTokens } from '#connectors/amc/tokens.ts';
import type { GuardOptions } from '#connectors/http/guarded-request.ts';
import type { RunRef, StartQuery } from '#contracts/queries/engine.ts';
import { type AmcSimulator, startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { quickScenario } from '#simulators/amc/plain-client.ts';
import type { Fault, Knobs, Outcome, ScenarioInput } from '#simulators/amc/scenario.ts';
import { Secret } from '#system/secret.ts';

/** Clients of ours against a simulator in which nothing has to be waited for. */
export interface AmcWorld {
  readonly simulator: AmcSimulator;
  readonly guard: GuardOptions;
  readonly login: LoginClient;
  readonly client: AdsClient;
  readonly clients: Readonly<Record<AmcRegion, AdsClient>>;
  readonly tokens: MemoryTokens;
  readonly instance: AmcInstance;
  readonly sandbox: AmcInstance;
  readonly engine: AmcEngine;
  /** Waits that were slept, none of which was really waited out. */
  readonly waits: number[];
  turn(knobs: Partial<Knobs>): void;
  fault(fault: Partial<Fault> & { match: string }): void;
  outcome(outcome: Partial<Outcome>): void;
  /** What a run is started with; the notes it made are kept in `notes`. */
  asked(sql: string, more?: Partial<StartQuery>): StartQuery & { readonly notes: RunRef[] };
  /** Polls until the run has ended. */
  ended(ref: RunRef): ReturnType<AmcEngine['poll']>;
  stop(): Promise<void>;
}

let runs = 0;

export async function startAmcWorld(scenario: ScenarioInput = quickScenario): Promise<AmcWorld> {
  const simulator = await startAmcSimulator(scenario);
  const guard: GuardOptions = { allow: ['127.0.0.1'] };
  const { world, regions, clientId } = simulator;
  const login: LoginClient = {
    clientId,
    clientSecret: new Secret(simulator.clientSecret),
    endpoints: regions.na,
    guard,
  };
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5)));
  };
  const tokens = new MemoryTokens(login, new Secret(simulator.refreshToken), () => world.now());
  const clientOf = (region: AmcRegion): AdsClient =>
    new AdsClient({ base: regions[region].ads, clientId, tokens, guard, sleep });
  const clients = { na: clientOf('na'), eu: clientOf('eu'), fe: clientOf('fe') };
  const client = clients.na;
  const { instances } = await listInstances(client, await listAccounts(client));
  const found = (isSandbox: boolean): AmcInstance => {
    const instance = instances.find((one) => one.isSandbox === isSandbox);
    if (!instance) throw new Error('No instance.');
    return instance;
  };
  const instance = found(false);
  const engine = amcEngine({ client, instance, now: () => world.now(), sleep });
  return {
    simulator,
    guard,
    login,
    client,
    clients,
    tokens,
    instance,
    sandbox: found(true),
    engine,
    waits,
    turn: (knobs) => void (world.knobs = { ...world.knobs, ...knobs }),
    fault: (fault) => world.addFault({ times: 1, after: 0, kind: 'status', status: 500, delayMs: 0, ...fault }),
    outcome: (outcome) =>
      void world.outcomes.push({ status: 'FAILED', reasonField: 'statusReason', reason: 'Failed.', ...outcome }),
    asked: (sql, more = {}) => {
      const notes: RunRef[] = [];
      return {
        runId: `run-${++runs}`,
        sql,
        options: { timeWindow: { type: 'ALL', timeZone: 'UTC' } },
        known: null,
        note: (ref) => void notes.push(ref),
        notes,
        ...more,
      };
    },
    ended: async (ref) => {
      for (;;) {
        const result = await engine.poll(ref);
        if (result.state !== 'queued' && result.state !== 'running') return result;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    stop: () => simulator.stop(),
  };
}
