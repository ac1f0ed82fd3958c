import {
  CalendarClock,
  Expand,
  ListTree,
  PanelRight,
  Save,
  Search,
  Shrink,
  SquareTerminal,
  WandSparkles,
} from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { asSnippet } from '#contracts/queries/snippet-text.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useIsNarrow, useIsPhone, useIsTight } from '../kit/media.ts';
import { useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { findParameters } from './bar/parameter-fields.ts';
import type { EditorHandle } from './editor/sql-editor.tsx';
import { ConsoleDialogs } from './library/console-dialogs.tsx';
import { SidePanel } from './library/side-panel.tsx';
import type { OnSample } from './objects/object-docs.tsx';
import { ObjectsPane } from './objects/objects-pane.tsx';
import { sampleSql } from './objects/sample.ts';
import { useObjects } from './objects/use-objects.ts';
import type { SnippetDraft } from './snippets/use-snippets.ts';
import { Splitter, useMeasure } from './splitter.tsx';
import { TabPane } from './tab-pane.tsx';
import { TabStrip } from './tabs/tab-strip.tsx';
import type { Console } from './use-console.ts';
import { useQueryLimits } from './rules/use-limits.ts';
import { useRunning } from './use-running.ts';
import { useShownRun } from './use-shown-run.ts';

const sideLabel = 'History, saved queries, snippets and docs';

/** The console with something connected: objects, the open queries, and what lies beside them. */
export function OpenConsole({ state }: { state: Console }) {
  const { view, setView, tabs, store, tab, connection, unit, place, saved, change } = state;
  const isPhone = useIsPhone();
  const isNarrow = useIsNarrow();
  const isTight = useIsTight();
  const offline = useOffline();
  const may = useRefusal();
  const objectsWidth = useMeasure('objects', 256, 180, 480);
  const sideWidth = useMeasure('side', 288, 220, 560);
  const [isFull, setFull] = useState(false);
  const [drawer, setDrawer] = useState<'objects' | 'side' | null>(null);
  const [form, setForm] = useState<'save' | 'schedule' | null>(null);
  const [versionsOf, setVersionsOf] = useState('');
  const [snippet, setSnippet] = useState<SnippetDraft | null>(null);
  const handle = useRef<EditorHandle | null>(null);
  const known = useObjects(place);
  const running = useRunning({ tab, store, connection, unit, savedSql: saved?.body.sql ?? null });
  const shown = useShownRun(tab);
  const engine = connection?.kind ?? 'postgres';
  const found = useMemo(
    () => findParameters(engine, tab?.sql ?? '', tab?.parameterDefs),
    [engine, tab?.sql, tab?.parameterDefs],
  );
  /** A drawer that is still open would take the focus back, and what is typed next would go elsewhere. */
  const inEditor = (act: (editor: EditorHandle) => void) => {
    flushSync(() => setDrawer(null));
    if (handle.current) act(handle.current);
  };
  const insert = (text: string) => inEditor((editor) => editor.insert(text));
  /** Of what is selected, or of the whole text. */
  const keepSnippet = () =>
    tab && setSnippet({ text: asSnippet(handle.current?.selected() || tab.sql), engine: connection?.kind ?? null });
  const newTab = () => state.openTab({ connectionId: tab?.connectionId ?? null, unit: tab?.unit ?? null });
  const limitOf = useQueryLimits();
  const here = { connectionId: tab?.connectionId, unit: unit?.id ?? null, folder: saved?.folder };
  const maySave = offline ?? may('queries:edit') ?? limitOf('edit', here);
  const mayKeepSnippet = offline ?? may('queries:edit');
  const maySchedule = offline ?? may('schedules:manage') ?? limitOf('schedule', here) ?? limitOf('run', here);
  const mayRun = offline ?? may('queries:run') ?? may('connections:use') ?? limitOf('run', here);
  const step = (by: number) => {
    const next = tabs[(tabs.findIndex(({ id }) => id === tab?.id) + by + tabs.length) % tabs.length];
    if (next) setView({ tab: next.id });
  };
  useKeys([
    {
      keys: 'mod+enter',
      label: 'Run the query',
      inFields: true,
      run: () => void running.run(),
      when: () => tab !== undefined && mayRun === null,
    },
    {
      keys: 'mod+.',
      label: 'Cancel the run',
      inFields: true,
      run: () => void shown.cancel(),
      when: () => shown.isAlive && may('runs:cancel') === null,
    },
    { keys: 'mod+s', label: 'Save the query', inFields: true, run: () => maySave === null && tab && setForm('save') },
    {
      keys: 'mod+shift+s',
      label: 'Save selection as snippet',
      inFields: true,
      run: keepSnippet,
      when: () => !isPhone && tab !== undefined && mayKeepSnippet === null,
    },
    {
      keys: 'mod+alt+enter',
      label: 'Dry run: ask whether it would run',
      inFields: true,
      run: () => void running.tryOut(),
      when: () => tab !== undefined && mayRun === null,
    },
    {
      keys: 'alt+shift+f',
      label: 'Format the query',
      inFields: true,
      run: () => handle.current?.format(),
      when: () => !isPhone,
    },
    {
      keys: 'mod+h',
      label: 'Find and replace',
      inFields: true,
      run: () => handle.current?.replace(),
      when: () => !isPhone,
    },
    {
      keys: 'mod+alt+s',
      label: 'Schedule the query',
      inFields: true,
      run: () => setForm('schedule'),
      when: () => saved !== null && maySchedule === null,
    },
    { keys: 'c', label: 'New query', run: newTab },
    { keys: 'e', label: 'Go to the editor', run: () => handle.current?.focus(), when: () => !isPhone },
    { keys: 'f', label: 'Full screen', run: () => setFull((old) => !old), when: () => !isPhone },
    { keys: 'alt+n', label: 'Next query', inFields: true, run: () => step(1) },
    { keys: 'alt+p', label: 'Former query', inFields: true, run: () => step(-1) },
    { keys: 'alt+w', label: 'Close the query', inFields: true, run: () => tab && state.close(tab.id) },
  ]);
  const sample: OnSample | undefined =
    connection && connection.kind !== 'amc' && mayRun === null
      ? (object, columns) => {
          setDrawer(null);
          const sql = sampleSql(connection.kind, object, columns);
          if (sql) void running.runApart({ sql, title: `Ten rows of ${object.name}` }, state.openTab);
        }
      : undefined;
  const objects = <ObjectsPane state={state} known={known} onInsert={insert} onSample={sample} />;
  const side = (
    <SidePanel
      view={view}
      onView={setView}
      engine={connection?.kind ?? null}
      connectionId={tab?.connectionId ?? null}
      currentRun={tab?.runId ?? ''}
      currentQuery={tab?.queryId ?? null}
      place={place}
      object={known.objects.find(({ id }) => id === view.object)}
      onInsert={insert}
      onSample={sample}
      onRun={(runId) => {
        setDrawer(null);
        void state.openRun(runId);
      }}
      onSaved={(id) => {
        setDrawer(null);
        void state.openSaved(id);
      }}
      onSnippet={isPhone || !tab ? null : (text) => inEditor((editor) => editor.insertSnippet(text))}
      onEditSnippet={setSnippet}
      onVersions={setVersionsOf}
      onFork={(id) => {
        setDrawer(null);
        void state.forkSaved(id);
      }}
      onTemplate={(template) => {
        setDrawer(null);
        state.openTab({
          ...(connection?.kind === template.engine && { connectionId: connection.id, unit: tab?.unit ?? null }),
          title: template.title,
          sql: template.sql,
          parameterDefs: [...template.parameters],
        });
      }}
    />
  );
  return (
    <div className="flex min-h-0 flex-1">
      {!isNarrow && !isFull && (
        <>
          <aside
            aria-label="Objects"
            className="flex min-h-0 flex-none flex-col border-r border-line"
            style={{ width: objectsWidth.size }}
          >
            {objects}
          </aside>
          <Splitter measure={objectsWidth} label="Width of the objects" pane="left" />
        </>
      )}
      <section className="flex min-h-0 min-w-0 flex-1 flex-col" aria-label="Query">
        <div className="flex flex-none items-stretch border-b border-line max-sm:flex-wrap">
          <TabStrip
            tabs={tabs}
            current={tab?.id ?? ''}
            isDirty={state.isDirty}
            onOpen={(id) => setView({ tab: id })}
            onNew={newTab}
            onClose={state.close}
            onRename={(id, title) => store.change(id, { title })}
            onMove={(id, to) => store.move(id, to)}
          />
          <span className="flex flex-none items-center gap-1 px-2.5 max-sm:w-full max-sm:border-t max-sm:border-line max-sm:py-1.5">
            {isNarrow && <IconButton icon={ListTree} label="Objects" onClick={() => setDrawer('objects')} />}
            {!isPhone && tab && (
              <>
                <IconButton
                  icon={WandSparkles}
                  label="Format the query"
                  keys="alt+shift+f"
                  onClick={() => handle.current?.format()}
                />
                <IconButton
                  icon={Search}
                  label="Find and replace"
                  keys="mod+h"
                  onClick={() => handle.current?.replace()}
                />
                <IconButton
                  icon={isFull ? Shrink : Expand}
                  label={isFull ? 'Show the panels' : 'Full screen'}
                  keys="f"
                  aria-pressed={isFull}
                  onClick={() => setFull(!isFull)}
                />
              </>
            )}
            {tab && (
              <Button
                look="ghost"
                icon={CalendarClock}
                className="max-md:hidden"
                refusal={maySchedule ?? (saved ? null : 'Save the query first: a schedule runs what is saved.')}
                onClick={() => setForm('schedule')}
              >
                Schedule
              </Button>
            )}
            {tab && (
              <Button icon={Save} keys="mod+s" refusal={maySave} onClick={() => setForm('save')}>
                Save
              </Button>
            )}
            {(isTight || isFull) && (
              <IconButton icon={PanelRight} label={sideLabel} onClick={() => setDrawer('side')} />
            )}
          </span>
        </div>
        {Boolean(state.keepFailure) && (
          <Note tone="wait" className="mx-3.5 mt-2.5">
            The server does not take the text now. It is kept in this browser and sent when the server is back.
          </Note>
        )}
        {tab ? (
          <TabPane
            state={state}
            tab={tab}
            running={running}
            shown={shown}
            found={found}
            known={known}
            handle={handle}
            mayRun={mayRun}
            onKeepSnippet={mayKeepSnippet === null ? keepSnippet : null}
            onHandle={(next) => {
              handle.current = next;
            }}
          />
        ) : (
          <div className="grid flex-1 place-items-center">
            <EmptyState
              icon={SquareTerminal}
              title="No query is open"
              action={
                <Button look="primary" onClick={newTab}>
                  New query
                </Button>
              }
            >
              Write one, or open one of the history, the library or the templates.
            </EmptyState>
          </div>
        )}
      </section>
      {!isTight && !isFull && (
        <>
          <Splitter measure={sideWidth} label="Width of the history" pane="right" />
          <aside
            aria-label={sideLabel}
            className="flex min-h-0 flex-none flex-col border-l border-line"
            style={{ width: sideWidth.size }}
          >
            {side}
          </aside>
        </>
      )}
      <Drawer isOpen={drawer === 'objects'} onClose={() => setDrawer(null)} title="Objects" width={420}>
        <div className="flex h-full flex-col">{objects}</div>
      </Drawer>
      <Drawer isOpen={drawer === 'side'} onClose={() => setDrawer(null)} title="History and library" width={420}>
        <div className="flex h-full flex-col">{side}</div>
      </Drawer>
      <ConsoleDialogs
        state={{ ...state, change }}
        found={found}
        open={form}
        onEnd={() => setForm(null)}
        versionsOf={versionsOf}
        onVersionsEnd={() => setVersionsOf('')}
        snippet={snippet}
        onSnippetEnd={() => setSnippet(null)}
      />
    </div>
  );
}
