import { parseDuration } from '../../duration.ts';
import type { ConnectorStep, HttpStep, Json, NotifyStep } from '../../document.ts';
import { type Prepared, record, scopeOf, type StepRun } from '../core.ts';
import { StepFailure } from '../failures.ts';
import { callOutside } from '../outside.ts';
import { Fields } from '../render.ts';

/** Time limits by kind where the step names none (§6). */
export const defaultTimeoutMs = {
  hosts: parseDuration('10m') ?? 0,
  http: parseDuration('30s') ?? 0,
  connector: parseDuration('2m') ?? 0,
  notify: parseDuration('30s') ?? 0,
} as const;

/** Methods that HTTP itself says may be repeated. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

export function prepareHttp(run: StepRun<HttpStep>): Prepared {
  const { step, core, state } = run;
  const fields = new Fields(scopeOf(run), run.node.pointer);
  const method = step.method.toUpperCase();
  const url = fields.text('url', step.url);
  record(core, { type: 'step.rendered', address: state.address, text: url });
  const status = step.expect?.status === undefined ? ['2xx'] : fields.value('expect/status', step.expect.status);
  const request = {
    method,
    url,
    headers: fields.map('headers', step.headers, true),
    query: fields.map('query', step.query),
    body: step.body === undefined ? null : fields.value('body', step.body, true),
    auth: step.auth === undefined ? null : fields.map('auth', step.auth, true),
    expect: { status: statusesOf(status, run.node.pointer), json: step.expect?.json ?? null },
    followRedirects: fields.boolean('followRedirects', step.followRedirects, false),
  };
  const safeToRepeat = fields.boolean('safeToRepeat', step.safeToRepeat, repeatable.has(method));
  const timeoutMs = fields.durationMs('timeout', step.timeout) ?? defaultTimeoutMs.http;
  return {
    attempt: (_attempt, cancel) =>
      callOutside(run, { safeToRepeat, timeoutMs, cancel }, (call) =>
        core.effects.http({ ...call, ...request }, cancel),
      ),
  };
}

function statusesOf(value: Json, pointer: string): readonly (string | number)[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
  const isStatus = (one: Json): one is string | number =>
    (typeof one === 'number' && Number.isInteger(one)) ||
    (typeof one === 'string' && /^([1-5]xx|[1-5]\d\d)$/.test(one));
  if (!list.every(isStatus)) {
    throw new StepFailure(
      { code: 'value.wrong_type', message: 'Must be statuses such as 200 or "2xx".' },
      `${pointer}/expect/status`,
    );
  }
  return list;
}

export function prepareConnector(run: StepRun<ConnectorStep>): Prepared {
  const { step, core } = run;
  const fields = new Fields(scopeOf(run), run.node.pointer);
  const request = {
    connector: step.connector,
    operation: step.operation,
    connection: fields.optionalText('connection', step.connection),
    params: fields.map('params', step.params, true),
  };
  const safeToRepeat = fields.boolean('safeToRepeat', step.safeToRepeat, false);
  const timeoutMs = fields.durationMs('timeout', step.timeout) ?? defaultTimeoutMs.connector;
  return {
    attempt: (_attempt, cancel) =>
      callOutside(run, { safeToRepeat, timeoutMs, cancel }, (call) =>
        core.effects.connector({ ...call, ...request }, cancel),
      ),
  };
}

export function prepareNotify(run: StepRun<NotifyStep>): Prepared {
  const { step, core, state } = run;
  const fields = new Fields(scopeOf(run), run.node.pointer);
  const message = fields.text('message', step.message);
  record(core, { type: 'step.rendered', address: state.address, text: message });
  const request = {
    to: fields.list('to', step.to as Json),
    message,
    subject: fields.optionalText('subject', step.subject),
  };
  const safeToRepeat = fields.boolean('safeToRepeat', step.safeToRepeat, true);
  const timeoutMs = fields.durationMs('timeout', step.timeout) ?? defaultTimeoutMs.notify;
  return {
    attempt: (_attempt, cancel) =>
      callOutside(run, { safeToRepeat, timeoutMs, cancel }, (call) =>
        core.effects.notify({ ...call, ...request }, cancel),
      ),
  };
}
