import { Copy, Ellipsis, FlaskConical, Plus, Trash2 } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { Input, Json, StepKind } from '#contracts/playbooks/document.ts';
import { typeChecker } from '#contracts/playbooks/expressions/typed.ts';
import type { ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { commonFields, fieldsOfKind, isKind, kinds } from '#contracts/playbooks/shape/steps.ts';
import type { Fields } from '#contracts/playbooks/shape/shape.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Note } from '../../ui/card.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Select } from '../../ui/select.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { setValue } from '../document/edit-text.ts';
import { below, partsOf } from '../document/json-pointer.ts';
import type { Reading, TreeStep } from '../document/read-playbook.ts';
import type { WorkspaceNames } from '../expressions/complete.ts';
import { scopeAt } from '../expressions/scope-at.ts';
import type { EditText } from '../use-draft.ts';
import { kindChoices, lookOf, newStep } from './kind-looks.ts';
import { LanguageForm, type DrawField } from './language-form.tsx';
import { KindFields } from './kind-fields.tsx';

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

/** The lists of steps have their place in the list and the graph, not in the form. */
const isOfForm = ([, field]: [string, Fields[string]]): boolean =>
  field.shape.is !== 'steps' && !(field.shape.is === 'list' && ['steps', 'object'].includes(field.shape.of.is));

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
      <div id="step-form" role="tabpanel" tabIndex={-1} className="min-h-0 flex-1 overflow-auto p-4">
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

/** Fields as they are best read: what it is, what it does, how it does it, then the lists of steps. */
function orderOf(fields: Fields): string[] {
  const rank = (name: string): number => {
    if (['id', 'kind', 'name', 'description', 'if'].includes(name)) return 0;
    const isList = !isOfForm([name, fields[name] as Fields[string]]);
    if (isList) return name === 'undo' || name === 'onFailure' ? 4 : 3;
    return name in commonFields && name !== 'timeout' ? 2 : 1;
  };
  const named = ['id', 'kind', 'name', 'description', 'if'];
  return [...named, ...Object.keys(fields).filter((name) => !named.includes(name))].toSorted(
    (a, b) => rank(a) - rank(b),
  );
}

/** The step as another kind: what both have stays, what the new one needs is there. */
function asKind(step: TreeStep, kind: StepKind): Json {
  const known = fieldsOfKind(kind);
  const kept = Object.entries(step.value).filter(
    ([name]) => name in known && (name !== 'retry' || kinds[kind].mayRetry),
  );
  return { ...newStep(kind, step.id), ...Object.fromEntries(kept), kind } as Json;
}

function KindSelect({
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

function TabFields({ step, kind, draw, tab, onKind, isReadOnly, onAddTo, onSelect }: TabFieldsProps) {
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

interface StepsInProps {
  step: TreeStep;
  field: 'undo' | 'onFailure';
  title: string;
  children: ReactNode;
  onAddTo: (list: string, index: number) => void;
  onSelect: (key: string) => void;
  isReadOnly: boolean;
}

function StepsIn({ step, field, title, children, onAddTo, onSelect, isReadOnly }: StepsInProps) {
  const steps = step.lists.find((list) => list.field === field)?.steps ?? [];
  const isInside = partsOf(step.pointer).includes('undo');
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="font-medium">{title}</h3>
      <p className="text-meta text-text-3">{isInside ? 'Not inside an undo.' : children}</p>
      {steps.map((inner) => (
        <button
          key={inner.key}
          type="button"
          onClick={() => onSelect(inner.key)}
          className="flex h-8 items-center gap-2 rounded-md border border-line px-2 text-left hover:bg-sunken"
        >
          <Icon of={lookOf(inner.kind).icon} size={14} className="text-text-2" />
          <span className="min-w-0 flex-1 truncate">{inner.name}</span>
          <span className="font-mono text-[11px] text-text-3">{inner.kind}</span>
        </button>
      ))}
      {!isReadOnly && !isInside && (
        <Button
          size="sm"
          icon={Plus}
          className="self-start"
          onClick={() => onAddTo(below(step.pointer, field), steps.length)}
        >
          Add step
        </Button>
      )}
    </section>
  );
}
