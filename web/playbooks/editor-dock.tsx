import { ChevronDown, ChevronUp } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { Playbook, ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { useKept } from '../kit/kept.ts';
import { IconButton } from '../ui/button.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { Tabs } from '../ui/tabs.tsx';
import type { Reading } from './document/read-playbook.ts';
import type { DockPanel, EditorView } from './editor-view.ts';
import { IssueList } from './issue-list.tsx';
import type { Draft } from './use-draft.ts';
import { VersionsPanel } from './versions-panel.tsx';

// Forms come with their library; these panels are never the first that is seen.
const PlanPanel = lazy(async () => ({ default: (await import('./plan-panel.tsx')).PlanPanel }));
const TestPanel = lazy(async () => ({ default: (await import('./test-panel.tsx')).TestPanel }));
const TestsPanel = lazy(async () => ({ default: (await import('./panels/tests-panel.tsx')).TestsPanel }));

interface EditorDockProps {
  draft: Draft;
  saved: Playbook | null;
  reading: Reading;
  view: EditorView;
  onView: (changes: Partial<EditorView>, how?: 'push' | 'replace') => void;
  onIssue: (issue: ValidationIssue) => void;
  mayEdit: string | null;
}

/** Below the document: what is wrong, how it came to be, what it would do, whether its tests hold. Folds away. */
export function EditorDock({ draft, saved, reading, view, onView, onIssue, mayEdit }: EditorDockProps) {
  const { validation, yaml } = draft;
  const [fold, setFold] = useKept('editor-dock', 'open');
  const isOpen = fold === 'open';
  const panel = saved ? view.panel : 'problems';
  const show = (panel: DockPanel) => {
    setFold('open');
    onView({ panel });
  };
  return (
    <section
      aria-label="About the document"
      className={
        isOpen
          ? 'flex h-[270px] flex-none flex-col border-t border-line max-sm:h-[220px]'
          : 'flex flex-none flex-col border-t border-line'
      }
    >
      <div className="flex items-center border-b border-line pr-2">
        <Tabs
          label="About the document"
          panelId="editor-panel"
          className="min-w-0 flex-1! border-b-0! px-4!"
          value={panel}
          onValue={show}
          tabs={[
            { value: 'problems', label: 'Problems', count: validation.errors.length + validation.hints.length },
            ...(saved
              ? [
                  { value: 'versions' as const, label: 'Versions', count: saved.version },
                  { value: 'plan' as const, label: 'Dry run' },
                  { value: 'tests' as const, label: 'Tests' },
                  { value: 'test' as const, label: 'Test a step' },
                ]
              : []),
          ]}
        />
        <IconButton
          size="sm"
          icon={isOpen ? ChevronDown : ChevronUp}
          label={isOpen ? 'Fold away' : 'Unfold'}
          onClick={() => setFold(isOpen ? 'folded' : 'open')}
        />
      </div>
      {isOpen && (
        <div id="editor-panel" role="tabpanel" tabIndex={0} className="min-h-0 flex-1 overflow-auto">
          {panel === 'problems' && (
            <IssueList
              errors={validation.errors}
              hints={validation.hints}
              failure={validation.error}
              isChecking={validation.isChecking}
              onIssue={onIssue}
            />
          )}
          {panel === 'versions' && saved && (
            <VersionsPanel
              playbook={saved}
              draft={draft.isChanged ? yaml : null}
              from={view.from}
              to={view.to}
              onCompare={(from, to) => onView({ from, to })}
              onRestored={draft.take}
              mayEdit={mayEdit}
            />
          )}
          <Suspense fallback={<SkeletonLines />}>
            {panel === 'plan' && saved && <PlanPanel playbookId={saved.id} yaml={yaml} reading={reading} />}
            {panel === 'tests' && saved && (
              <TestsPanel playbookId={saved.id} yaml={yaml} reading={reading} mayEdit={mayEdit} />
            )}
            {panel === 'test' && saved && (
              <TestPanel
                playbookId={saved.id}
                yaml={yaml}
                reading={reading}
                step={view.step}
                onStep={(step) => onView({ step }, 'replace')}
              />
            )}
          </Suspense>
        </div>
      )}
    </section>
  );
}
