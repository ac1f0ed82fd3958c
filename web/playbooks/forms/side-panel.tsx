import type { ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import type { Reading, TreeStep } from '../document/read-playbook.ts';
import type { WorkspaceNames } from '../expressions/complete.ts';
import { StepTestFoot } from '../panels/step-test-foot.tsx';
import type { EditText } from '../use-draft.ts';
import type { StepActs } from '../use-step-acts.ts';
import { PlaybookPanel } from './playbook-panel.tsx';
import { StepPanel, type FormTab } from './step-panel.tsx';

interface SidePanelProps {
  step: TreeStep | undefined;
  reading: Reading;
  issues: readonly ValidationIssue[];
  names: WorkspaceNames;
  isReadOnly: boolean;
  isFresh: boolean;
  tab: FormTab;
  onTab: (tab: FormTab) => void;
  edit: EditText;
  acts: StepActs;
  onAddTo: (list: string, index: number) => void;
  onSelect: (key: string) => void;
  /** What a test runs; null while nothing is saved. */
  test: { playbookId: string; yaml: string } | null;
  onTestMore: () => void;
}

/** The form of what is selected: a step, or the playbook itself. Loaded with the forms, after the page stands. */
export default function SidePanel({ step, reading, acts, test, onTestMore, ...rest }: SidePanelProps) {
  if (!step) return <PlaybookPanel reading={reading} {...rest} />;
  return (
    <StepPanel
      step={step}
      reading={reading}
      {...rest}
      onDuplicate={() => acts.duplicate(step)}
      onDelete={() => acts.remove(step)}
      onRename={(id) => acts.rename(step, id)}
      testRefusal={test ? null : 'Save it first.'}
      onTest={onTestMore}
      foot={
        test &&
        step.id !== '' && <StepTestFoot key={step.key} step={step} reading={reading} {...test} onMore={onTestMore} />
      }
    />
  );
}
