import { type AmcSimulator, startAmcSimulator } from './amc-simulator.ts';
import type { ScenarioInput } from './scenario.ts';

/** A small world in which nothing has to be waited for: for tests. */
export const quickScenario = {
  knobs: { pendingMs: [0, 0], runningMs: [0, 0], reportStepMs: 0, audienceMs: 0 },
  events: { impressions: 20_000, sponsored: 4_000, conversions: 2_000, users: 6_000, until: '2026-11-20T12:00:00Z' },
} satisfies ScenarioInput;

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The answer as JSON; null where it is none. */
  readonly json: Record<string, unknown>;
}

/** Speaks with a simulator by bare `fetch` and by nothing else, so that it is judged without any client of ours. */
export class PlainClient {
  readonly simulator: AmcSimulator;
  readonly instance: string;
  readonly #token: string;
  #account: { id: string; marketplace: string };
  constructor(simulator: AmcSimulator, token: string, instance: string, account: { id: string; marketplace: string }) {
    this.simulator = simulator;
    this.instance = instance;
    this.#token = token;
    this.#account = account;
  }

  get headers(): Record<string, string> {
    return {
      authorization: `Bearer ${this.#token}`,
      'amazon-advertising-api-clientid': this.simulator.clientId,
      'amazon-advertising-api-advertiserid': this.#account.id,
      'amazon-advertising-api-marketplaceid': this.#account.marketplace,
    };
  }
  get base(): string {
    return `${this.simulator.regions.na.ads}/amc/reporting/${this.instance}`;
  }

  async send(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Told> {
    const address = url.startsWith('http') ? url : `${this.base}${url}`;
    const answer = await fetch(address, {
      method,
      headers: { ...this.headers, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    let json: Record<string, unknown> = {};
    try {
      json = JSON.parse(text) as Record<string, unknown>;
    } catch {
      // Not every answer is JSON.
    }
    return { status: answer.status, headers: answer.headers, text, json };
  }

  start(sqlQuery: string, more: Record<string, unknown> = {}, workflow: Record<string, unknown> = {}): Promise<Told> {
    return this.send('POST', '/workflowExecutions', {
      workflow: { sqlQuery, ...workflow },
      timeWindowType: 'ALL',
      ...more,
    });
  }
  /** Asks until it has ended. */
  async ended(id: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { json } = await this.send('GET', `/workflowExecutions/${id}`);
      if (!['PENDING', 'RUNNING'].includes(String(json['status']))) return json;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  async urls(id: string): Promise<string[]> {
    const urls: string[] = [];
    for (let token = ''; ;) {
      const { json } = await this.send(
        'GET',
        `/workflowExecutions/${id}/downloadUrls${token && `?nextToken=${token}`}`,
      );
      urls.push(...(json['downloadUrls'] as string[]));
      if (typeof json['nextToken'] !== 'string') return urls;
      token = json['nextToken'];
    }
  }
  /** Runs a query to its end and reads its rows, header first; cells without quotes only. */
  async rows(
    sqlQuery: string,
    more: Record<string, unknown> = {},
    workflow: Record<string, unknown> = {},
  ): Promise<string[][]> {
    const { json, text } = await this.start(sqlQuery, more, workflow);
    if (typeof json['workflowExecutionId'] !== 'string') throw new Error(text);
    const end = await this.ended(json['workflowExecutionId']);
    if (end['status'] !== 'SUCCEEDED') throw new Error(JSON.stringify(end));
    const [url = ''] = await this.urls(json['workflowExecutionId']);
    const csv = await (await fetch(url)).text();
    return csv
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
  }
}

/** A token as an application gets it by the refresh grant. */
export async function freshToken({ regions, clientId, clientSecret, refreshToken }: AmcSimulator): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
  });
  const answer = (await (await fetch(regions.na.token, { method: 'POST', body })).json()) as { access_token: string };
  return answer.access_token;
}
export async function startPlain(
  scenario: ScenarioInput = quickScenario,
  instance = 'amcsim0001',
): Promise<PlainClient> {
  const simulator = await startAmcSimulator(scenario);
  return new PlainClient(simulator, await freshToken(simulator), instance, {
    id: 'ENTITYSIM1',
    marketplace: 'ATVPDKIKX0DER',
  });
}
