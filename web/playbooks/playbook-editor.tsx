import { CircleAlert, Eye, Info, Play, Save } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { z } from 'zod';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useIsNarrow, useIsPhone } from '../kit/media.ts';
import { Go, useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Button } from '../ui/button.tsx';
import { Note, Tag } from '../ui/card.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { ConflictDialog } from './conflict-dialog.tsx';
import { IssueList } from './issue-list.tsx';
import { outlineOf } from './outline.ts';
import { PlanPanel } from './plan-panel.tsx';
import { RunDialog } from './run-dialog.tsx';
import { StepList } from './step-list.tsx';
import { TestPanel } from './test-panel.tsx';
import { useDraft } from './use-draft.ts';
import { VersionsPanel } from './versions-panel.tsx';

const YamlEditor = lazy(() => import('./yaml-editor.tsx'));

/** The state of the editor, as it stands in the address. */
const EditorView = z.object({
  panel: z.enum(['problems', 'versions', 'plan', 'test']).default('problems'),
  run: z.string().default(''),
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
  step: z.string().default(''),
});

/** The document and everything around it: outline, problems, versions, dry run, test of a step. */
export function PlaybookEditor({ saved, start }: { saved: Playbook | null; start: string }) {
  const [view, setView] = useUrlState(EditorView);
  const go = useGo();
  const refusal = useRefusal();
  const offline = useOffline();
  const isPhone = useIsPhone();
  const isNarrow = useIsNarrow();
  const draft = useDraft(saved, start, (id) => go(`/playbooks/${id}`, {}, 'replace'));
  const { yaml, validation, isDirty, isChanged, save } = draft;
  const outline = useMemo(() => outlineOf(yaml), [yaml]);
  const [jump, setJump] = useState<{ line: number; at: number }>();
  const [cursor, setCursor] = useState(1);
  const [isNoting, setNoting] = useState(false);
  const mayEdit = refusal('playbooks:edit');
  const next = (saved?.version ?? 0) + 1;
  const name = outline.name || saved?.name || 'New playbook';
  const problems = validation.errors.length + (validation.isKnown ? 0 : outline.problem ? 1 : 0);
  const goTo = (line: number) => setJump({ line, at: Date.now() });
  const askNote = () => {
    const [first] = validation.errors;
    if (first) {
      setView({ panel: 'problems' });
      goTo(first.line ?? 1);
    } else if (mayEdit === null && offline === null && isDirty && !save.isPending) setNoting(true);
  };
  useKeys([
    { keys: 'mod+s', label: 'Save as a version', inFields: true, run: askNote },
    { keys: 'mod+enter', label: 'Run', inFields: true, run: () => saved && setView({ run: 'true' }) },
  ]);
  const currentStep = outline.steps.findLast(({ line }) => line <= cursor);

  return (
    <Page
      title={name}
      panes
      testId="playbook.page"
      crumbs={[
        <Go key="all" to="/playbooks" className="hover:text-text">
          Playbooks
        </Go>,
        saved ? `v${saved.version}` : 'new',
      ]}
      mark={
        <span className="flex flex-wrap items-center gap-2.5 text-meta">
          {saved && isChanged && <Tag tone="wait">{`Draft of v${next}`}</Tag>}
          <span
            role="status"
            className={
              validation.errors.length > 0
                ? 'flex items-center gap-1.5 text-fail-fg'
                : 'flex items-center gap-1.5 text-ok-fg'
            }
          >
            {validation.isKnown &&
              (validation.errors.length > 0 ? (
                <Icon of={CircleAlert} size={14} />
              ) : (
                <StatusShapeOnly status="succeeded" size={14} />
              ))}
            {!validation.isKnown
              ? ''
              : validation.errors.length > 0
                ? `${validation.errors.length} ${validation.errors.length === 1 ? 'problem' : 'problems'}`
                : 'Valid'}
          </span>
          {validation.hints.length > 0 && (
            <span className="flex items-center gap-1.5 text-text-2">
              <Icon of={Info} size={14} />
              {`${validation.hints.length} ${validation.hints.length === 1 ? 'hint' : 'hints'}`}
            </span>
          )}
        </span>
      }
      action={
        <>
          <Button icon={Eye} onClick={() => setView({ panel: 'plan' })} refusal={saved ? null : 'Save it first.'}>
            Dry run
          </Button>
          <Button
            icon={Play}
            refusal={saved ? (offline ?? refusal('playbooks:run')) : 'Save it first.'}
            onClick={() => setView({ run: 'true' })}
          >
            Run
          </Button>
          {!isPhone && (
            <Button
              look="primary"
              icon={Save}
              keys="mod+s"
              busy={save.isPending}
              refusal={
                offline ??
                mayEdit ??
                (isDirty ? (problems > 0 ? 'Mend the problems first.' : null) : 'Nothing has changed.')
              }
              onClick={askNote}
            >
              {saved ? `Save as v${next}` : 'Save'}
            </Button>
          )}
        </>
      }
    >
      {isPhone && (
        <div className="px-4 pb-2">
          <Note>On a phone a playbook can be read and run. To change it, open it on a larger screen.</Note>
        </div>
      )}
      <div className="flex min-h-0 flex-1 border-t border-line">
        {!isNarrow && (
          <StepList
            steps={outline.steps}
            current={currentStep?.id}
            onStep={(step) => goTo(step.line)}
            onTest={saved ? (step) => setView({ panel: 'test', step }) : undefined}
          />
        )}
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <div className="relative min-h-0 flex-1">
            <Suspense fallback={<SkeletonLines lines={10} />}>
              <YamlEditor
                value={yaml}
                onValue={draft.setYaml}
                errors={validation.errors}
                hints={validation.hints}
                isReadOnly={isPhone || mayEdit !== null}
                jump={jump}
                onCursor={setCursor}
              />
            </Suspense>
          </div>
          <div className="flex h-[280px] flex-none flex-col border-t border-line max-sm:h-[220px]">
            <Tabs
              label="About the document"
              panelId="editor-panel"
              className="px-4"
              value={view.panel}
              onValue={(panel) => setView({ panel })}
              tabs={[
                {
                  value: 'problems',
                  label: 'Problems and hints',
                  count: validation.errors.length + validation.hints.length,
                },
                ...(saved
                  ? [
                      { value: 'versions' as const, label: 'Versions', count: saved.version },
                      { value: 'plan' as const, label: 'Dry run' },
                      { value: 'test' as const, label: 'Test a step' },
                    ]
                  : []),
              ]}
            />
            <div id="editor-panel" role="tabpanel" tabIndex={0} className="min-h-0 flex-1 overflow-auto">
              {view.panel === 'problems' && (
                <IssueList
                  errors={validation.errors}
                  hints={validation.hints}
                  failure={validation.error}
                  isChecking={validation.isChecking}
                  onIssue={(issue) => goTo(issue.line ?? 1)}
                />
              )}
              {view.panel === 'versions' && saved && (
                <VersionsPanel
                  playbook={saved}
                  from={view.from}
                  to={view.to}
                  onCompare={(from, to) => setView({ from, to })}
                  onRestored={draft.take}
                  mayEdit={offline ?? mayEdit}
                />
              )}
              {view.panel === 'plan' && saved && (
                <PlanPanel playbookId={saved.id} yaml={yaml} inputs={outline.inputs} />
              )}
              {view.panel === 'test' && saved && (
                <TestPanel
                  playbookId={saved.id}
                  yaml={yaml}
                  steps={outline.steps}
                  inputs={outline.inputs}
                  step={view.step || (currentStep?.id ?? '')}
                  onStep={(step) => setView({ step }, 'replace')}
                />
              )}
            </div>
          </div>
        </div>
      </div>
      {saved && (
        <RunDialog
          playbookId={saved.id}
          isOpen={view.run !== ''}
          onClose={() => setView({ run: '' }, 'replace')}
          isDirty={isChanged}
        />
      )}
      <NoteDialog
        isOpen={isNoting}
        onClose={() => setNoting(false)}
        title={saved ? `Save as v${next}` : 'Save the playbook'}
        onSave={(note) => {
          setNoting(false);
          save.mutate({ note });
        }}
      />
      {draft.conflict && (
        <ConflictDialog
          base={draft.base.yaml}
          mine={yaml}
          theirs={draft.conflict.theirs}
          onClose={() => draft.setConflict(null)}
          onKeepMine={() => save.mutate({ note: '', version: draft.conflict?.theirs.version })}
          onTakeTheirs={() => draft.conflict && draft.take(draft.conflict.theirs)}
          onMerged={(text) => {
            const theirs = draft.conflict?.theirs;
            if (!theirs) return;
            draft.take(theirs);
            draft.setYaml(text);
          }}
        />
      )}
    </Page>
  );
}

function NoteDialog({
  isOpen,
  onClose,
  title,
  onSave,
}: {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  onSave: (note: string) => void;
}) {
  const [note, setNote] = useState('');
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={title}
      width={440}
      foot={
        <>
          <Button onClick={onClose}>Keep writing</Button>
          <Button look="primary" icon={Save} onClick={() => onSave(note)}>
            Save
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(note);
        }}
      >
        <Field label="What has changed" aside="optional" hint="One line, shown beside the version.">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              autoFocus
              maxLength={500}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
