import {
  ChevronDown,
  Clock,
  ExternalLink,
  GitCompareArrows,
  GitFork,
  ListChecks,
  RotateCw,
  Square,
} from 'lucide-react';
import { lazy, useState } from 'react';
import type { RunDetail, RunStep } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { api } from '../kit/api.ts';
import { fetchLater } from '../kit/fetch-later.ts';
import { useKeys } from '../kit/keys.ts';
import { Later } from '../kit/later.tsx';
import { useOffline } from '../kit/live.tsx';
import { Go, useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button, ButtonGroup } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Crumbs } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { StatusPill } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { toast } from '../ui/toast.tsx';
import { errorLine, kindLook, progressWords, statusWord } from './run-words.ts';

// What is asked for by an act comes when the page stands.
const CancelRunDialog = lazy(async () => ({
  default: (await fetchLater(() => import('./cancel-dialog.tsx'))).CancelRunDialog,
}));
const ForkDialog = lazy(async () => ({ default: (await fetchLater(() => import('./fork-dialog.tsx'))).ForkDialog }));

const shortId = (id: string): string => `${id.slice(0, 13)}…${id.slice(-4)}`;

/** The head of a run: what it is, how far it is, who began it, and what can be done with it. */
export function RunHead({ run, selectedStep }: { run: RunDetail; selectedStep?: RunStep | undefined }) {
  const refusal = useRefusal();
  const offline = useOffline();
  const go = useGo();
  const [isAsking, setAsking] = useState(false);
  const [isForking, setForking] = useState(false);
  const [busy, setBusy] = useState(false);
  const ended = isEnded(run.status);
  const isCanceling = !ended && run.cancelRequestedAt !== null;
  const failedStep = run.steps.find(
    ({ status, section }) => section === 'steps' && (status === 'failed' || status === 'timed_out'),
  );
  const hasFailedHosts = run.hosts.some(({ status }) => ['failed', 'unreachable', 'timed_out'].includes(status));
  const mayRerun =
    offline ?? refusal('runs:rerun') ?? (ended ? null : 'It has not ended yet. Cancel it first, or wait.');
  const rerun = async (body: Parameters<typeof api.rerunRun>[0]['body']) => {
    setBusy(true);
    try {
      const { runId } = await (run.kind === 'query'
        ? api.runQueryAgain({ params: { id: run.id } })
        : api.rerunRun({ params: { id: run.id }, body }));
      go(`/runs/${runId}`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  useKeys([
    { keys: 'r', label: 'Rerun', run: () => void (mayRerun === null && rerun(null)) },
    {
      keys: 'shift+r',
      label: 'Rerun from the failed step',
      run: () => void (mayRerun === null && failedStep && rerun({ fromStep: 'failed' })),
    },
    {
      keys: 'mod+.',
      label: 'Cancel the run',
      inFields: true,
      run: () => !ended && refusal('runs:cancel') === null && setAsking(true),
    },
    ...(run.temporalUrl
      ? [
          {
            keys: 'o',
            label: 'Open in Temporal Web',
            run: () => void window.open(run.temporalUrl ?? '', '_blank', 'noopener'),
          },
        ]
      : []),
  ]);
  const done = run.strand.filter(({ status }) => status === 'succeeded' || status === 'skipped').length;
  const isIn = (...words: string[]) => run.strand.findIndex(({ status }) => words.includes(status));
  const atWork = isIn('running', 'waiting', 'unknown');
  const at = atWork >= 0 ? atWork : isIn('failed', 'timed_out', 'canceled');
  return (
    <header className="flex-none border-b border-line px-5 py-3 max-sm:px-4">
      <Crumbs
        items={[
          <Go key="runs" to="/runs" className="hover:text-text">
            Runs
          </Go>,
          ...(run.parentRunId
            ? [
                <Go key="parent" to={`/runs/${run.parentRunId}`} className="hover:text-text">
                  Parent run
                </Go>,
              ]
            : []),
          <span key="kind">{kindLook(run.kind).word}</span>,
          <Copy key="id" text={run.id} what="run id">
            <span className="font-mono">{shortId(run.id)}</span>
          </Copy>,
        ]}
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 tabIndex={-1} className="min-w-0 truncate text-title font-semibold tracking-[-0.012em]" title={run.title}>
          <bdi>{run.title}</bdi>
        </h1>
        <StatusPill status={run.status} word={isCanceling ? 'Canceling' : statusWord(run)} />
        {run.warnings > 0 && <Tag tone="wait">{`${run.warnings} ${run.warnings === 1 ? 'warning' : 'warnings'}`}</Tag>}
        {run.rerunOf && (
          <Go to={`/runs/${run.rerunOf}`} className="text-meta text-accent hover:underline">
            rerun of an earlier run
          </Go>
        )}
        <div className="ml-auto flex items-center gap-2">
          {!ended && (
            <Button
              look="danger"
              icon={Square}
              keys="mod+."
              refusal={offline ?? refusal('runs:cancel') ?? (isCanceling ? 'It is being canceled.' : null)}
              onClick={() => setAsking(true)}
            >
              Cancel
            </Button>
          )}
          <ButtonGroup label="Rerun">
            <Button icon={RotateCw} busy={busy} refusal={mayRerun} onClick={() => void rerun(null)}>
              Rerun
            </Button>
            <Menu
              label="More ways to rerun"
              trigger={
                <Button aria-label="More ways to rerun" className="w-[26px] px-0!">
                  <Icon of={ChevronDown} size={14} />
                </Button>
              }
            >
              <MenuItem
                refusal={mayRerun ?? (failedStep ? null : 'No step has failed.')}
                keys="shift+r"
                onSelect={() => void rerun({ fromStep: 'failed' })}
              >
                {failedStep ? `From ${failedStep.name ?? failedStep.id}` : 'From the failed step'}
              </MenuItem>
              <MenuItem
                refusal={mayRerun ?? (hasFailedHosts ? null : 'No host has failed.')}
                onSelect={() => void rerun({ hosts: 'failed', fromStep: failedStep ? 'failed' : undefined })}
              >
                Only the hosts that failed
              </MenuItem>
              {selectedStep && (
                <MenuItem
                  refusal={mayRerun}
                  onSelect={() => void rerun({ fromStep: selectedStep.address })}
                >{`From ${selectedStep.name ?? selectedStep.id}`}</MenuItem>
              )}
              <MenuItem
                icon={GitFork}
                refusal={run.kind === 'query' ? 'Its values are changed in the console.' : mayRerun}
                onSelect={() => setForking(true)}
              >
                With other inputs …
              </MenuItem>
              <MenuItem
                icon={GitCompareArrows}
                onSelect={() => go('/runs/compare', { a: run.rerunOf ?? undefined, b: run.id })}
              >
                {run.rerunOf ? 'Compare with the run it repeats' : 'Compare with the run before'}
              </MenuItem>
            </Menu>
          </ButtonGroup>
          {run.temporalUrl && (
            <Button asChild className="max-md:hidden">
              <a href={run.temporalUrl} target="_blank" rel="noopener">
                Temporal Web <Icon of={ExternalLink} size={14} className="-mr-1 text-text-3" />
              </a>
            </Button>
          )}
        </div>
      </div>
      <div className="mt-2.5 flex flex-wrap items-center gap-x-4 gap-y-1.5 text-meta">
        {run.strand.length > 0 && (
          <div className="w-[300px] max-sm:w-full">
            <Strand size="lg" segments={run.strand} />
          </div>
        )}
        <span className="num">
          {run.strand.length > 0 && (
            <b className="font-medium">
              {at >= 0 ? `Step ${at + 1} of ${run.strand.length}` : `${done} of ${run.strand.length} steps done`}
            </b>
          )}
          {/* Steps are told already; hosts and rows say something more. */}
          {run.progress && run.progress.unit !== 'steps' && (
            <span className="text-text-2">{`${run.strand.length > 0 ? ' · ' : ''}${progressWords(run)}`}</span>
          )}
        </span>
        <span className="ml-auto flex flex-wrap items-center gap-x-4 gap-y-1 text-text-2 max-sm:ml-0">
          {run.subject?.kind === 'playbook' && (
            <Go
              to={`/playbooks/${run.subject.id}`}
              search={run.subject.version ? { version: String(run.subject.version) } : {}}
              className="flex items-center gap-1.5 hover:text-text"
            >
              <Icon of={ListChecks} size={14} className="text-text-3" />{' '}
              {`Playbook${run.subject.version ? ` v${run.subject.version}` : ''}`}
            </Go>
          )}
          <Person name={run.actor.name} kind={run.trigger} />
          <span className="num flex items-center gap-1.5">
            <Icon of={Clock} size={14} className="text-text-3" />
            {run.startedAt ? (
              <span>
                <RelativeTime at={run.startedAt} as="clock" />, <Duration from={run.startedAt} to={run.endedAt} />
                {ended ? '' : ' so far'}
              </span>
            ) : (
              'not started'
            )}
          </span>
        </span>
      </div>
      {run.error && (
        <p role="alert" className="mt-2 flex flex-wrap items-baseline gap-x-2 text-meta text-fail-fg">
          <span>{errorLine(run.error)}</span>
          <span className="font-mono text-[11.5px]">
            <Copy text={run.error.code} what="error code">
              {run.error.code}
            </Copy>
          </span>
        </p>
      )}
      <Later isWanted={isForking}>
        {isForking && <ForkDialog run={run} fromStep={selectedStep?.address} onClose={() => setForking(false)} />}
      </Later>
      <Later isWanted={isAsking}>
        <CancelRunDialog run={run} isOpen={isAsking} onClose={() => setAsking(false)} />
      </Later>
    </header>
  );
}
