import type { RunError, RunSummary } from '#contracts/runs/runs.ts';
import {
  CalendarClock,
  Download,
  KeyRound,
  ListChecks,
  Plug,
  RotateCw,
  Sparkle,
  Terminal,
  Webhook,
  Zap,
  type LucideIcon,
} from 'lucide-react';
import { statusLooks } from '../ui/status.ts';

const kindLooks: Readonly<Record<string, { word: string; icon: LucideIcon }>> = {
  playbook: { word: 'Playbook', icon: ListChecks },
  playbook_step: { word: 'Step test', icon: ListChecks },
  query: { word: 'Query', icon: Terminal },
  agent: { word: 'Agent', icon: Sparkle },
  export: { word: 'Export', icon: Download },
  token: { word: 'Token', icon: Plug },
};

/** How a kind of run is called and drawn; one we do not know keeps its own name. */
export const kindLook = (kind: string): { word: string; icon: LucideIcon } =>
  kindLooks[kind] ?? {
    word: kind.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/^\w/, (letter) => letter.toUpperCase()),
    icon: RotateCw,
  };

export const triggerWords: Readonly<Record<string, { word: string; icon: LucideIcon }>> = {
  user: { word: 'A person', icon: ListChecks },
  api: { word: 'API', icon: KeyRound },
  schedule: { word: 'Schedule', icon: CalendarClock },
  webhook: { word: 'Webhook', icon: Webhook },
  rule: { word: 'Rule', icon: Zap },
  run: { word: 'Another run', icon: RotateCw },
};

const waitWords: Readonly<Record<string, string>> = {
  approval: 'Waiting for approval',
  timer: 'Waiting for a time',
  lock: 'Waiting for a lock',
  slot: 'Waiting for a slot',
  drain: 'Queue is drained',
  concurrency: 'Waiting for another run',
  unknown: 'Waiting for your word',
};

/** The status in words, and for what it waits. */
export const statusWord = (run: Pick<RunSummary, 'status' | 'waitingFor'>): string =>
  (run.waitingFor && (run.status === 'waiting' || run.status === 'queued') ? waitWords[run.waitingFor] : undefined) ??
  statusLooks[run.status].word;

/** A failure in one line. */
export const errorLine = (error: RunError): string =>
  [error.step, error.host, error.message].filter(Boolean).join(' · ');

/** The second line of a run: its version, what it waits for, or why it failed. */
export function secondLine(run: RunSummary): string {
  const parts = [run.subject?.version ? `v${run.subject.version}` : '', run.parentRunId ? 'part of another run' : ''];
  if (run.error) parts.push(errorLine(run.error));
  else if (run.status === 'waiting' || run.waitingFor === 'drain') parts.push(statusWord(run).toLowerCase());
  else if (run.progress?.message) parts.push(run.progress.message);
  return parts.filter(Boolean).join(' · ');
}

const ordinal = (place: number): string => {
  const rule = new Intl.PluralRules('en', { type: 'ordinal' }).select(place);
  return `${place}${rule === 'one' ? 'st' : rule === 'two' ? 'nd' : rule === 'few' ? 'rd' : 'th'}`;
};

/** How far it is: `3 / 4 hosts`, `3rd in line`. */
export function progressWords(run: Pick<RunSummary, 'status' | 'queuePlace' | 'progress' | 'strand'>): string {
  if (run.status === 'queued' && run.queuePlace !== null) return `${ordinal(run.queuePlace)} in line`;
  if (run.progress) {
    const { done, total, unit } = run.progress;
    const figure = (count: number): string => count.toLocaleString('en-GB');
    // A result is read to its end: of how many says nothing more.
    return total === null || (unit === 'rows' && total === done)
      ? `${figure(done)} ${unit}`
      : `${figure(done)} / ${figure(total)} ${unit}`;
  }
  const done = run.strand.filter(({ status }) => status === 'succeeded' || status === 'skipped').length;
  return run.strand.length > 0 ? `${done} / ${run.strand.length} steps` : '';
}
