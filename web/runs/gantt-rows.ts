import type { RunDetail, RunHost, RunStep } from '#contracts/runs/runs.ts';
import { durationText } from '../kit/time.ts';
import type { GanttBar, GanttRow } from '../ui/gantt.tsx';

const sectionWords = { steps: '', undo: 'Undo: ', onFailure: 'On failure: ', finally: 'Finally: ' } as const;
/** Steps that wait for a time or for people: no work is done, so they are drawn empty. */
const waitKinds = new Set(['wait', 'sleep', 'pause', 'delay', 'approve']);

const ms = (at: string | null): number | null => (at === null ? null : Date.parse(at));
const titleOf = (step: RunStep): string => step.name ?? step.id;

/** What one host did in a step. */
const hostBars = (step: RunStep, parts: readonly RunHost[]): GanttBar[] =>
  parts.flatMap((part): GanttBar[] => {
    const from = ms(part.startedAt);
    if (from === null) return [];
    return [{ from, to: ms(part.endedAt), status: part.status, title: `${titleOf(step)} on ${part.host}` }];
  });

function barsOf(step: RunStep, hasChildren: boolean): GanttBar[] {
  const isTimer = waitKinds.has(step.kind) && step.status !== 'failed' && step.status !== 'waiting';
  if (step.attempts.length > 1) {
    return step.attempts.map((attempt) => ({
      from: Date.parse(attempt.startedAt),
      to: ms(attempt.endedAt),
      status: attempt.status,
      title: `Attempt ${attempt.attempt}${attempt.error ? `: ${attempt.error.message}` : ''}`,
    }));
  }
  const from = ms(step.startedAt);
  if (from === null) return [];
  const to = ms(step.endedAt);
  return [
    {
      from,
      to,
      status: step.status,
      isTimer,
      isFrame: hasChildren,
      title: `${titleOf(step)}${to === null ? '' : `, ${durationText(to - from)}`}`,
    },
  ];
}

function noteOf(step: RunStep, hosts: readonly RunHost[], now: number): string {
  if (step.carried) return 'kept from the run before';
  if (step.status === 'pending') return 'not started';
  if (step.status === 'skipped') return step.reason ?? 'skipped';
  const from = ms(step.startedAt);
  if (from === null) return step.reason ?? '';
  const parts = [`${durationText((ms(step.endedAt) ?? now) - from)}${step.endedAt ? '' : ' so far'}`];
  if (step.attempts.length > 1) parts.push(`${step.attempts.length} attempts`);
  if (hosts.length > 0)
    parts.push(`${hosts.filter(({ status }) => status === 'succeeded').length} of ${hosts.length} hosts`);
  if (step.error) parts.push(step.error.code);
  if (step.undo) parts.push(`undo ${step.undo}`);
  return parts.join(' · ');
}

interface DefinedStep {
  id: string;
  name: string | null;
}

/** Steps of the definition that the run has not reached: lists show what is still to come. */
function stepsToCome(run: Pick<RunDetail, 'steps' | 'strand' | 'definition'>): DefinedStep[] {
  const known = new Set(run.steps.map(({ address }) => address));
  const { definition } = run;
  const defined =
    definition !== null &&
    typeof definition === 'object' &&
    !Array.isArray(definition) &&
    Array.isArray(definition['steps'])
      ? definition['steps']
      : [];
  const names = new Map(
    defined.flatMap((step) =>
      step !== null && typeof step === 'object' && !Array.isArray(step) && typeof step['id'] === 'string'
        ? [[step['id'], typeof step['name'] === 'string' ? step['name'] : null] as const]
        : [],
    ),
  );
  return run.strand.flatMap(({ id, status }) =>
    status === 'pending' && !known.has(id) ? [{ id, name: names.get(id) ?? null }] : [],
  );
}

/** The steps of a run as rows over time: those inside others below them, folded where they all ended well. */
export function ganttRows(
  run: Pick<RunDetail, 'steps' | 'hosts' | 'strand' | 'definition'>,
  toggled: ReadonlySet<string>,
  now: number,
  host?: string,
): GanttRow[] {
  const children = Map.groupBy(host === undefined ? run.steps : stepsOn(run, host), ({ parent }) => parent ?? '');
  const hosts = Map.groupBy(run.hosts, ({ address }) => address);
  const rows: GanttRow[] = [];
  let index = 0;
  const walk = (steps: readonly RunStep[], depth: number) => {
    for (const step of [...steps].sort((a, b) => a.position - b.position)) {
      const inside = children.get(step.address) ?? [];
      const opensByItself = !['succeeded', 'pending', 'skipped'].includes(step.status);
      const isOpen = inside.length > 0 && opensByItself !== toggled.has(step.address);
      if (depth === 0) index += 1;
      const own = host === undefined ? [] : (hosts.get(step.address) ?? []).filter((part) => part.host === host);
      rows.push({
        id: step.address,
        index: depth === 0 ? String(index) : undefined,
        name: `${depth === 0 ? sectionWords[step.section] : ''}${titleOf(step)}${iterationOf(step.address)}`,
        depth,
        status: own[0]?.status ?? step.status,
        bars: own.length > 0 ? hostBars(step, own) : barsOf(step, inside.length > 0),
        note: noteOf(step, own.length > 0 ? [] : (hosts.get(step.address) ?? []), now),
        hasChildren: inside.length > 0,
        isOpen,
      });
      if (isOpen) walk(inside, depth + 1);
    }
  };
  walk(children.get('') ?? [], 0);
  for (const { id, name } of host === undefined ? stepsToCome(run) : []) {
    index += 1;
    rows.push({
      id,
      index: String(index),
      name: name ?? id,
      depth: 0,
      status: 'pending',
      bars: [],
      note: 'not started',
    });
  }
  return rows;
}

/** The steps that touch a host, and those around them. */
function stepsOn(run: Pick<RunDetail, 'steps' | 'hosts'>, host: string): RunStep[] {
  const byAddress = new Map(run.steps.map((step) => [step.address, step]));
  const touched = new Set<string>();
  for (const part of run.hosts) {
    if (part.host !== host) continue;
    for (let at: string | null | undefined = part.address; at && !touched.has(at); at = byAddress.get(at)?.parent)
      touched.add(at);
  }
  return run.steps.filter(({ address }) => touched.has(address));
}

/** `each[2].copy` is the third round of its loop. */
const iterationOf = (address: string): string => {
  const round = /\[(\d+)\][^[]*$/.exec(address)?.[1];
  return round === undefined ? '' : ` · ${Number(round) + 1}`;
};
