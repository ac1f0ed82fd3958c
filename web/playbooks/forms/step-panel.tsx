import { Copy, Ellipsis, FlaskConical, Trash2 } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { Input, StepKind } from '#contracts/playbooks/document.ts';
import { typeChecker } from '#contracts/playbooks/expressions/typed.ts';
import type { ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { commonFields, fieldsOfKind, isKind } from '#contracts/playbooks/shape/steps.ts';
import type { Fields } from '#contracts/playbooks/shape/shape.ts';
import { IconButton } from '../../ui/button.tsx';
import { Note } from '../../ui/card.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { setValue } from '../document/edit-text.ts';
import { below } from '../document/json-pointer.ts';
import type { Reading, TreeStep } from '../document/read-playbook.ts';
import type { WorkspaceNames } from '../expressions/complete.ts';
import { scopeAt } from '../expressions/scope-at.ts';
import type { EditText } from '../use-draft.ts';
import { lookOf } from './kind-looks.ts';
import { LanguageForm } from './language-form.tsx';
import { asKind, isOfForm, orderOf } from './step-shape.ts';
import { KindSelect, TabFields } from './tab-fields.tsx';

export type FormTab = 'settings' | 'flow' | 'undo' | 'notes';

export interface StepPanelProps {
  step: TreeStep;
  reading: Reading;
  issues: readonly ValidationIssue[];
  names: WorkspaceNames;
  isReadOnly: boolean;
  isFresh: boolean;
  tab: FormTab;
  onTab: (tab: FormTab) => void;
  edit: EditText;
  onAddTo: (list: string, index: number) => void;
  onSelect: (key: string) => void;
  onDuplicate: () => void;
  onDelete: () => void;
  onRename: (id: string) => void;
  /** Null where it can be tested, else why not. */
  testRefusal: string | null;
  onTest: () => void;
  foot?: ReactNode;
}

/** Everything that can be said of one step, as a form by its kind. */
export function StepPanel(props: StepPanelProps) {
  const { step, reading, issues, names, isReadOnly, edit, tab } = props;
  const look = lookOf(step.kind);
  const all = useMemo<Fields>(() => (isKind(step.kind) ? fieldsOfKind(step.kind) : commonFields), [step.kind]);
  const fields = useMemo<Fields>(() => Object.fromEntries(Object.entries(all).filter(isOfForm)), [all]);
  const order = useMemo(() => orderOf(all), [all]);
  const inputs = JSON.stringify(reading.inputs);
  const types = useMemo(() => typeChecker(JSON.parse(inputs) as Input[]), [inputs]);
  const faultAt = (parts: readonly (string | number)[]): string | undefined =>
    issues.find(
      ({ path }) => path === below(step.pointer, ...parts) || path.startsWith(`${below(step.pointer, ...parts)}/`),
    )?.message;
  const setKind = (kind: string) =>
    isKind(kind) && edit((text) => setValue(text, step.pointer, asKind(step, kind), order));
  return (
    <>
      <header className="flex h-[46px] flex-none items-center gap-2 pr-3 pl-4">
        <span className="grid size-6 flex-none place-items-center rounded-md bg-run-soft text-run-fg">
          <Icon of={look.icon} size={14} />
        </span>
        <h2 className="min-w-0 truncate font-semibold" title={step.name}>
          {step.name}
        </h2>
        {step.section !== 'steps' && (
          <span className="flex-none text-meta text-text-3">
            {step.section === 'onFailure' ? 'on failure' : step.section}
          </span>
        )}
        <span className="ml-auto flex flex-none items-center">
          <IconButton
            size="sm"
            icon={FlaskConical}
            label="Test this step"
            refusal={props.testRefusal}
            onClick={props.onTest}
          />
          {!isReadOnly && (
            <Menu label="Acts on the step" trigger={<IconButton size="sm" icon={Ellipsis} label="More" />}>
              <MenuItem icon={Copy} keys="d" onSelect={props.onDuplicate}>
                Duplicate
              </MenuItem>
              <MenuItem icon={Trash2} keys="delete" danger onSelect={props.onDelete}>
                Delete step
              </MenuItem>
            </Menu>
          )}
        </span>
      </header>
      <Tabs
        label="About the step"
        panelId="step-form"
        className="gap-4! px-4!"
        value={tab}
        onValue={props.onTab}
        tabs={[
          { value: 'settings', label: 'Settings' },
          { value: 'flow', label: 'Flow' },
          { value: 'undo', label: 'Undo' },
          { value: 'notes', label: 'Notes' },
        ]}
      />
      <div
        id="step-form"
        role="tabpanel"
        tabIndex={-1}
        data-form-of={step.key}
        className="min-h-0 flex-1 overflow-auto p-4"
      >
        {!isKind(step.kind) ? (
          <div className="flex flex-col gap-3">
            <Note tone="fail">{`There is no kind ${step.kind || 'given'}. Choose one.`}</Note>
            <KindSelect kind={step.kind} onKind={setKind} isReadOnly={isReadOnly} />
          </div>
        ) : (
          <LanguageForm
            key={`${step.pointer} ${step.kind}`}
            fields={fields}
            kind={step.kind}
            value={step.value}
            names={names}
            isReadOnly={isReadOnly}
            isFresh={props.isFresh}
            scopeFor={(name, field) => scopeAt(reading.definition, below(step.pointer, name), field, types)}
            faultAt={faultAt}
            onField={(name, value) => {
              if (name === 'id') props.onRename(typeof value === 'string' ? value : '');
              else edit((text) => setValue(text, below(step.pointer, name), value, order), below(step.pointer, name));
            }}
          >
            {(draw) => <TabFields {...props} kind={step.kind as StepKind} draw={draw} onKind={setKind} />}
          </LanguageForm>
        )}
      </div>
      {props.foot}
    </>
  );
}
