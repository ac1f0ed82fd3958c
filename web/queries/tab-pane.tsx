import { lazy, Suspense, useMemo, type RefObject } from 'react';
import { useOffline } from '../kit/live.tsx';
import { useIsPhone } from '../kit/media.ts';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Note } from '../ui/card.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { ConnectionPicker, UnitPicker } from './bar/connection-picker.tsx';
import type { FoundParameters } from './bar/parameter-fields.ts';
import { ParameterRow } from './bar/parameter-row.tsx';
import { RunBar } from './bar/run-bar.tsx';
import { defaultWindow } from './bar/time-windows.ts';
import { WindowPicker } from './bar/window-picker.tsx';
import { PlainText } from './editor/plain-text.tsx';
import type { EditorHandle, EditorMark } from './editor/sql-editor.tsx';
import { placeIn } from './editor/statement.ts';
import type { Objects } from './objects/use-objects.ts';
import { Splitter, useMeasure } from './splitter.tsx';
import type { OpenTab } from './tabs/open-tab.ts';
import type { Console } from './use-console.ts';
import type { DryRunShown, Running } from './use-running.ts';
import type { ShownRun } from './use-shown-run.ts';

const QueryEditor = lazy(() => import('./editor/query-editor.tsx'));
const RunArea = lazy(() => import('./run/run-area.tsx'));

interface TabPaneProps {
  state: Console;
  tab: OpenTab;
  running: Running;
  shown: ShownRun;
  found: FoundParameters;
  known: Objects;
  handle: RefObject<EditorHandle | null>;
  onHandle: (handle: EditorHandle | null) => void;
  /** Why no query may be run here; null where one may. */
  mayRun: string | null;
  /** Makes a snippet of what is selected; null where the caller may keep none. */
  onKeepSnippet: (() => void) | null;
}

/** One open query: what it runs on, its values, its text, and what became of its run. */
export function TabPane(props: TabPaneProps) {
  const { state, tab, running, shown, found, known, handle, onHandle, mayRun, onKeepSnippet } = props;
  const { view, setView, connection, units, unit, place, change } = state;
  const { dryRun } = running;
  const isPhone = useIsPhone();
  const zone = useZone();
  const offline = useOffline();
  const may = useRefusal();
  const editorHeight = useMeasure('editor', 344, 120, 900);
  const engine = connection?.kind ?? 'postgres';
  const timeWindow = tab.timeWindow ?? defaultWindow(zone);
  const marks = useMemo(() => marksOf(tab.sql, shown.run, dryRun), [tab.sql, shown.run, dryRun]);
  const runNow = () => void running.run();
  const cancel = () => void shown.cancel();
  const hasRun = tab.runId !== null || dryRun !== null;
  const goTo = (line: number, column: number) => {
    const at = placeIn(tab.sql, dryRun?.sql ?? shown.run?.sql ?? '', { line, column });
    if (at) handle.current?.goTo(at.line, at.column);
    else toast.note('The text has changed since: that place is not in it any more.');
  };
  return (
    <div
      id="query-tab"
      role="tabpanel"
      aria-label={tab.title}
      className="flex min-h-0 flex-1 flex-col max-sm:overflow-auto"
    >
      <RunBar
        pickers={
          <>
            <ConnectionPicker
              connections={state.connections.data ?? []}
              connection={connection}
              onChoose={(id) => id !== tab.connectionId && state.moveTo({ connectionId: id, unit: null })}
            />
            {connection && connection.kind !== 'postgres' && units.data && units.data.length > 0 && (
              <UnitPicker
                kind={connection.kind}
                units={units.data}
                unit={unit}
                onChoose={(id) => id !== unit?.id && state.moveTo({ connectionId: connection.id, unit: id })}
              />
            )}
            {(found.hasWindow || engine === 'amc') && (
              <WindowPicker value={timeWindow} onValue={(next) => change({ timeWindow: next })} />
            )}
          </>
        }
        cancel={
          shown.isAlive
            ? { isAsking: shown.isCanceling, refusal: offline ?? may('runs:cancel'), onCancel: cancel }
            : null
        }
        dryRun={
          connection && mayRun === null && tab.sql.trim() !== ''
            ? { busy: running.busy === 'dry', onDryRun: () => void running.tryOut() }
            : null
        }
        run={{
          busy: running.busy === 'run',
          refusal: mayRun ?? (connection ? null : 'Choose a connection first.'),
          onRun: runNow,
        }}
      />
      <ParameterRow
        defs={found.defs}
        values={tab.parameters}
        hasWindow={found.hasWindow}
        timeZone={timeWindow.timeZone}
        missing={running.missing}
        onValue={(name, value) => change({ parameters: { ...tab.parameters, [name]: value } })}
        onType={(def) => change({ parameterDefs: [...tab.parameterDefs.filter(({ name }) => name !== def.name), def] })}
      />
      {connection?.state === 'needs_reauth' && (
        <Note tone="wait" className="mx-3.5 mb-2.5">
          <span>
            {`${connection.name} needs a new sign-in. What you start waits until somebody has signed in. `}
            <Go to="/connections" search={{ sel: connection.id }} className="font-medium underline">
              Reconnect
            </Go>
          </span>
        </Note>
      )}
      {isPhone ? (
        <PlainText sql={tab.sql} />
      ) : (
        <div
          className="relative min-h-[80px] flex-none border-t border-line"
          style={hasRun ? { height: editorHeight.size, maxHeight: '70%' } : { flex: 1 }}
        >
          <Suspense fallback={<SkeletonLines lines={10} label="Loading the editor" />}>
            <QueryEditor
              tab={tab}
              engine={engine}
              place={place}
              schema={known.objects}
              parameters={found.defs}
              marks={marks}
              onHandle={onHandle}
              onValue={(sql) => change({ sql })}
              onCursor={(at) => {
                running.setCursor(at);
                change({ cursor: at });
              }}
              onRun={runNow}
              onCancel={shown.isAlive ? cancel : null}
              onKeepSnippet={onKeepSnippet}
            />
          </Suspense>
        </div>
      )}
      {hasRun && (
        <>
          {!isPhone && <Splitter measure={editorHeight} label="Height of the editor" pane="above" />}
          <Suspense fallback={<SkeletonLines lines={6} label="Loading the run" />}>
            <RunArea
              key={tab.runId ?? 'dry'}
              run={shown.run}
              runId={tab.runId}
              error={shown.error}
              isForeign={shown.isForeign}
              told={shown.told}
              dryRun={dryRun?.answer ?? null}
              onCloseDryRun={running.closeDryRun}
              pane={view.pane}
              onPane={(pane) => setView({ pane })}
              onAgain={runNow}
              onRetry={shown.retry}
              onPlace={goTo}
            />
          </Suspense>
        </>
      )}
    </div>
  );
}

/** What the service has to say of the text, where it stands in the text now. */
function marksOf(sql: string, run: ShownRun['run'], dryRun: DryRunShown | null): EditorMark[] {
  const ran = dryRun?.sql ?? run?.sql;
  if (ran === undefined) return [];
  const { failure = null, remarks = [] } = dryRun ? { remarks: dryRun.answer.remarks } : (run ?? {});
  const all = failure
    ? [...remarks, { severity: 'error' as const, message: failure.message, position: failure.position }]
    : remarks;
  return all.flatMap(({ severity, message, position }) => {
    const at = position && placeIn(sql, ran, position);
    return at ? [{ severity, message, ...at }] : [];
  });
}
