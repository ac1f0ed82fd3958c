import { lazy, Suspense } from 'react';
import { toast } from '../../ui/toast.tsx';
import { givenFor, type FoundParameters } from '../bar/parameter-fields.ts';
import type { SnippetDraft } from '../snippets/use-snippets.ts';
import { tabOfVersion, type Console } from '../use-console.ts';

const SaveDialog = lazy(async () => ({ default: (await import('./save-dialog.tsx')).SaveDialog }));
const ScheduleQueryDialog = lazy(async () => ({
  default: (await import('../../schedules/schedule-query-dialog.tsx')).ScheduleQueryDialog,
}));
const SnippetDialog = lazy(async () => ({ default: (await import('../snippets/snippet-dialog.tsx')).SnippetDialog }));
const VersionsDrawer = lazy(async () => ({ default: (await import('./versions-drawer.tsx')).VersionsDrawer }));

interface ConsoleDialogsProps {
  state: Console;
  found: FoundParameters;
  /** Which form is open. */
  open: 'save' | 'schedule' | null;
  onEnd: () => void;
  /** The saved query whose versions are looked at; empty: none. */
  versionsOf: string;
  onVersionsEnd: () => void;
  /** The snippet that is being written; null: none. */
  snippet: SnippetDraft | null;
  onSnippetEnd: () => void;
}

/** What opens over the console: saving a query or a part of it, and a query's versions. */
export function ConsoleDialogs(props: ConsoleDialogsProps) {
  const { state, found, open, onEnd, versionsOf, onVersionsEnd, snippet, onSnippetEnd } = props;
  const { tab, connection, saved, change } = state;
  return (
    <Suspense fallback={null}>
      {open === 'save' && tab && connection && (
        <SaveDialog
          saved={saved}
          version={tab.queryVersion}
          title={tab.title}
          body={{
            engine: connection.kind,
            sql: tab.sql,
            parameters: found.defs.map((def) => ({ ...def, default: tab.parameters[def.name] ?? def.default })),
            connectionId: tab.connectionId,
            unit: tab.unit,
            options: {},
          }}
          forkedFrom={saved ? undefined : (tab.forkedFrom ?? undefined)}
          onClose={onEnd}
          onSaved={(query) => {
            onEnd();
            change({ queryId: query.id, queryVersion: query.version, title: query.name, forkedFrom: null });
            toast.done(`Saved as version ${query.version}`);
          }}
        />
      )}
      {open === 'schedule' && tab && saved && (
        <ScheduleQueryDialog
          query={{ id: saved.id, name: saved.name }}
          given={{
            parameters: givenFor(found.defs, tab.parameters),
            timeWindow: tab.timeWindow,
            connectionId: tab.connectionId,
            unit: tab.unit,
          }}
          onClose={onEnd}
          onSaved={({ name }) => toast.done(`“${name}” is scheduled`)}
        />
      )}
      {snippet && <SnippetDialog draft={snippet} onClose={onSnippetEnd} />}
      {versionsOf !== '' && (
        <VersionsDrawer
          queryId={versionsOf}
          title={versionsOf === saved?.id ? saved.name : 'the query'}
          draft={tab?.queryId === versionsOf ? tab.sql : null}
          onClose={onVersionsEnd}
          onRestored={(query) => {
            if (tab?.queryId === query.id) change({ sql: query.body.sql, queryVersion: query.version });
            onVersionsEnd();
          }}
          onFork={(version) => {
            onVersionsEnd();
            state.openTab({
              ...tabOfVersion(`Fork of v${version.version}`, version),
              forkedFrom: { id: versionsOf, version: version.version },
            });
          }}
        />
      )}
    </Suspense>
  );
}
