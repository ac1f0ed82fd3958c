import { lazy, Suspense, useMemo, useState, type KeyboardEvent } from 'react';
import type { Playbook, ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { afterPaint, useIsPainted } from '../kit/after-paint.tsx';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useIsNarrow, useIsPhone, useIsTight } from '../kit/media.ts';
import { Go, useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Drawer } from '../ui/dialog.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { readPlaybook, type Slot } from './document/read-playbook.ts';
import { DraftBars } from './draft-bars.tsx';
import { EditorDialogs } from './editor-dialogs.tsx';
import { EditorDock } from './editor-dock.tsx';
import { EditorActs, EditorMark } from './editor-head.tsx';
import { focusField, focusList } from './editor-focus.ts';
import { EditorView, placeOf, tabOf, THE_PLAYBOOK } from './editor-view.ts';
import { slotAfter, StepTree } from './step-tree.tsx';
import { changesSince } from './tree-rows.ts';
import { useDraft } from './use-draft.ts';
import { usePresence } from './use-presence.ts';
import { useSaving } from './use-saving.ts';
import { useStepActs } from './use-step-acts.ts';
import { useWorkspaceNames } from './use-workspace-names.ts';

const YamlEditor = lazy(() => import('./yaml-editor.tsx'));
const StepGraph = lazy(() => import('./graph/step-graph.tsx'));
/** What checks expressions is large and comes first, so that the browser can draw between it and the forms. */
const SidePanel = lazy(async () => {
  await import('#contracts/playbooks/expressions/typed.ts');
  await afterPaint();
  return import('./forms/side-panel.tsx');
});

/**
 * One document, its text, and three ways to see and change it: list with forms, the same drawn as a graph, and YAML. What is
 * selected in one is selected in all.
 */
export function PlaybookEditor({ saved, start }: { saved: Playbook | null; start: string }) {
  const [view, setView] = useUrlState(EditorView);
  const go = useGo();
  const refusal = useRefusal();
  const offline = useOffline();
  const isPhone = useIsPhone();
  const isNarrow = useIsNarrow();
  const isTight = useIsTight();
  // The list is there first; what is drawn beside it with libraries of its own comes into its place a moment later.
  const isPainted = useIsPainted();
  const draft = useDraft(saved, start, (id) =>
    go(`/playbooks/${id}`, view.view === 'graph' ? {} : { view: view.view }, 'replace'),
  );
  const { yaml, validation, isChanged } = draft;
  const reading = useMemo(() => readPlaybook(yaml), [yaml]);
  const before = useMemo(() => readPlaybook(draft.base.yaml), [draft.base.yaml]);
  const changes = useMemo(() => changesSince(before, reading), [before, reading]);
  const names = useWorkspaceNames(saved, isPainted);
  const faulty = useMemo(
    () => new Set(validation.errors.map(({ path }) => placeOf(reading, path).step?.key ?? THE_PLAYBOOK)),
    [validation.errors, reading],
  );
  const [jump, setJump] = useState<{ line: number; at: number }>();
  const [adding, setAdding] = useState<Slot | null>(null);
  const mayEdit = refusal('playbooks:edit');
  const mayRun = refusal('playbooks:run');
  const isReadOnly = isPhone || mayEdit !== null;
  const others = usePresence(isPainted ? saved?.id : undefined, !isReadOnly);
  const isFixed = isReadOnly || reading.problem !== null;
  const shown = isNarrow && view.view === 'graph' ? 'list' : view.view;
  const select = (step: string) => setView({ step }, 'replace');
  const acts = useStepActs(draft, reading, select);
  const step = reading.byKey.get(view.step);
  const goTo = (line: number) => {
    setJump({ line, at: Date.now() });
    if (shown !== 'yaml') setView({ view: 'yaml' });
  };
  /** Where something is wrong: the field of the form, or the line. */
  const goToIssue = (issue: ValidationIssue) => {
    const place = placeOf(reading, issue.path);
    if (shown === 'yaml' || isPhone || reading.problem) return goTo(issue.line ?? 1);
    acts.settle();
    const key = place.step?.key ?? THE_PLAYBOOK;
    setView({ step: key, form: place.step ? tabOf(place.field) : 'settings' }, 'replace');
    focusField(key, place.field);
  };
  const saving = useSaving(draft, {
    maySave: mayEdit === null && offline === null,
    onIssue: goToIssue,
    onAsk: acts.settle,
  });
  const openAdd = (slot: Slot) => !isFixed && setAdding(slot);
  useKeys([
    { keys: 'mod+s', label: 'Save as a version', inFields: true, run: saving.ask },
    { keys: 'mod+enter', label: 'Run', inFields: true, run: () => saved && setView({ run: 'true' }) },
    { keys: 'a', label: 'Add step', run: () => openAdd(slotAfter(step, reading)) },
    { keys: 'mod+z', label: 'Undo', run: () => !isFixed && draft.undo?.() },
    { keys: 'mod+shift+z', label: 'Redo', run: () => !isFixed && draft.redo?.() },
    { keys: '1', label: 'Show the list', run: () => setView({ view: 'list' }) },
    { keys: '2', label: 'Show list and graph', run: () => setView({ view: 'graph' }) },
    { keys: '3', label: 'Show the YAML', run: () => setView({ view: 'yaml' }) },
  ]);

  const onPanelKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented || isTight) return;
    event.preventDefault();
    focusList();
  };
  const panel = isPainted ? (
    <Suspense fallback={<SkeletonLines lines={8} />}>
      <SidePanel
        step={step}
        reading={reading}
        issues={validation.isChecking ? [] : validation.errors}
        names={names}
        isReadOnly={isFixed}
        isFresh={acts.fresh !== '' && acts.fresh === step?.key}
        tab={view.form}
        onTab={(form) => setView({ form }, 'replace')}
        edit={draft.edit}
        acts={acts}
        onAddTo={(list, index) => openAdd({ list, index })}
        onSelect={select}
        test={saved ? { playbookId: saved.id, yaml } : null}
        onTestMore={() => setView({ panel: 'test' })}
      />
    </Suspense>
  ) : (
    <SkeletonLines lines={8} />
  );
  const tree = (
    <StepTree
      className={
        shown === 'list' && !isTight
          ? 'w-[420px] flex-none'
          : shown === 'list'
            ? 'flex-1 border-r-0!'
            : 'w-[272px] flex-none'
      }
      reading={reading}
      selected={view.step}
      changes={isChanged && saved ? changes : noChanges}
      faulty={faulty}
      isReadOnly={isFixed}
      acts={acts}
      onSelect={(key) => {
        select(key);
        if (shown === 'yaml') setJump({ line: reading.byKey.get(key)?.line ?? 1, at: Date.now() });
      }}
      onOpen={(key) => {
        if (key !== view.step) select(key);
        focusField(key);
      }}
      onAdd={openAdd}
      text={yaml}
      onRestore={draft.setYaml}
    />
  );
  return (
    <Page
      title={reading.name || saved?.name || 'New playbook'}
      panes
      testId="playbook.page"
      crumbs={[
        <Go key="all" to="/playbooks" className="hover:text-text">
          Playbooks
        </Go>,
        saved ? `v${saved.version}` : 'new',
      ]}
      mark={<EditorMark draft={draft} version={saved?.version ?? null} changes={changes.size} />}
      action={
        <EditorActs
          draft={draft}
          view={isPhone && view.view === 'graph' ? 'list' : view.view}
          onView={(to) => setView({ view: to })}
          isPhone={isPhone}
          saved={saved?.version ?? null}
          mayEdit={mayEdit}
          mayRun={mayRun}
          offline={offline}
          others={others}
          onPlan={() => setView({ panel: 'plan' })}
          onRun={() => setView({ run: 'true' })}
          onSave={saving.ask}
        />
      }
    >
      <DraftBars
        draft={draft}
        saved={saved}
        reading={reading}
        note={
          isPhone
            ? 'On a phone a playbook can be read and run. To change it, open it on a larger screen.'
            : mayEdit &&
              `You can read ${mayRun === null ? 'and run ' : ''}this playbook. To change it: ${mayEdit.toLowerCase()}`
        }
        onCompare={() => setView({ panel: 'versions', from: saved?.version, to: 0 })}
        onLine={goTo}
      />
      <div className="flex min-h-0 flex-1 border-t border-line">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <div className="flex min-h-0 flex-1">
            {!(isNarrow && shown === 'yaml') && tree}
            {shown !== 'list' && (
              <div className="relative min-h-0 min-w-0 flex-1">
                <Suspense fallback={<SkeletonLines lines={10} />}>
                  {shown === 'yaml' ? (
                    <YamlEditor
                      value={yaml}
                      onValue={draft.setYaml}
                      errors={validation.errors}
                      hints={validation.hints}
                      isReadOnly={isReadOnly}
                      jump={jump}
                      onCursor={(line) => {
                        const at = reading.steps.findLast((one) => one.line <= line);
                        const key = at && line >= (reading.steps[0]?.line ?? 1) ? at.key : THE_PLAYBOOK;
                        if (key !== view.step) select(key);
                      }}
                      reading={reading}
                      names={names}
                    />
                  ) : isPainted ? (
                    <StepGraph reading={reading} selected={view.step} faulty={faulty} onSelect={select} />
                  ) : (
                    <SkeletonLines lines={10} />
                  )}
                </Suspense>
              </div>
            )}
            {shown === 'list' && !isTight && (
              <aside
                aria-label="Step"
                onKeyDown={onPanelKey}
                className="flex min-h-0 min-w-0 flex-1 flex-col [&_[role=tabpanel]>*]:max-w-[720px]"
              >
                {panel}
              </aside>
            )}
          </div>
          <EditorDock
            draft={draft}
            saved={saved}
            reading={reading}
            view={view}
            onView={setView}
            onIssue={goToIssue}
            mayEdit={offline ?? mayEdit}
          />
        </div>
        {shown !== 'list' && !isTight && (
          <aside
            aria-label="Step"
            onKeyDown={onPanelKey}
            className="flex w-[360px] min-h-0 flex-none flex-col border-l border-line"
          >
            {panel}
          </aside>
        )}
      </div>
      {isTight && shown !== 'yaml' && (
        <Drawer isOpen={view.step !== ''} onClose={() => select('')} title={reading.name || 'New playbook'}>
          <div className="flex h-full flex-col">{panel}</div>
        </Drawer>
      )}
      <EditorDialogs
        draft={draft}
        saved={saved}
        adding={adding}
        onAdded={(kind) => {
          if (adding && kind) {
            const key = acts.add(kind, adding);
            setView({ form: 'settings' }, 'replace');
            focusField(key, 'name');
          }
          setAdding(null);
        }}
        isRunning={view.run !== ''}
        onRunClosed={() => setView({ run: '' }, 'replace')}
        isNoting={saving.isNoting}
        onNoted={saving.end}
      />
    </Page>
  );
}

const noChanges: ReadonlyMap<string, 'added' | 'changed'> = new Map();
