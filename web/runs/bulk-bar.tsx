import { Download, GitCompareArrows, RotateCw, Square, Tag, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { BulkResult } from '#contracts/runs/bulk.ts';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { announce } from '../kit/announce.tsx';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { toast } from '../ui/toast.tsx';
import { actOnMany, type BulkOutcome } from './bulk.ts';
import { BulkOutcomeDialog } from './bulk-outcome-dialog.tsx';
import { saveRuns } from './export-runs.ts';
import { tagRuns, type TagChange } from './tag-runs.ts';
import { TagsDialog } from './tags-dialog.tsx';

type Act = 'cancel' | 'rerun' | 'rerunFailed';
type Doing = Act | 'tag';
const words: Readonly<Record<Doing, { doing: string; done: (count: number) => string }>> = {
  cancel: { doing: 'Canceling', done: (count) => `${count} ${count === 1 ? 'run is' : 'runs are'} being canceled` },
  rerun: { doing: 'Starting again', done: (count) => `${count} ${count === 1 ? 'run' : 'runs'} started again` },
  rerunFailed: {
    doing: 'Starting again',
    done: (count) => `${count} ${count === 1 ? 'run' : 'runs'} started again from the failed step`,
  },
  tag: { doing: 'Tagging', done: (count) => `Tags of ${count} ${count === 1 ? 'run' : 'runs'} changed` },
};
const send: Readonly<Record<Act, (ids: string[]) => Promise<{ results: BulkResult[] }>>> = {
  cancel: (ids) => api.cancelRuns({ body: { ids } }),
  rerun: (ids) => api.rerunRuns({ body: { ids } }),
  rerunFailed: (ids) => api.rerunRuns({ body: { ids, fromStep: 'failed' } }),
};

interface BulkBarProps {
  /** The ids that are selected, some perhaps not loaded. */
  selected: ReadonlySet<string>;
  /** Those of them that are loaded. */
  runs: readonly RunSummary[];
  /** How many the filter shows in all; null while it is not counted. */
  total: { total: number; isCapped: boolean } | null;
  onSelectAll: () => Promise<void>;
  onClear: () => void;
}

/** Rises when runs are selected: what can be done to all of them, how far it is, and which could not be. */
export function BulkBar({ selected, runs, total, onSelectAll, onClear }: BulkBarProps) {
  const refusal = useRefusal();
  const offline = useOffline();
  const go = useGo();
  const [isAsking, setAsking] = useState(false);
  const [isFinding, setFinding] = useState(false);
  const [work, setWork] = useState<{ act: Doing; done: number; of: number } | null>(null);
  const [outcome, setOutcome] = useState<{ act: Doing; outcome: BulkOutcome } | null>(null);
  const [isTagging, setTagging] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const known = new Map(runs.map((run) => [run.id, run]));
  // Of runs that are not loaded nobody knows here whether they have ended; the server says so, run by run.
  const fit = (act: Act): string[] =>
    [...selected].filter((id) => {
      const run = known.get(id);
      return !run || isEnded(run.status) !== (act === 'cancel');
    });
  const [canCancel, canRerun] = [fit('cancel'), fit('rerun')];
  const start = async (act: Act) => {
    const ids = fit(act);
    stop.current = new AbortController();
    setWork({ act, done: 0, of: ids.length });
    const result = await actOnMany(
      ids,
      send[act],
      (done) => setWork({ act, done, of: ids.length }),
      stop.current.signal,
    );
    setWork(null);
    setAsking(false);
    if (result.failed.length > 0 || result.left.length > 0) {
      setOutcome({ act, outcome: result });
      announce(`${result.failed.length} of ${ids.length} could not be done`, 'urgent');
    } else {
      toast.done(words[act].done(result.done.length));
      onClear();
    }
  };
  const changeTags = async (change: TagChange) => {
    const ids = [...selected];
    setWork({ act: 'tag', done: 0, of: ids.length });
    const result = await tagRuns(ids, change, (done) => setWork({ act: 'tag', done, of: ids.length }));
    setWork(null);
    setTagging(false);
    if (result.failed.length > 0) setOutcome({ act: 'tag', outcome: result });
  };
  const save = () => {
    setSaving(true);
    saveRuns([...selected])
      .catch(toast.failure)
      .finally(() => setSaving(false));
  };
  const mayRerun = offline ?? refusal('runs:rerun') ?? (canRerun.length === 0 ? 'None of them has ended.' : null);
  const [first, second] = runs;
  const hasMore = total !== null && (total.total > selected.size || total.isCapped);
  return (
    <>
      <div
        role="toolbar"
        aria-label="Selected runs"
        data-testid="runs.bulk"
        className="absolute inset-x-2 bottom-4 z-(--wl-z-sticky) mx-auto flex min-h-[42px] w-fit flex-wrap items-center gap-1 rounded-xl border border-line-strong bg-raised py-1 pr-2 pl-3.5 whitespace-nowrap shadow-2"
      >
        {work && work.act !== 'tag' ? (
          <>
            <span className="num mr-2 font-medium">{`${words[work.act].doing}: ${work.done} of ${work.of}`}</span>
            <Button look="ghost" onClick={() => stop.current?.abort()}>
              Stop after these
            </Button>
          </>
        ) : (
          <>
            <span className="num mr-1 font-medium">{`${selected.size.toLocaleString('en-GB')} selected`}</span>
            {hasMore && (
              <Button
                look="ghost"
                className="text-accent!"
                busy={isFinding}
                onClick={() => {
                  setFinding(true);
                  void onSelectAll().finally(() => setFinding(false));
                }}
              >
                {`Select all ${total.total.toLocaleString('en-GB')}${total.isCapped ? '+' : ''}`}
              </Button>
            )}
            <Button look="ghost" icon={RotateCw} refusal={mayRerun} onClick={() => void start('rerun')}>
              Rerun
            </Button>
            <Button look="ghost" refusal={mayRerun} className="max-sm:hidden" onClick={() => void start('rerunFailed')}>
              From the failed step
            </Button>
            {selected.size === 2 && first && second && (
              <Button
                look="ghost"
                icon={GitCompareArrows}
                onClick={() => go('/runs/compare', { a: second.id, b: first.id })}
              >
                Compare
              </Button>
            )}
            <Button
              look="ghost"
              icon={Tag}
              refusal={offline ?? refusal('runs:manage')}
              onClick={() => setTagging(true)}
            >
              Tags
            </Button>
            <Button look="ghost" icon={Download} busy={isSaving} refusal={offline} onClick={save}>
              Export
            </Button>
            <Button
              look="ghost"
              icon={Square}
              refusal={offline ?? refusal('runs:cancel') ?? (canCancel.length === 0 ? 'All of them have ended.' : null)}
              onClick={() => setAsking(true)}
            >
              Cancel
            </Button>
            <IconButton icon={X} label="Select none" onClick={onClear} />
          </>
        )}
      </div>
      <AlertDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Cancel ${canCancel.length.toLocaleString('en-GB')} ${canCancel.length === 1 ? 'run' : 'runs'}?`}
        act={canCancel.length === 1 ? 'Cancel run' : 'Cancel runs'}
        keep="Let them go on"
        busy={work !== null}
        onAct={() => void start('cancel')}
      >
        Commands that are at work on servers are ended. What steps have done stays done; output and log are kept.
      </AlertDialog>
      {isTagging && (
        <TagsDialog
          count={selected.size}
          tags={runs.map(({ tags }) => tags)}
          busy={work !== null}
          onChange={(change) => void changeTags(change)}
          onClose={() => setTagging(false)}
        />
      )}
      {outcome && (
        <BulkOutcomeDialog
          outcome={outcome.outcome}
          done={words[outcome.act].done(outcome.outcome.done.length)}
          titles={new Map(runs.map(({ id, title }) => [id, title]))}
          onClose={() => {
            setOutcome(null);
            onClear();
          }}
        />
      )}
    </>
  );
}
