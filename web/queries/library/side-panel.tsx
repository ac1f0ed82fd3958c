import { lazy, Suspense } from 'react';
import type { KnownObject } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QueryTemplate } from '#contracts/queries/templates/template.ts';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import type { ConsoleView } from '../console-view.ts';
import { ObjectDocs, type OnSample } from '../objects/object-docs.tsx';
import type { Place } from '../objects/use-objects.ts';
import type { SnippetDraft } from '../snippets/use-snippets.ts';
import { HistoryPanel } from './history-panel.tsx';

const SavedPanel = lazy(() => import('./saved-panel.tsx').then(({ SavedPanel: of }) => ({ default: of })));
const SnippetPanel = lazy(() =>
  import('../snippets/snippet-panel.tsx').then(({ SnippetPanel: of }) => ({ default: of })),
);
const TemplateList = lazy(() => import('./template-list.tsx').then(({ TemplateList: of }) => ({ default: of })));

interface SidePanelProps {
  view: ConsoleView;
  onView: (change: Partial<ConsoleView>) => void;
  engine: EngineKind | null;
  connectionId: string | null;
  currentRun: string;
  currentQuery: string | null;
  place: Place | null;
  /** The object whose docs are shown. */
  object: KnownObject | undefined;
  onInsert: (text: string) => void;
  onSample: OnSample | undefined;
  onRun: (runId: string) => void;
  onSaved: (id: string) => void;
  onVersions: (id: string) => void;
  onFork: (id: string) => void;
  onTemplate: (template: QueryTemplate) => void;
  /** Puts in a snippet, as the editor takes it; null where nothing is written. */
  onSnippet: ((text: string) => void) | null;
  onEditSnippet: (draft: SnippetDraft) => void;
}

/** Beside the editor: what was run, what is saved, and what explains and begins a query. */
export function SidePanel(props: SidePanelProps) {
  const { view, onView, engine, connectionId, place, object } = props;
  return (
    <>
      <Tabs
        label="Beside the query"
        panelId="query-side"
        className="h-[42px] gap-4! px-3.5! max-sm:h-auto [&_[role=tab]]:h-[41px] max-sm:[&_[role=tab]]:h-11"
        value={view.side}
        onValue={(side) => onView({ side })}
        tabs={[
          { value: 'history', label: 'History' },
          { value: 'saved', label: 'Saved' },
          { value: 'snippets', label: 'Snippets' },
          { value: 'docs', label: 'Docs' },
        ]}
      />
      <div id="query-side" role="tabpanel" aria-label={view.side} className="flex min-h-0 flex-1 flex-col">
        <Suspense fallback={<SkeletonLines lines={8} />}>
          {view.side === 'history' && (
            <HistoryPanel connectionId={connectionId} current={props.currentRun} onOpen={props.onRun} />
          )}
          {view.side === 'saved' && (
            <SavedPanel
              current={props.currentQuery}
              onOpen={props.onSaved}
              onVersions={props.onVersions}
              onFork={props.onFork}
            />
          )}
          {view.side === 'snippets' && (
            <SnippetPanel engine={engine} onInsert={props.onSnippet} onEdit={props.onEditSnippet} />
          )}
          {view.side === 'docs' && (
            <div className="flex min-h-0 flex-1 flex-col">
              {place && object && (
                <div className="flex max-h-[55%] flex-none flex-col border-b border-line">
                  <ObjectDocs place={place} object={object} onInsert={props.onInsert} onSample={props.onSample} />
                </div>
              )}
              <TemplateList engine={engine} onOpen={props.onTemplate} />
            </div>
          )}
        </Suspense>
      </div>
    </>
  );
}
