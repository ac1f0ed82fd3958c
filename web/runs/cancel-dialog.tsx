import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { Checkbox } from '../ui/choice.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { useRun } from './runs.ts';

interface CancelDialogProps {
  run: { id: string; title: string };
  isOpen: boolean;
  onClose: () => void;
}

/** Asks once before a run is stopped: names the hosts whose command is ended, what stays, and what may be undone. */
export function CancelRunDialog({ run, isOpen, onClose }: CancelDialogProps) {
  return isOpen ? <Asking run={run} onClose={onClose} /> : null;
}

function Asking({ run, onClose }: Omit<CancelDialogProps, 'isOpen'>) {
  const [undo, setUndo] = useState(false);
  const detail = useRun(run.id);
  const steps = detail.data?.undoPlan.length ?? 0;
  const cancel = useMutation({
    mutationFn: () => api.cancelRun({ params: { id: run.id }, body: { undo: steps > 0 ? undo : undefined } }),
    onSuccess: () => {
      toast.done('The run is being canceled');
      onClose();
    },
    onError: toast.failure,
  });
  return (
    <AlertDialog
      isOpen
      onClose={onClose}
      title={`Cancel ${run.title}?`}
      act="Cancel run"
      keep="Let it go on"
      busy={cancel.isPending}
      onAct={() => cancel.mutate()}
    >
      {detail.data ? <p>{whatStops(detail.data)}</p> : <SkeletonLines lines={2} />}
      {steps > 0 && (
        <div className="mt-3 text-text">
          <Checkbox
            checked={undo}
            onChecked={setUndo}
            label={`Undo ${steps} ${steps === 1 ? 'step' : 'steps'} afterwards`}
          />
        </div>
      )}
    </AlertDialog>
  );
}

const someNames = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');

/** What a cancel ends and what it leaves, in words. */
export function whatStops(run: Pick<RunDetail, 'hosts' | 'steps' | 'children'>): string {
  const atWork = [...new Set(run.hosts.filter(({ status }) => status === 'running').map(({ host }) => host))];
  const done = run.steps.filter(({ status, section }) => section === 'steps' && status === 'succeeded').length;
  const children = run.children.filter(({ endedAt }) => endedAt === null).map(({ title }) => title);
  return [
    atWork.length > 0
      ? `The command at work on ${someNames(atWork)} is ended.`
      : 'No command is at work on a host now.',
    children.length > 0 ? `${someNames(children)} ${children.length === 1 ? 'is' : 'are'} canceled with it.` : '',
    done > 0 ? `What ${done} ${done === 1 ? 'step has' : 'steps have'} done stays done.` : '',
    'Output and log are kept.',
  ]
    .filter(Boolean)
    .join(' ');
}
