import { useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { Asset } from '#contracts/assets/assets.ts';
import { type AssetRelation, relationKinds, type RelationKind, relationWords } from '#contracts/assets/relations.ts';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Field, FormFailure } from '../ui/form.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { CriticalityMark } from './asset-looks.tsx';
import { useFoundAssets, useRelations } from './assets.ts';

const Neighbourhood = lazy(() => import('./neighbourhood.tsx').then((module) => ({ default: module.Neighbourhood })));

interface AssetRelationsProps {
  asset: Asset;
  isAdding: boolean;
  refusal: string | null;
  onAdd: (isOpen: boolean) => void;
  onOpen: (id: string) => void;
}

/** How an asset stands to others: drawn, and as sentences that can be taken back. */
export function AssetRelations({ asset, isAdding, refusal, onAdd, onOpen }: AssetRelationsProps) {
  const client = useQueryClient();
  const relations = useRelations(asset.id);
  const reload = () => void client.invalidateQueries({ queryKey: ['asset'] });
  const remove = async ({ id, kind, from, to }: AssetRelation) => {
    try {
      await api.deleteRelation({ params: { id } });
      reload();
      toast.done('The relation is taken back', {
        undo: () =>
          void api
            .relateAssets({ body: { kind, fromId: from.id, toId: to.id } })
            .then(reload)
            .catch(toast.failure),
      });
    } catch (error) {
      toast.failure(error);
    }
  };
  return (
    <>
      <Answer of={relations} what="The relations" waiting={<SkeletonLines />}>
        {({ data, isCapped }) => (
          <>
            {data.length > 0 && (
              <Suspense fallback={<div className="h-56" />}>
                <Neighbourhood asset={asset} relations={data} onOpen={onOpen} />
              </Suspense>
            )}
            <ul aria-label={`Relations of ${asset.name}`} className="mt-1">
              {data.map((relation) => {
                const isFrom = relation.from.id === asset.id;
                const other = isFrom ? relation.to : relation.from;
                return (
                  <li key={relation.id} className="flex items-center gap-2 py-1 max-sm:min-h-11">
                    <span className="w-28 flex-none text-meta text-text-2">
                      {relationWords[relation.kind][isFrom ? 'from' : 'to']}
                    </span>
                    <button
                      type="button"
                      className="min-w-0 flex-1 truncate text-left font-medium hover:underline"
                      title={other.name}
                      onClick={() => onOpen(other.id)}
                    >
                      <bdi>{other.name}</bdi>
                    </button>
                    <span className="text-meta">
                      <CriticalityMark criticality={other.criticality} />
                    </span>
                    <IconButton
                      size="sm"
                      icon={X}
                      label={`Take back: ${relationWords[relation.kind][isFrom ? 'from' : 'to']} ${other.name}`}
                      refusal={refusal}
                      onClick={() => void remove(relation)}
                    />
                  </li>
                );
              })}
            </ul>
            {isCapped && <p className="mt-2 text-meta text-text-3">There are more; these are the first 500.</p>}
            {data.length === 0 && <p className="text-meta text-text-3">It stands alone so far.</p>}
          </>
        )}
      </Answer>
      {isAdding ? (
        <NewRelation asset={asset} onClose={() => onAdd(false)} onDone={reload} />
      ) : (
        <Button size="sm" icon={Plus} className="mt-3" refusal={refusal} onClick={() => onAdd(true)}>
          Add relation
        </Button>
      )}
    </>
  );
}

/** Both readings of every kind but for owning: `depends_on from`, `depends_on to`. */
const readings = relationKinds.flatMap((kind) => [
  { value: `${kind} from`, label: relationWords[kind].from },
  { value: `${kind} to`, label: relationWords[kind].to },
]);

function NewRelation({ asset, onClose, onDone }: { asset: Asset; onClose: () => void; onDone: () => void }) {
  const [reading, setReading] = useState('depends_on from');
  const [otherId, setOther] = useState('');
  const [sought, setSought] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const others = useFoundAssets(sought);
  const save = async () => {
    const [kind, end] = reading.split(' ') as [RelationKind, 'from' | 'to'];
    setBusy(true);
    try {
      const [fromId, toId] = end === 'from' ? [asset.id, otherId] : [otherId, asset.id];
      await api.relateAssets({ body: { kind, fromId, toId } });
      onDone();
      onClose();
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
  return (
    <form
      className="mt-3 grid grid-cols-[1fr_1.4fr] gap-3 rounded-lg border border-line p-3 max-sm:grid-cols-1"
      aria-label="New relation"
      onSubmit={(event) => {
        event.preventDefault();
        if (otherId) void save();
      }}
    >
      <Field label={asset.name}>
        {(slot) => <Select id={slot.id} value={reading} onValue={setReading} options={readings} />}
      </Field>
      <Field label="Other asset">
        {(slot) => (
          <Combobox
            id={slot.id}
            value={otherId}
            onValue={setOther}
            onSearch={setSought}
            options={(others.data?.data ?? [])
              .filter(({ id }) => id !== asset.id)
              .map(({ id, name, key }) => ({ value: id, label: name, hint: key }))}
          />
        )}
      </Field>
      <div className="col-span-full flex gap-2">
        <Button size="sm" look="primary" type="submit" busy={busy} disabled={otherId === ''}>
          Relate
        </Button>
        <Button size="sm" onClick={onClose}>
          Cancel
        </Button>
      </div>
      <div className="col-span-full empty:hidden">
        <FormFailure failure={failure} />
      </div>
    </form>
  );
}
