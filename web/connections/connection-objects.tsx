import { useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCw, Table2, Eye, Folder, Database, Building2, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { Connection, KnownObject, SchemaState } from '#contracts/connections/connections.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { SearchInput } from '../ui/input.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { kindWords, useUnits, type ConnectionsView } from './connections.ts';
import { FailureNote } from './failure-note.tsx';

const icons: Readonly<Record<KnownObject['kind'], LucideIcon>> = {
  unit: Building2,
  folder: Folder,
  schema: Database,
  table: Table2,
  view: Eye,
  source: Table2,
};
const kindCounts: Readonly<Record<KnownObject['kind'], readonly [one: string, many: string]>> = {
  unit: ['unit', 'units'],
  folder: ['folder', 'folders'],
  schema: ['schema', 'schemas'],
  table: ['table', 'tables'],
  view: ['view', 'views'],
  source: ['data source', 'data sources'],
};
const shownAtOnce = 200;

/** "12 tables, 18 views", the most frequent first. */
export function countsOf(objects: readonly Pick<KnownObject, 'kind'>[]): string {
  const counts = new Map<KnownObject['kind'], number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} ${kindCounts[kind][count === 1 ? 0 : 1]}`)
    .join(', ');
}

interface ConnectionObjectsProps {
  connection: Connection;
  view: ConnectionsView;
  onView: (changes: Partial<ConnectionsView>, how?: 'push' | 'replace') => void;
}

/** What can be queried in one unit: how many, when it was read last, and what there is by name. */
export function ConnectionObjects({ connection, view, onView }: ConnectionObjectsProps) {
  const { id, kind } = connection;
  const hasUnits = kind !== 'postgres';
  const units = useUnits(id, hasUnits);
  const usable = units.data?.data.filter(({ isUsable }) => isUsable) ?? [];
  const unit = view.unit || (usable.find(({ isDefault }) => isDefault) ?? usable[0])?.id || '';
  const q = view.find.trim();
  const objects = useQuery({
    queryKey: ['connections', id, 'objects', unit, q],
    queryFn: ({ signal }) =>
      api.listConnectionObjects({
        params: { id },
        query: { unit: unit || undefined, q: q || undefined, limit: 1_000 },
        signal,
      }),
    enabled: !hasUnits || unit !== '',
    placeholderData: (before) => before,
  });
  if (hasUnits && units.data && usable.length === 0)
    return <p className="text-meta text-text-2">No {kindWords[kind].unit} can be queried with this sign-in.</p>;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        {hasUnits && (
          <Select
            className="w-auto min-w-[180px] max-sm:w-full"
            label={kindWords[kind].unit}
            value={unit}
            onValue={(next) => onView({ unit: next })}
            options={usable.map(({ id: value, name }) => ({ value, label: name }))}
          />
        )}
        <SearchInput
          className="min-w-[160px] flex-1"
          label="Search objects"
          placeholder="Name or description"
          value={view.find}
          onValue={(find) => onView({ find }, 'replace')}
        />
      </div>
      <Answer of={objects} what="The objects" waiting={<SkeletonLines lines={8} />}>
        {({ data, schema, pagination }) => (
          <>
            <SchemaLine connection={connection} unit={unit} schema={schema} />
            {schema.failure && <FailureNote failure={schema.failure} />}
            {schema.cut && <Note tone="wait">{schema.cut}</Note>}
            {data.length === 0 ? (
              <p className="py-3 text-meta text-text-2">
                {q ? 'Nothing has these words in its name or description.' : 'Nothing to query was found here.'}
              </p>
            ) : (
              <>
                <p className="num text-meta text-text-2">
                  {countsOf(data)}
                  {pagination.nextCursor !== null && ' and more'}
                  {q && ` with “${q}”`}
                </p>
                <ul>
                  {data.slice(0, shownAtOnce).map((object) => (
                    <ObjectRow key={object.id} object={object} />
                  ))}
                </ul>
                {data.length > shownAtOnce && (
                  <p className="text-meta text-text-3">The first {shownAtOnce} of them. Search to find the others.</p>
                )}
              </>
            )}
          </>
        )}
      </Answer>
    </div>
  );
}

function ObjectRow({ object }: { object: KnownObject }) {
  const { name, sqlName, kind, description, rowCount } = object;
  return (
    <li className="flex min-h-9 items-center gap-2.5 border-b border-line py-1 last:border-b-0">
      <Icon of={icons[kind]} size={14} className="text-text-3" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-mono text-[12px]" title={sqlName ?? name}>
          <bdi>{sqlName ?? name}</bdi>
        </span>
        {description && (
          <span className="block truncate text-meta text-text-3" title={description}>
            {description}
          </span>
        )}
      </span>
      {rowCount !== null && (
        <span className="num text-meta text-text-3" title={`${rowCount.toLocaleString('en')} rows`}>
          {new Intl.NumberFormat('en', { notation: 'compact' }).format(rowCount)} rows
        </span>
      )}
    </li>
  );
}

/** When the description was read, and reading it again: what changed is told when the answer has come. */
function SchemaLine({ connection, unit, schema }: { connection: Connection; unit: string; schema: SchemaState }) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const [before, setBefore] = useState<number | null>(null);
  const [isAsking, setAsking] = useState(false);
  const again = async () => {
    setAsking(true);
    setBefore(schema.objects);
    try {
      await api.readConnectionSchema({ params: { id: connection.id }, query: { unit: unit || undefined } });
      await client.invalidateQueries({ queryKey: ['connections', connection.id, 'objects'] });
    } catch (error) {
      setBefore(null);
      toast.failure(error);
    } finally {
      setAsking(false);
    }
  };
  const change = before === null || schema.isReading ? null : schema.objects - before;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-sunken px-3 py-2 text-meta">
      <span className="num min-w-0 flex-1">
        {schema.objects.toLocaleString('en')} {schema.objects === 1 ? 'object' : 'objects'}
        {schema.readAt && (
          <span className="text-text-2">
            , read <RelativeTime at={schema.readAt} />
          </span>
        )}
        {change !== null && (
          <span className="text-text-2">
            {change === 0
              ? ': as many as before'
              : `: ${Math.abs(change)} ${change > 0 ? 'more' : 'fewer'} than before`}
          </span>
        )}
      </span>
      <Button
        size="sm"
        icon={RotateCw}
        busy={isAsking || schema.isReading}
        refusal={offline ?? refusal('connections:use')}
        onClick={() => void again()}
      >
        Read again
      </Button>
    </div>
  );
}
