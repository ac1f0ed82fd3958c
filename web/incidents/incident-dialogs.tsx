import type { IncidentState } from '#contracts/incidents/states.ts';
import { useGo } from '../kit/navigation.tsx';
import { useOnCall } from '../oncall/oncall.ts';
import { PublishDialog } from '../status-page/publish-dialog.tsx';
import { useStatusPage } from '../status-page/status-page.ts';
import { toast } from '../ui/toast.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { HandOverDialog } from './hand-over-dialog.tsx';
import type { StateNames } from './incident-words.ts';
import type { OpenedIncident } from './incidents.ts';
import { MergeDialog } from './merge-dialog.tsx';
import { MoveDialog } from './move-dialog.tsx';
import { RunPlaybookDialog } from './run-playbook-dialog.tsx';
import { SplitDialog } from './split-dialog.tsx';
import type { useIncidentActs } from './use-incident-acts.ts';
import type { Mover } from './use-moves.ts';

/** What is asked in front of the page. */
export type Asked = 'move' | 'merge' | 'split' | 'edit' | 'playbook' | 'handover' | 'publish' | null;

interface IncidentDialogsProps {
  asked: Asked;
  incident: OpenedIncident;
  names: StateNames;
  /** Of `move`: the state that is chosen to begin with. */
  to: IncidentState | undefined;
  move: Mover;
  acts: ReturnType<typeof useIncidentActs>;
  onClose: () => void;
}

/** The dialog that is open, if any. */
export function IncidentDialogs({ asked, incident, names, to, move, acts, onClose }: IncidentDialogsProps) {
  const go = useGo();
  const { data: statusPage } = useStatusPage();
  if (asked === 'move')
    return (
      <MoveDialog
        key={`${incident.state} ${to}`}
        incident={incident}
        names={names}
        to={to}
        move={move}
        onClose={onClose}
      />
    );
  if (asked === 'edit') return <EditDialog incident={incident} change={acts.change} onClose={onClose} />;
  if (asked === 'handover') return <HandOver incident={incident} change={acts.change} onClose={onClose} />;
  if (asked === 'playbook')
    return (
      <RunPlaybookDialog incidentKey={incident.key} onClose={onClose} onStarted={(runId) => void acts.linkRun(runId)} />
    );
  if (asked === 'publish' && statusPage)
    return <PublishDialog services={statusPage.services} incident={incident} onClose={onClose} />;
  if (asked === 'merge')
    return (
      <MergeDialog
        incident={incident}
        onClose={onClose}
        onMerged={(merged) => {
          acts.takeIn(merged);
          onClose();
          go(`/incidents/${merged.mergedInto?.key ?? merged.key}`);
        }}
      />
    );
  if (asked === 'split')
    return (
      <SplitDialog
        incident={incident}
        onClose={onClose}
        onSplit={(made) => {
          acts.takeIn(made);
          acts.refresh();
          onClose();
          toast.done(`${made.key} is split off ${incident.key}`);
          go(`/incidents/${made.key}`);
        }}
      />
    );
  return null;
}

function HandOver(props: Omit<Parameters<typeof HandOverDialog>[0], 'people'>) {
  return <HandOverDialog {...props} people={useOnCall().data?.people ?? []} />;
}
