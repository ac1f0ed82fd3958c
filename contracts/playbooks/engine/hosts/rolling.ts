import type { HostStep } from '../../document.ts';
import { limits } from '../../limits.ts';
import type { CancelToken } from '../cancel.ts';
import type { HostResult } from '../changes.ts';
import { type Done, flowScope, type Prepared, record, scopeOf, type StepRun } from '../core.ts';
import type { ChosenHosts, ServerFacts } from '../effects.ts';
import { overLimit, StepFailure } from '../failures.ts';
import type { Fiber } from '../fibers.ts';
import { failed } from '../outcomes.ts';
import { guarded, sleep } from '../outside.ts';
import { countOf, Fields } from '../render.ts';
import { carriedHosts } from '../carried.ts';
import { BatchRunner, type HostRules } from './batch-runner.ts';
import { cutBatches } from './batches.ts';
import { capOutputs, hostsOutput, resultOf } from './results.ts';
import { type RenderedWork, renderSelection, renderWork, shownText } from './work.ts';

/** Chooses the hosts, renders what each is to do, and rolls over them batch by batch. */
export function* prepareHosts(run: StepRun<HostStep>): Fiber<Prepared> {
  const { step, node, core, state } = run;
  const fields = new Fields(scopeOf(run), node.pointer);
  const chosen = yield* selectHosts(run);
  if (chosen.unknown.length > 0) {
    const names = chosen.unknown.join(', ');
    throw new StepFailure(
      { code: 'hosts.unknown_name', message: `No server is called ${names}.`, details: { names: chosen.unknown } },
      `${node.pointer}/hosts`,
    );
  }
  if (chosen.hosts.length === 0 && !fields.boolean('allowEmpty', step.allowEmpty, false)) {
    const message = 'No server fits the selection.';
    throw new StepFailure(
      { code: 'hosts.none_matched', message, details: { inMaintenance: chosen.leftOut } },
      `${node.pointer}/hosts`,
    );
  }
  const most = limits.hostsPerStep;
  if (chosen.hosts.length > most) throw overLimit('hostsPerStep', most, chosen.hosts.length, `${node.pointer}/hosts`);
  const kept = carriedHosts(core, state.address);
  const hosts = chosen.hosts.filter(({ name }) => kept[name] === undefined);
  const parallel = fields.integer('parallel', step.parallel, 20, 1);
  if (parallel > limits.hostsParallel)
    throw overLimit('hostsParallel', limits.hostsParallel, parallel, `${node.pointer}/parallel`);
  const canary = step.canary === undefined ? null : fields.share('canary', step.canary, 1, 1);
  const batches = cutBatches(hosts, canary, fields.shares('batch', step.batch, 1));
  const work = renderWork(step, node.pointer, hosts, (host) => flowScope(run.flow, run.nowMs, viewOfHost(host)));
  const rules: HostRules = {
    parallel,
    mostFailures: countOf(fields.share('maxFailures', step.maxFailures, 0), hosts.length, 'down'),
    batchPauseMs: fields.durationMs('batchPause', step.batchPause) ?? 0,
    okExitCodes: fields.numbers('okExitCodes', 'okExitCodes' in step ? step.okExitCodes : undefined, [0]),
    safeToRepeat: fields.boolean('safeToRepeat', step.safeToRepeat, step.kind === 'upload'),
    timeoutMs: fields.durationMs('timeout', step.timeout) ?? defaultHostTimeoutMs,
  };
  tellRendered(run, work);
  const shown = batches.map((batch) => batch.hosts.map(({ id, name }) => ({ id, name })));
  record(core, { type: 'hosts.chosen', address: state.address, batches: shown, leftOut: chosen.leftOut });
  const names = [...new Set([...Object.keys(kept), ...chosen.hosts.map(({ name }) => name)])];
  const order = new Map(chosen.hosts.map(({ name }, index) => [name, index]));
  names.sort((a, b) => (order.get(a) ?? -1) - (order.get(b) ?? -1));
  const runner = new BatchRunner(run, work, rules);
  return {
    retriesItself: true,
    attempt: (attempt, cancel) => roll(run, { batches, names, kept, rules, runner }, attempt, cancel),
  };
}

const defaultHostTimeoutMs = 600_000;

const viewOfHost = ({ name, host, port, tags }: ServerFacts) => ({ name, host, port, tags });

/** Asks for the inventory as it is now. */
export function* selectHosts(run: StepRun<HostStep>): Fiber<ChosenHosts> {
  const selection = renderSelection(run.step, run.node.pointer, scopeOf(run));
  return yield* guarded<ChosenHosts>(
    () => run.core.effects.selectServers(selection, run.flow.cancel),
    (facts) => {
      throw new StepFailure(facts);
    },
  );
}

function tellRendered({ core, state, step }: StepRun<HostStep>, { work, of }: RenderedWork): void {
  const [only] = work;
  if (!only || step.kind === 'script') return;
  const { address } = state;
  if (work.length === 1) {
    record(core, { type: 'step.rendered', address, text: shownText(only) });
    return;
  }
  const hosts = Object.fromEntries([...of].map(([name, index]) => [name, shownText(work[index] ?? only)]));
  record(core, { type: 'step.rendered', address, hosts });
}

interface Roll {
  readonly batches: ReturnType<typeof cutBatches<ServerFacts>>;
  /** All hosts of the step, in order, also those whose results were carried. */
  readonly names: readonly string[];
  readonly kept: Readonly<Record<string, HostResult>>;
  readonly rules: HostRules;
  readonly runner: BatchRunner;
}

function* roll(
  run: StepRun<HostStep>,
  { batches, names, kept, rules, runner }: Roll,
  attempt: number,
  cancel: CancelToken,
): Fiber<Done> {
  const { core, state } = run;
  const results: Record<string, HostResult> = { ...kept };
  let stop: 'canary' | 'too_many' | null = null;
  for (const [index, batch] of batches.entries()) {
    if (index > 0 && rules.batchPauseMs > 0 && !cancel.isCanceled) {
      const until = core.effects.now() + rules.batchPauseMs;
      record(core, { type: 'step.waiting', address: state.address, what: 'batch', until });
      if (!(yield* sleep(run, rules.batchPauseMs, cancel)))
        record(core, { type: 'step.resumed', address: state.address });
    }
    if (cancel.isCanceled) break;
    const failuresBefore = countFailed(results);
    const most = batch.isCanary ? 0 : rules.mostFailures - failuresBefore;
    Object.assign(results, yield* runner.run(batch.hosts, index, most, attempt, cancel));
    if (cancel.isCanceled) break;
    if (batch.isCanary && countFailed(results) > failuresBefore) stop = 'canary';
    else if (countFailed(results) > rules.mostFailures) stop = 'too_many';
    if (stop !== null) break;
  }
  const rest = names.filter((name) => results[name] === undefined);
  const status = cancel.isCanceled ? 'canceled' : 'skipped';
  const passedOver = Object.fromEntries(rest.map((name) => [name, resultOf({ kind: 'notStarted' }, status, null)]));
  if (rest.length > 0) record(core, { type: 'hosts.ended', address: state.address, hosts: passedOver });
  Object.assign(results, passedOver);
  const sorted = Object.fromEntries(names.flatMap((name) => (results[name] ? [[name, results[name]]] : [])));
  state.hosts = capOutputs(sorted);
  return endOfHosts(run, names, stop, rules.mostFailures, cancel);
}

const isFailed = ({ status }: HostResult): boolean => !['succeeded', 'skipped', 'canceled'].includes(status);
const countFailed = (results: Readonly<Record<string, HostResult>>): number =>
  Object.values(results).filter(isFailed).length;

function endOfHosts(
  run: StepRun<HostStep>,
  names: readonly string[],
  stop: 'canary' | 'too_many' | null,
  most: number,
  cancel: CancelToken,
): Done {
  const { hosts } = run.state;
  const output = hostsOutput(names, hosts);
  const failures = Object.entries(hosts).filter(([, host]) => isFailed(host));
  if (stop === null) {
    const isCut = Object.values(hosts).some(({ status }) => status === 'canceled' || status === 'unknown');
    if (cancel.isCanceled && (isCut || failures.length > most)) return { kind: 'canceled', output };
    return { kind: 'succeeded', output, isPartial: failures.length > 0 };
  }
  const [first] = failures;
  if (names.length === 1 && first) {
    const [, { error, status }] = first;
    if (error) return { kind: 'failed', status: status === 'timed_out' ? 'timed_out' : 'failed', error, output };
  }
  const details = {
    failed: failures.map(([name]) => name),
    most,
    codes: [...new Set(failures.map(([, { error }]) => error?.code ?? ''))],
  };
  if (stop === 'canary') {
    return failed(
      run,
      {
        code: 'hosts.canary_failed',
        message: `The canary ${details.failed.join(', ')} failed; nothing else was started.`,
        details,
      },
      { output },
    );
  }
  const message = `${failures.length} of ${names.length} hosts failed, ${most} may: ${details.failed.slice(0, 10).join(', ')}.`;
  return failed(run, { code: 'hosts.too_many_failed', message, details }, { output });
}
