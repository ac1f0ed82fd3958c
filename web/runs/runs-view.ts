import { z } from 'zod';
import { runSorts } from '#contracts/runs/sorts.ts';
import { runTriggers } from '#contracts/runs/status.ts';
import { queryOf, type Raw } from '../kit/search.ts';
import { list } from '../kit/url-state.ts';

/** The views that every workspace has; a saved one goes by its id. */
export const builtInViews = ['all', 'alive', 'waiting', 'failed', 'mine'] as const;

export const startedSpans = ['1h', '4h', '24h', '7d', '30d'] as const;
export const startedWords: Readonly<Record<(typeof startedSpans)[number] | 'any', string>> = {
  any: 'any time',
  '1h': 'last hour',
  '4h': 'last 4 h',
  '24h': 'last 24 h',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};
export const startedMs: Readonly<Record<string, number>> = {
  '1h': 3_600_000,
  '4h': 14_400_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};

/** The state of the list of runs, as it stands in the address. A word that begins with `!` leaves out. */
export const RunsView = z.object({
  view: z.string().default('all'),
  q: z.string().default(''),
  status: list(z.string()),
  kind: list(z.string()),
  trigger: list(z.enum(runTriggers)),
  /** `me`, or somebody's id. */
  actor: z.string().default(''),
  tag: z.string().default(''),
  error: list(z.string()),
  longer: z.enum(['', '1m', '5m', '30m', '2h']).default(''),
  started: z.enum(['any', ...startedSpans]).default('any'),
  from: z.string().default(''),
  to: z.string().default(''),
  /** When it ended: figures and bars of the first page lead to it. */
  ended: z.enum(['any', ...startedSpans]).default('any'),
  endedFrom: z.string().default(''),
  endedTo: z.string().default(''),
  /** `playbook:<id>`, `schedule:<id>`, `server:<id>`. */
  subject: z.string().default(''),
  sort: z.enum(runSorts).default('-createdAt'),
  /** The run whose peek is open. */
  run: z.string().default(''),
});
export type RunsView = z.infer<typeof RunsView>;

export const noFilters = {
  q: '',
  status: [],
  kind: [],
  trigger: [],
  actor: '',
  tag: '',
  error: [],
  longer: '',
  started: 'any',
  from: '',
  to: '',
  ended: 'any',
  endedFrom: '',
  endedTo: '',
  subject: '',
} as const satisfies Partial<RunsView>;

const longerMs: Readonly<Record<string, number>> = { '1m': 60_000, '5m': 300_000, '30m': 1_800_000, '2h': 7_200_000 };
const viewStatuses: Readonly<Record<string, readonly string[]>> = {
  alive: ['queued', 'running', 'waiting'],
  waiting: ['waiting'],
  failed: ['failed', 'timed_out'],
};

/** The view as the API takes it. The time is rounded to the minute, so that the same view is the same question. */
export function runFilter(view: RunsView, me: string, now: number) {
  const since = (span: RunsView['started']): string | undefined => {
    const ms = startedMs[span];
    return ms ? new Date(Math.floor((now - ms) / 60_000) * 60_000).toISOString() : undefined;
  };
  const statuses = view.status.length > 0 ? view.status : (viewStatuses[view.view] ?? []);
  const actor = view.actor || (view.view === 'mine' ? 'me' : '');
  return {
    q: view.q.trim() || undefined,
    status: statuses.join(',') || undefined,
    kind: view.kind.join(',') || undefined,
    trigger: view.trigger.join(',') || undefined,
    actor: (actor === 'me' ? me : actor) || undefined,
    tag: view.tag || undefined,
    error: view.error.join(',') || undefined,
    longerMs: longerMs[view.longer],
    subject: view.subject || undefined,
    from: view.from || since(view.started),
    to: view.to || undefined,
    endedFrom: view.endedFrom || since(view.ended),
    endedTo: view.endedTo || undefined,
  };
}
export type RunFilterQuery = ReturnType<typeof runFilter>;

/** Which column a list is sorted by, and the other way round: the run's own column goes by its title. */
export const columnOfSort = (sort: RunsView['sort']): string => sort.replace('title', 'run');
/**
 * The order after a column was pressed: the first press gives what one mostly looks for, the next its opposite.
 * Times and durations begin with the newest and longest, titles with A.
 */
export function sortByColumn(column: string, now: RunsView['sort']): RunsView['sort'] {
  const by = column.replace('-', '').replace('run', 'title');
  const [first, second] = by === 'title' ? [by, `-${by}`] : [`-${by}`, by];
  const next = now === first ? second : first;
  return runSorts.find((sort) => sort === next) ?? '-createdAt';
}

/** Is anything narrowed beyond what the chosen view itself shows? */
export const isNarrowed = (view: RunsView): boolean =>
  Object.entries(noFilters).some(([name, off]) => String(view[name as keyof RunsView]) !== String(off));

/** What a saved view keeps of the address: what it narrows and how it sorts, not what is open. A built-in view is spelled out. */
export function viewQuery(raw: Raw): string {
  const spelled: Raw = {
    ...raw,
    status: raw['status'] || (viewStatuses[raw['view'] ?? '']?.join(',') ?? ''),
    actor: raw['actor'] || (raw['view'] === 'mine' ? 'me' : ''),
  };
  return queryOf(spelled, Object.keys(RunsView.shape), ['view', 'run']);
}

/** The address's query of a saved view. */
export const searchOfView = (id: string, query: string): Raw => ({
  ...Object.fromEntries(new URLSearchParams(query)),
  view: id,
});

/** The time that the histogram spans: around what is chosen, so that one can drag to either side. */
export function histogramSpan(
  view: Pick<RunsView, 'started' | 'from' | 'to'>,
  now: number,
): { from: number; to: number } {
  const [shortest, longest] = [6 * 3_600_000, 60 * 86_400_000];
  const begin = view.from
    ? Date.parse(view.from)
    : view.started === 'any'
      ? now - 86_400_000
      : now - (startedMs[view.started] ?? 0);
  const span = Math.min(longest, Math.max(shortest, (now - begin) * (view.started === 'any' && !view.from ? 1 : 1.6)));
  return { from: now - span, to: now };
}
