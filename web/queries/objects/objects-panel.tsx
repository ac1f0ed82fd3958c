import { DatabaseZap, RefreshCw } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import type { KnownObject } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { asFailure } from '../../kit/failure.ts';
import { useRefusal } from '../../kit/session.ts';
import { IconButton } from '../../ui/button.tsx';
import { Note } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { SearchInput } from '../../ui/input.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';
import { ObjectDocs, type OnSample } from './object-docs.tsx';
import { ObjectTree } from './object-tree.tsx';
import { foundRows, treeOf, treeRows } from './tree-rows.ts';
import { useFound, useOpenColumns, useRefresh, type Objects, type Place } from './use-objects.ts';

interface ObjectsPanelProps {
  engine: EngineKind;
  place: Place;
  known: Objects;
  selected: string;
  onSelect: (id: string) => void;
  onInsert: (text: string) => void;
  onSample: OnSample | undefined;
}

/** What can be queried: folders, tables, columns; searched on the server by name and description; explained below. */
export function ObjectsPanel({ engine, place, known, selected, onSelect, onInsert, onSample }: ObjectsPanelProps) {
  const [q, setQ] = useState('');
  const search = useDeferredValue(q.trim());
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(['loose:table', 'loose:view', 'loose:source']));
  const { busy, refresh } = useRefresh(place);
  const refusal = useRefusal()('connections:use');
  const found = useFound(place, search);
  const tree = useMemo(() => treeOf(engine, known.objects), [engine, known.objects]);
  const leaves = useMemo(
    () =>
      [...open].filter(
        (id) => !id.startsWith('loose:') && known.objects.some((object) => object.id === id && object.hasColumns),
      ),
    [open, known.objects],
  );
  const columnsOf = useOpenColumns(place, leaves);
  const rows = search === '' ? treeRows(tree, open, columnsOf) : foundRows(found.data?.data ?? [], open, columnsOf);
  const object = [...known.objects, ...(found.data?.data ?? [])].find(({ id }) => id === selected);
  const toggle = (key: string) =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const { schema } = known;
  const isReading = busy || schema?.isReading === true;
  const body = () => {
    if (known.isPending && known.objects.length === 0) return <SkeletonLines lines={9} label="Loading the objects" />;
    if (known.error && known.objects.length === 0)
      return <ErrorState error={known.error} what="The objects" retry={known.refetch} />;
    if (search !== '' && found.error)
      return <ErrorState error={found.error} what="The search" retry={() => void found.refetch()} />;
    if (search !== '' && found.data?.data.length === 0)
      return <p className="px-3.5 py-3 text-meta text-text-2">{`Nothing is named or described by “${search}”.`}</p>;
    if (known.objects.length === 0)
      return (
        <EmptyState icon={DatabaseZap} title={isReading ? 'The objects are being read' : 'No objects'}>
          {schema?.failure
            ? `${schema.failure.message} ${schema.failure.hint}`
            : isReading
              ? 'The first time takes a moment.'
              : 'There is nothing here that can be queried.'}
        </EmptyState>
      );
    return (
      <ObjectTree
        rows={rows}
        selected={selected}
        onToggle={toggle}
        onSelect={(one: KnownObject) => onSelect(one.id)}
        onInsert={onInsert}
      />
    );
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-[42px] flex-none items-center gap-2 px-3.5">
        <h2 className="font-semibold">Objects</h2>
        {schema?.readAt && (
          <span className="truncate text-meta text-text-3">
            {'checked '}
            <RelativeTime at={schema.readAt} />
          </span>
        )}
        <IconButton
          icon={RefreshCw}
          label="Read the objects anew"
          size="sm"
          className="ml-auto"
          busy={isReading}
          refusal={refusal}
          onClick={() => void refresh().catch((error: unknown) => toast.failure(error))}
        />
      </div>
      <div className="flex-none px-3 pb-2">
        <SearchInput
          size2="sm"
          value={q}
          onValue={setQ}
          label="Search objects"
          placeholder="Table, column, description"
          end={null}
        />
      </div>
      {schema?.cut && <Note className="mx-3 mb-2">{schema.cut}</Note>}
      {schema?.failure && known.objects.length > 0 && (
        <Note tone="wait" className="mx-3 mb-2">
          {`Not read anew: ${schema.failure.message}`}
        </Note>
      )}
      {Boolean(known.error) && known.objects.length > 0 && (
        <Note tone="wait" className="mx-3 mb-2">
          {asFailure(known.error).message}
        </Note>
      )}
      {body()}
      {known.isLoadingMore && (
        <p role="status" className="num flex-none px-3.5 py-1.5 text-meta text-text-3">
          {`${known.objects.length.toLocaleString('en-GB')} names so far …`}
        </p>
      )}
      {object && (
        <div className="flex max-h-[38%] flex-none flex-col border-t border-line bg-sunken">
          <ObjectDocs
            place={place}
            object={object}
            onInsert={onInsert}
            onSample={onSample}
            onClose={() => onSelect('')}
          />
        </div>
      )}
    </div>
  );
}
