import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Engine } from './engine/engine.ts';
import { Fault, Knobs, type Outcome, Scenario, type ScenarioInput } from './scenario.ts';

export const regions = ['na', 'eu', 'fe'] as const;
export type Region = (typeof regions)[number];

export interface Profile {
  readonly profileId: number;
  readonly countryCode: string;
  readonly currencyCode: string;
  readonly timezone: string;
  readonly accountInfo: {
    readonly marketplaceStringId: string;
    readonly id: string;
    readonly type: 'seller' | 'vendor' | 'agency';
    readonly name: string;
    readonly validPaymentMethod: boolean;
  };
}
export interface Account {
  readonly accountId: string;
  readonly accountName: string;
  readonly marketplaceId: string;
  /** The person may not see its instances: probing answers 403. */
  readonly isClosed: boolean;
}
export interface Instance {
  readonly instanceId: string;
  instanceName: string;
  readonly instanceType: 'STANDARD' | 'SANDBOX';
  readonly accountId: string;
  readonly creationDatetime: string;
}
/** A token that is worth something until it expires or is revoked. */
export interface Grant {
  readonly refreshToken: string;
  readonly scope: string;
  isRevoked: boolean;
}
export interface Code {
  readonly redirectUri: string;
  readonly scope: string;
  readonly challenge: { readonly value: string; readonly method: string } | null;
  readonly untilMs: number;
  isUsed: boolean;
}
/** What came in: enough to prove what a client sends. Never the token itself. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly tokenDigest: string | null;
  readonly atMs: number;
  /** Requests that were being answered when this came, itself included. */
  readonly atOnce: number;
}

const profile = (
  profileId: number,
  countryCode: string,
  currencyCode: string,
  timezone: string,
  marketplaceStringId: string,
  type: 'seller' | 'vendor',
): Profile => ({
  profileId,
  countryCode,
  currencyCode,
  timezone,
  accountInfo: {
    marketplaceStringId,
    id: `ENTITY${profileId}`,
    type,
    name: `Shop ${countryCode}`,
    validPaymentMethod: true,
  },
});

/** All that one simulator holds in memory. */
export class World {
  readonly scenario: Scenario;
  knobs: Knobs;
  readonly engine: Engine;
  readonly profiles: Readonly<Record<Region, readonly Profile[]>> = {
    na: [
      profile(11, 'US', 'USD', 'America/Los_Angeles', 'ATVPDKIKX0DER', 'vendor'),
      profile(12, 'CA', 'CAD', 'America/Toronto', 'A2EUQ1WTGCTBG2', 'seller'),
    ],
    eu: [
      profile(21, 'UK', 'GBP', 'Europe/London', 'A1F83G8C2ARO7P', 'seller'),
      profile(22, 'DE', 'EUR', 'Europe/Berlin', 'A1PA6795UKMFR9', 'vendor'),
    ],
    fe: [profile(31, 'JP', 'JPY', 'Asia/Tokyo', 'A1VC38T7YXB528', 'seller')],
  };
  readonly accounts: readonly Account[] = [
    { accountId: 'ENTITYSIM1', accountName: 'Aurora Home', marketplaceId: 'ATVPDKIKX0DER', isClosed: false },
    { accountId: 'ENTITYSIM2', accountName: 'Borealis Sport', marketplaceId: 'A1F83G8C2ARO7P', isClosed: false },
    { accountId: 'ENTITYSIM3', accountName: 'Closed to us', marketplaceId: 'A1PA6795UKMFR9', isClosed: true },
  ];
  readonly instances: Instance[] = [
    {
      instanceId: 'amcsim0001',
      instanceName: 'Aurora US',
      instanceType: 'STANDARD',
      accountId: 'ENTITYSIM1',
      creationDatetime: '2025-03-01T09:00:00Z',
    },
    {
      instanceId: 'amcsim0002',
      instanceName: 'Aurora sandbox',
      instanceType: 'SANDBOX',
      accountId: 'ENTITYSIM1',
      creationDatetime: '2025-03-02T09:00:00Z',
    },
    {
      instanceId: 'amcsim0003',
      instanceName: 'Borealis UK',
      instanceType: 'STANDARD',
      accountId: 'ENTITYSIM2',
      creationDatetime: '2025-04-01T09:00:00Z',
    },
  ];
  readonly codes = new Map<string, Code>();
  readonly grants: Grant[] = [];
  readonly accessTokens = new Map<string, { grant: Grant; untilMs: number }>();
  readonly faults: (Fault & { left: number; skip: number })[] = [];
  readonly outcomes: Outcome[] = [];
  readonly requests: Recorded[] = [];
  /** What was done and will never be answered (`hang_after`). */
  readonly unanswered: ServerResponse[] = [];
  #skippedMs = 0;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(input: ScenarioInput = {}) {
    this.scenario = Scenario.parse(input);
    this.knobs = this.scenario.knobs;
    const { until, ...events } = this.scenario.events;
    this.engine = new Engine({ ...events, untilMs: until ? Date.parse(until) : Date.now() });
  }

  now(): number {
    return Date.now() + this.#skippedMs;
  }
  /** Lets tokens, codes, addresses and executions grow older at once; timers that run are not hurried. */
  skip(ms: number): void {
    this.#skippedMs += ms;
  }
  /** The moment as the service writes it. */
  stamp(ms = this.now()): string {
    return `${new Date(ms).toISOString().slice(0, 19)}Z`;
  }
  later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
  between([low, high]: readonly [number, number]): number {
    return low + Math.random() * Math.max(0, high - low);
  }

  /** A grant as if somebody had gone through the consent page. */
  grant(scope = 'advertising::campaign_management'): Grant {
    const grant = { refreshToken: `Atzr|${randomBytes(24).toString('base64url')}`, scope, isRevoked: false };
    this.grants.push(grant);
    return grant;
  }
  issue(grant: Grant): string {
    const token = `Atza|${randomBytes(24).toString('base64url')}`;
    this.accessTokens.set(token, { grant, untilMs: this.now() + this.knobs.tokenSeconds * 1_000 });
    return token;
  }
  addFault(fault: Fault): void {
    this.faults.push({ ...fault, left: fault.times, skip: fault.after });
  }
  digest(token: string): string {
    return createHash('sha256').update(token).digest('hex').slice(0, 12);
  }
  id(): string {
    return randomUUID();
  }
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.engine.stop();
  }
}
export { Fault, Knobs };
