import { useState } from 'react';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { allowedMoves, type IncidentState, needsReason } from '#contracts/incidents/states.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Radio } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Textarea } from '../ui/input.tsx';
import { moveHint, type StateNames } from './incident-words.ts';
import { StateWord } from './state-glyph.tsx';
import type { Mover } from './use-moves.ts';

interface MoveDialogProps {
  incident: ListedIncident;
  names: StateNames;
  /** The state that is chosen to begin with. */
  to?: IncidentState | undefined;
  move: Mover;
  onClose: () => void;
}

/** Sets the state of an incident: every move that may be made, and the reason where one is asked for. */
export function MoveDialog({ incident, names, to, move, onClose }: MoveDialogProps) {
  const allowed = allowedMoves(incident.state);
  const [chosen, setChosen] = useState<IncidentState | undefined>(to && allowed.includes(to) ? to : allowed[0]);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [isShort, setShort] = useState(false);
  const offline = useOffline();
  const refusalOf = useRefusal();
  const refusal = offline ?? refusalOf('incidents:act');
  const asks = chosen !== undefined && needsReason(incident.state, chosen);
  const act = async () => {
    if (!chosen || busy) return;
    if (asks && !reason.trim()) {
      setShort(true);
      return;
    }
    setBusy(true);
    const isMoved = await move(incident, chosen, reason.trim() || undefined);
    setBusy(false);
    // Refused: what stands now has come, and other moves may be open.
    if (isMoved) onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title={`Move ${incident.key}`}
      description={`It is ${names[incident.state]} now.`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} refusal={refusal} disabled={!chosen} onClick={() => void act()}>
            {chosen ? `Move to ${names[chosen]}` : 'Move'}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          void act();
        }}
      >
        {allowed.length === 0 ? (
          <p className="text-text-2">{`Nothing leads on from ${names[incident.state]}.`}</p>
        ) : (
          <Radio
            label="The state it moves to"
            value={chosen}
            onValue={setChosen}
            options={allowed.map((state) => ({
              value: state,
              label: <StateWord state={state} name={names[state]} />,
              hint: moveHint(incident.state, state),
            }))}
          />
        )}
        {asks && (
          <Field label="Why" required error={isShort && !reason.trim() ? 'Say why in a few words.' : undefined}>
            {(slot) => (
              <Textarea
                {...slotProps(slot)}
                rows={3}
                maxLength={2_000}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
        )}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
