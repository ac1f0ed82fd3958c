import { X } from 'lucide-react';
import { useState } from 'react';
import { type IncidentSeverity, incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { allowedMoves, type IncidentState, needsReason } from '#contracts/incidents/states.ts';
import { announce } from '../kit/announce.tsx';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { useOnCall } from '../oncall/oncall.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { boardStates, counted, severityWords, type StateNames } from './incident-words.ts';

type Act = 'move' | 'severity' | 'owner';
const titles: Readonly<Record<Act, string>> = { move: 'Move', severity: 'Set the severity of', owner: 'Hand over' };

interface BulkIncidentsProps {
  selected: readonly ListedIncident[];
  names: StateNames;
  refusal: string | null;
  onClear: () => void;
  onDone: () => void;
}

/** Rises when incidents are selected: what can be done to all of them. */
export function BulkIncidents({ selected, names, refusal, onClear, onDone }: BulkIncidentsProps) {
  const [act, setAct] = useState<Act | null>(null);
  return (
    <>
      <div
        role="toolbar"
        aria-label="Selected incidents"
        data-testid="incidents.bulk"
        className="absolute inset-x-2 bottom-4 z-(--wl-z-sticky) mx-auto flex min-h-[42px] w-fit flex-wrap items-center gap-1 rounded-xl border border-line-strong bg-raised py-1 pr-2 pl-3.5 whitespace-nowrap shadow-2"
      >
        <span className="num mr-1 font-medium">{`${selected.length} selected`}</span>
        <Button look="ghost" refusal={refusal} onClick={() => setAct('move')}>
          Move to…
        </Button>
        <Button look="ghost" refusal={refusal} onClick={() => setAct('severity')}>
          Severity
        </Button>
        <Button look="ghost" refusal={refusal} onClick={() => setAct('owner')}>
          Owner
        </Button>
        <IconButton icon={X} label="Select none" onClick={onClear} />
      </div>
      {act && <BulkDialog act={act} incidents={selected} names={names} onClose={() => setAct(null)} onDone={onDone} />}
    </>
  );
}

interface BulkDialogProps {
  act: Act;
  incidents: readonly ListedIncident[];
  names: StateNames;
  onClose: () => void;
  onDone: () => void;
}

/** Says before it is done which of them will change, and afterwards which could not. */
function BulkDialog({ act, incidents, names, onClose, onDone }: BulkDialogProps) {
  const people = useOnCall().data?.people ?? [];
  const [to, setTo] = useState<IncidentState>('acknowledged');
  const [severity, setSeverity] = useState<IncidentSeverity>('sev3');
  const [ownerId, setOwner] = useState('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [refused, setRefused] = useState<{ id: string; message: string }[] | null>(null);
  const fits = ({ state, severity: now, owner }: ListedIncident): boolean => {
    if (act === 'move') return allowedMoves(state).includes(to);
    return act === 'severity' ? now !== severity : (owner?.id ?? '') !== ownerId;
  };
  const changing = incidents.filter(fits);
  const staying = incidents.filter((incident) => !fits(incident));
  const asks = act === 'move' && changing.some(({ state }) => needsReason(state, to));
  const canSend = changing.length > 0 && (!asks || reason.trim() !== '') && (act !== 'owner' || ownerId !== '');
  const send = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const answer = await api.changeIncidents({
        body: {
          ids: changing.map(({ id }) => id),
          ...(act === 'move' && { move: { to, ...(reason.trim() && { reason: reason.trim() }) } }),
          ...(act === 'severity' && { change: { severity } }),
          ...(act === 'owner' && { change: { ownerId: ownerId === 'nobody' ? null : ownerId } }),
        },
      });
      if (answer.refused.length > 0) {
        setRefused(answer.refused);
        announce(`${answer.refused.length} of ${changing.length} could not be changed`, 'urgent');
      } else {
        toast.done(`${counted(answer.changed, 'incident')} changed`);
        onDone();
      }
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  const keyOf = (id: string) => incidents.find((one) => one.id === id)?.key ?? id;
  if (refused)
    return (
      <Dialog
        isOpen
        onClose={onDone}
        width={440}
        title={`${refused.length} of ${changing.length} could not be changed`}
        foot={<Button onClick={onDone}>Close</Button>}
      >
        <ul className="flex flex-col gap-1.5">
          {refused.map(({ id, message }) => (
            <li key={id}>
              <span className="num font-medium">{keyOf(id)}</span> <span className="text-text-2">{message}</span>
            </li>
          ))}
        </ul>
      </Dialog>
    );
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title={`${titles[act]} ${counted(incidents.length, 'incident')}`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!canSend} onClick={() => void send()}>
            {`Change ${counted(changing.length, 'incident')}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {act === 'move' && (
          <Field label="State">
            {(slot) => (
              <Select
                id={slot.id}
                value={to}
                onValue={(value) => setTo(boardStates.find((state) => state === value) ?? to)}
                options={boardStates.slice(1).map((state) => ({ value: state, label: names[state] }))}
              />
            )}
          </Field>
        )}
        {act === 'severity' && (
          <Field label="Severity">
            {(slot) => (
              <Select
                id={slot.id}
                value={severity}
                onValue={(value) => setSeverity(incidentSeverities.find((one) => one === value) ?? severity)}
                options={incidentSeverities.map((one) => ({ value: one, label: severityWords[one] }))}
              />
            )}
          </Field>
        )}
        {act === 'owner' && (
          <Field label="Owner">
            {(slot) => (
              <Combobox
                id={slot.id}
                value={ownerId}
                onValue={setOwner}
                options={[
                  ...people.map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
                  { value: 'nobody', label: 'Nobody' },
                ]}
              />
            )}
          </Field>
        )}
        {asks && (
          <Field label="Why" required>
            {(slot) => (
              <Textarea
                {...slotProps(slot)}
                rows={2}
                maxLength={2_000}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
        )}
        <div className="text-meta text-text-2" data-testid="bulk.preview">
          <p>
            <b className="font-medium text-text">{`${changing.length} will change`}</b>
            {changing.length > 0 &&
              `: ${changing
                .slice(0, 12)
                .map(({ key }) => key)
                .join(', ')}${changing.length > 12 ? ' …' : ''}`}
          </p>
          {staying.length > 0 && (
            <p>
              {`${staying.length} stay as they are: ${staying
                .slice(0, 12)
                .map(({ key, state }) => (act === 'move' ? `${key} is ${names[state]}` : key))
                .join(', ')}${staying.length > 12 ? ' …' : ''}`}
            </p>
          )}
        </div>
        <FormFailure failure={failure} />
      </div>
    </Dialog>
  );
}
