import { useQueryClient } from '@tanstack/react-query';
import { FileUp, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { type AssetImport, type AssetImportRow, importActs } from '#contracts/assets/imports.ts';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note, Tag } from '../ui/card.tsx';
import { Checkbox, Segmented } from '../ui/choice.tsx';
import { type DataColumn, DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, FormFailure } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';
import { actWords, ImportsView, importLooks, sendFile, useImport, useImportRows, useImports } from './imports.ts';

/** Assets from files: what a file would do, line by line, then doing it, and taking it back. */
export function ImportsPage() {
  const [view, setView] = useUrlState(ImportsView);
  const client = useQueryClient();
  const offline = useOffline();
  const refusal = useRefusal();
  const manage = offline ?? refusal('assets:manage');
  const imports = useImports();
  const input = useRef<HTMLInputElement>(null);
  const [matchBy, setMatch] = useState<'key' | 'name'>('key');
  const [allOrNothing, setWhole] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const rows = imports.data?.pages.flatMap(({ data }) => data) ?? [];
  const read = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setFailure(null);
    try {
      const id = await sendFile(file, { matchBy, allOrNothing });
      await client.invalidateQueries({ queryKey: ['asset-imports'] });
      setView({ sel: id, act: '' });
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
      if (input.current) input.current.value = '';
    }
  };
  return (
    <Page
      title="Asset imports"
      testId="assets.imports"
      panes
      crumbs={[
        <Go key="assets" to="/assets" className="hover:underline">
          Assets
        </Go>,
      ]}
      action={
        <>
          <input
            ref={input}
            type="file"
            accept=".csv,.json,.tsv,text/csv,application/json"
            aria-label="File of assets"
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => void read(event.target.files?.[0])}
          />
          <Button look="primary" icon={Upload} busy={busy} refusal={manage} onClick={() => input.current?.click()}>
            Choose a file
          </Button>
        </>
      }
      head={
        <div className="flex flex-none flex-wrap items-end gap-x-5 gap-y-2 px-5 pb-3 max-sm:px-4">
          <Field label="A line finds its asset by" className="w-44">
            {(slot) => (
              <Select
                id={slot.id}
                value={matchBy}
                onValue={(value) => setMatch(value === 'name' ? 'name' : 'key')}
                options={[
                  { value: 'key', label: 'Key' },
                  { value: 'name', label: 'Name' },
                ]}
              />
            )}
          </Field>
          <span className="pb-1.5">
            <Checkbox label="All or nothing" checked={allOrNothing} onChecked={setWhole} />
          </span>
          <p className="pb-1.5 text-meta text-text-3">
            CSV or JSON as the export writes them. A column that is missing stays as it is, an empty field empties it.
          </p>
          <FormFailure failure={failure} />
        </div>
      }
    >
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        <div className="flex w-[320px] min-w-0 flex-none flex-col overflow-auto border-r border-line max-md:h-2/5 max-md:w-full max-md:border-r-0 max-md:border-b">
          <Answer
            of={imports}
            what="The imports"
            waiting={<SkeletonRows rows={6} height={52} />}
            isEmpty={() => rows.length === 0}
            empty={
              <EmptyState icon={FileUp} title="No import yet">
                A file is read first: nothing changes before you have seen what it does.
              </EmptyState>
            }
          >
            {() => (
              <ul aria-label="Imports">
                {rows.map((one) => (
                  <li key={one.id} className="border-b border-line">
                    <button
                      type="button"
                      aria-current={one.id === view.sel ? 'true' : undefined}
                      onClick={() => setView({ sel: one.id, act: '' })}
                      className="flex w-full items-start gap-2.5 px-5 py-2 text-left hover:bg-sunken aria-[current=true]:bg-accent-soft"
                    >
                      <span className="mt-0.5">
                        <StatusGlyph status={importLooks[one.status].status} />
                      </span>
                      <span className="min-w-0 flex-1">
                        <span className="block truncate font-medium">
                          <bdi>{one.fileName}</bdi>
                        </span>
                        <span className="num block truncate text-meta text-text-2">
                          {`${importLooks[one.status].word} · ${one.counts.rows.toLocaleString('en-GB')} lines`}
                        </span>
                      </span>
                      <RelativeTime at={one.createdAt} className="text-meta text-text-3" />
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </Answer>
        </div>
        {view.sel ? (
          <ImportDetail
            key={view.sel}
            id={view.sel}
            act={view.act}
            refusal={manage}
            onAct={(act) => setView({ act })}
          />
        ) : (
          <p className="m-auto px-5 text-meta text-text-3">Choose an import to see its lines.</p>
        )}
      </div>
    </Page>
  );
}

interface ImportDetailProps {
  id: string;
  act: ImportsView['act'];
  refusal: string | null;
  onAct: (act: ImportsView['act']) => void;
}

/** One import: how it stands, what can be done with it, and its lines. */
function ImportDetail({ id, act, refusal, onAct }: ImportDetailProps) {
  const client = useQueryClient();
  const found = useImport(id);
  const lines = useImportRows(id, act, found.data?.status);
  const [busy, setBusy] = useState('');
  const rows = lines.data?.pages.flatMap(({ data }) => data) ?? [];
  const start = async (what: 'apply' | 'undo') => {
    setBusy(what);
    try {
      await (what === 'apply' ? api.applyAssetImport({ params: { id } }) : api.undoAssetImport({ params: { id } }));
      await client.invalidateQueries({ queryKey: ['asset-imports'] });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col" data-testid="assets.import">
      <Answer of={found} what="The import">
        {(one) => (
          <>
            <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
              <span className="inline-flex items-center gap-2 font-medium" role="status">
                <StatusGlyph status={importLooks[one.status].status} />
                {importLooks[one.status].word}
              </span>
              <Summary of={one} />
              <span className="ml-auto flex gap-2">
                {one.status === 'ready' && (
                  <Button
                    look="primary"
                    busy={busy === 'apply'}
                    refusal={
                      refusal ??
                      (one.allOrNothing && one.counts.refuse > 0
                        ? 'All or nothing was asked for, and some lines are wrong.'
                        : one.counts.create + one.counts.update === 0
                          ? 'Nothing would change.'
                          : null)
                    }
                    onClick={() => void start('apply')}
                  >
                    {importWords(one.counts.create + one.counts.update - one.counts.applied)}
                  </Button>
                )}
                {(one.status === 'applied' || (one.status === 'ready' && one.counts.applied > 0)) && (
                  <Button busy={busy === 'undo'} refusal={refusal} onClick={() => void start('undo')}>
                    Take the import back
                  </Button>
                )}
              </span>
            </header>
            {one.failure && (
              <div className="px-5 pb-3">
                <Note tone="fail">
                  <span>
                    {one.failure.message} <span className="font-mono text-[11.5px]">{one.failure.code}</span>
                  </span>
                </Note>
              </div>
            )}
            <div className="px-5 pb-3">
              <Segmented
                label="Which lines"
                value={act}
                onValue={onAct}
                options={[
                  { value: '' as const, label: 'All' },
                  ...importActs.map((value) => ({
                    value,
                    label: `${actWords[value]} ${one.counts[value].toLocaleString('en-GB')}`,
                  })),
                ]}
              />
            </div>
            {rows.length > 0 && (
              <DataTable<AssetImportRow>
                label="Lines of the import"
                rows={rows}
                columns={columns}
                rowId={({ line }) => String(line)}
                nameOf={({ name }) => name}
                rowHeight={37}
                onMore={() => void (lines.hasNextPage && !lines.isFetching && lines.fetchNextPage())}
              />
            )}
          </>
        )}
      </Answer>
    </div>
  );
}

function Summary({ of: { counts, readRunId, applyRunId, undoRunId } }: { of: AssetImport }) {
  const runId = undoRunId ?? applyRunId ?? readRunId;
  return (
    <span className="num text-text-2">
      {counts.applied > 0 && `${counts.applied.toLocaleString('en-GB')} imported`}
      {counts.undone > 0 && `${counts.undone.toLocaleString('en-GB')} taken back`}
      {counts.kept > 0 && `, ${counts.kept} changed since and kept`}{' '}
      {runId && (
        <Go to={`/runs/${runId}`} className="text-accent hover:underline">
          Run
        </Go>
      )}
    </span>
  );
}

const importWords = (count: number): string =>
  `Import ${count.toLocaleString('en-GB')} ${count === 1 ? 'asset' : 'assets'}`;

const text = (value: unknown): string =>
  value === null || value === undefined || value === ''
    ? 'none'
    : Array.isArray(value)
      ? value
          .map((item) => (item !== null && typeof item === 'object' ? Object.values(item).join(' ') : String(item)))
          .join(', ')
      : String(value);

const tones = { create: 'ok', update: 'run', unchanged: 'plain', refuse: 'fail' } as const;
const columns: ReadonlyArray<DataColumn<AssetImportRow>> = [
  { id: 'line', head: 'Line', width: 64, align: 'right', cell: ({ line }) => line },
  {
    id: 'act',
    head: 'What',
    width: 96,
    cell: ({ act, state }) => (
      <Tag tone={state === 'refused' ? 'fail' : tones[act]}>{state === 'refused' ? 'Refused' : actWords[act]}</Tag>
    ),
  },
  {
    id: 'name',
    head: 'Asset',
    width: 170,
    cell: ({ name, key }) => (
      <bdi className="truncate font-medium" title={key}>
        {name || key}
      </bdi>
    ),
  },
  {
    id: 'changes',
    head: 'What changes',
    width: 260,
    grow: true,
    hideBelow: 'sm',
    cell: ({ changes, errors, act }) => {
      const said =
        errors.length > 0
          ? errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(' ')
          : changes
              .map(({ field, before, after }) =>
                act === 'create' ? `${field} ${text(after)}` : `${field}: ${text(before)} → ${text(after)}`,
              )
              .join('; ');
      return (
        <span className={errors.length > 0 ? 'truncate text-fail-fg' : 'truncate text-text-2'} title={said}>
          {said || '–'}
        </span>
      );
    },
  },
];
