import { useCallback, useRef, useState } from 'react';
import type { Connection, ConnectionUnit } from '#contracts/connections/connections.ts';
import type { DryRun, StartQueryRun } from '#contracts/queries/query-runs.ts';
import { api } from '../kit/api.ts';
import { useZone } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { findParameters, givenFor, missingIn } from './bar/parameter-fields.ts';
import { defaultWindow } from './bar/time-windows.ts';
import { toRun } from './editor/statement.ts';
import { isStartedHere, letGo } from './run/use-query-run.ts';
import type { OpenTab, TabChange } from './tabs/open-tab.ts';
import type { TabStore } from './tabs/tab-store.ts';

export interface DryRunShown {
  answer: DryRun;
  /** The text that was asked about. */
  sql: string;
  tabId: string;
}

interface RunningOptions {
  tab: OpenTab | undefined;
  store: TabStore;
  connection: Connection | undefined;
  unit: ConnectionUnit | undefined;
  /** The text of the saved query, where the tab is of one. */
  savedSql: string | null;
}

/** Starts runs and dry runs of what is selected, of the statement at the cursor, or of the whole text. */
export function useRunning({ tab, store, connection, unit, savedSql }: RunningOptions) {
  const zone = useZone();
  const [busy, setBusy] = useState<'run' | 'dry' | null>(null);
  const [missing, setMissing] = useState<string | null>(null);
  const [dryRun, setDryRun] = useState<DryRunShown | null>(null);
  const cursor = useRef<{ from: number; to: number } | null>(null);
  const setCursor = useCallback((at: { from: number; to: number }) => {
    cursor.current = at;
  }, []);

  const prepare = useCallback((): StartQueryRun | null => {
    if (!tab || !connection) return null;
    const part = toRun(connection.kind, tab.sql, cursor.current ?? tab.cursor);
    if (!part) {
      toast.note('There is nothing to run yet.');
      return null;
    }
    const { defs, hasWindow } = findParameters(connection.kind, part.text, tab.parameterDefs);
    const open = missingIn(defs, tab.parameters);
    setMissing(open?.name ?? null);
    if (open) {
      toast.note(`The parameter ${open.label ?? open.name} needs a value.`);
      return null;
    }
    return {
      connectionId: connection.id,
      ...(unit && { unit: unit.id }),
      sql: part.text,
      parameters: givenFor(defs, tab.parameters),
      parameterDefs: [...defs],
      ...((hasWindow || connection.kind === 'amc') && { timeWindow: tab.timeWindow ?? defaultWindow(zone) }),
      options: {},
      ...(tab.queryId && { queryId: tab.queryId }),
      ...(tab.queryId && tab.queryVersion && savedSql === part.text && { queryVersion: tab.queryVersion }),
      title: tab.title.trim().slice(0, 120) || 'Query',
    };
  }, [tab, connection, unit, zone, savedSql]);

  const run = useCallback(async () => {
    const body = prepare();
    if (!body || !tab || busy) return;
    setBusy('run');
    try {
      const { runId } = await api.startQueryRun({ body });
      isStartedHere(runId, connection?.kind ?? 'sfmc');
      if (tab.runId !== null) letGo(tab.runId);
      setDryRun(null);
      store.change(tab.id, { runId, unit: unit?.id ?? null });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(null);
    }
  }, [prepare, tab, busy, store, unit, connection]);

  /** Runs a text of its own beside what is open, and shows it in a tab. */
  const runApart = useCallback(
    async ({ sql, title }: { sql: string; title: string }, openTab: (given: TabChange) => unknown): Promise<void> => {
      if (!connection) return;
      const place = { connectionId: connection.id, unit: unit?.id ?? null };
      try {
        const body = { connectionId: connection.id, ...(unit && { unit: unit.id }), sql, title: title.slice(0, 120) };
        const { runId } = await api.startQueryRun({ body });
        isStartedHere(runId, connection.kind);
        openTab({ ...place, sql, title, runId });
      } catch (error) {
        toast.failure(error);
      }
    },
    [connection, unit],
  );

  const tryOut = useCallback(async () => {
    const body = prepare();
    if (!body || !tab || busy) return;
    setBusy('dry');
    try {
      setDryRun({ answer: await api.dryRunQuery({ body }), sql: body.sql, tabId: tab.id });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(null);
    }
  }, [prepare, tab, busy]);

  return {
    busy,
    missing,
    dryRun: dryRun?.tabId === tab?.id ? dryRun : null,
    closeDryRun: () => setDryRun(null),
    run,
    runApart,
    tryOut,
    setCursor,
  };
}
export type Running = ReturnType<typeof useRunning>;
