import type { StepKind } from '#contracts/playbooks/document.ts';
import { kinds } from '#contracts/playbooks/shape/steps.ts';
import { Select } from '../../ui/select.tsx';
import { kindChoices } from './kind-looks.ts';
import { KindFields } from './kind-fields.tsx';
import type { DrawField } from './language-form.tsx';
import type { StepPanelProps } from './step-panel.tsx';
import { StepsIn } from './steps-in.tsx';

/** The kind of a step. */
export function KindSelect({
  kind,
  onKind,
  isReadOnly,
}: {
  kind: string;
  onKind: (kind: string) => void;
  isReadOnly: boolean;
}) {
  return (
    <Select
      label="Kind"
      disabled={isReadOnly}
      value={kind}
      onValue={onKind}
      options={kindChoices.map((choice) => ({ value: choice.kind, label: choice.kind }))}
    />
  );
}

interface TabFieldsProps extends StepPanelProps {
  kind: StepKind;
  draw: DrawField;
  onKind: (kind: string) => void;
}

/** The fields of one tab of a step's form. */
export function TabFields({ step, kind, draw, tab, onKind, isReadOnly, onAddTo, onSelect }: TabFieldsProps) {
  const mayRetry = kinds[kind].mayRetry;
  const tries = mayRetry ? draw('retry') : null;
  switch (tab) {
    case 'settings':
      return (
        <div className="flex flex-col gap-4">
          <div className="grid grid-cols-[1fr_124px] gap-2.5">
            {draw('name')}
            <div>
              <p className="mb-[5px] text-meta font-medium">Kind</p>
              <KindSelect kind={kind} onKind={onKind} isReadOnly={isReadOnly} />
            </div>
          </div>
          <KindFields kind={kind} draw={draw} />
          {draw('if')}
          {kinds[kind].fields['timeout'] === undefined && draw('timeout')}
          <div className="flex flex-col gap-3 border-t border-line pt-3.5">
            {draw('continueOnError')}
            {draw('safeToRepeat')}
          </div>
        </div>
      );
    case 'flow':
      return (
        <div className="flex flex-col gap-4">
          {tries ?? <p className="text-meta text-text-3">A step of this kind is not tried again.</p>}
          {draw('lock')}
          {draw('sensitive')}
          <StepsIn
            step={step}
            field="onFailure"
            title="When it has failed"
            onAddTo={onAddTo}
            onSelect={onSelect}
            isReadOnly={isReadOnly}
          >
            These run once, before the failure goes on.
          </StepsIn>
        </div>
      );
    case 'undo':
      return (
        <div className="flex flex-col gap-4">
          <StepsIn
            step={step}
            field="undo"
            title="How to take it back"
            onAddTo={onAddTo}
            onSelect={onSelect}
            isReadOnly={isReadOnly}
          >
            These run, the newest step first, when the run fails later.
          </StepsIn>
          {draw('undoWhen')}
        </div>
      );
    case 'notes':
      return (
        <div className="flex flex-col gap-4">
          {draw('description')}
          {draw('id')}
        </div>
      );
  }
}
