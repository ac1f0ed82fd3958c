import { useQueryClient } from '@tanstack/react-query';
import { Activity, Gauge, Tag as TagIcon, User, X } from 'lucide-react';
import { useState } from 'react';
import { type BulkActs, type BulkOutcome, mostInBulk } from '#contracts/assets/change-many.ts';
import { assetStates, criticalities } from '#contracts/assets/lifecycle.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Combobox, WordsInput } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Menu, MenuItem, Popover } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { criticalityWords, ownerChoice, stateLooks, useAssetTags, usePeople } from './assets.ts';

interface AssetBulkBarProps {
  ids: readonly string[];
  nameOf: (id: string) => string | undefined;
  /** How many the filter shows in all; undefined while it is not counted. */
  matching: number | undefined;
  onSelectAll: () => Promise<void>;
  onClear: () => void;
}

const figure = (count: number) => count.toLocaleString('en-GB');
const assets = (count: number) => `${figure(count)} ${count === 1 ? 'asset' : 'assets'}`;

/** The same change of many in portions, all under one batch; what is refused for one stops none of the others. */
async function changeAll(ids: readonly string[], acts: BulkActs, dryRun: boolean): Promise<BulkOutcome> {
  const all: BulkOutcome = { changed: [], failed: [], batchId: null };
  for (let from = 0; from < ids.length; from += mostInBulk) {
    const some = ids.slice(from, from + mostInBulk);
    try {
      const { changed, failed, batchId } = await api.changeAssets({
        body: { ...acts, ids: some, dryRun, ...(all.batchId !== null && { batchId: all.batchId }) },
      });
      all.changed.push(...changed);
      all.failed.push(...failed);
      all.batchId ??= batchId;
    } catch (error) {
      const { code, message } = asFailure(error);
      all.failed.push(...some.map((id) => ({ id, name: null, error: code, message })));
    }
  }
  return all;
}

/** Rises when assets are selected: tags, owner, state and criticality of all of them, shown before they are changed. */
export function AssetBulkBar({ ids, nameOf, matching, onSelectAll, onClear }: AssetBulkBarProps) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const manage = offline ?? refusal('assets:manage');
  const [tags, setTags] = useState<string[]>([]);
  const [planned, setPlanned] = useState<{ acts: BulkActs; words: string; preview: BulkOutcome } | null>(null);
  const [busy, setBusy] = useState(false);
  const people = usePeople();
  const known = useAssetTags();
  const reload = () => {
    void client.invalidateQueries({ queryKey: ['assets'] });
    void client.invalidateQueries({ queryKey: ['asset'] });
  };
  const plan = async (acts: BulkActs, words: string) => {
    setBusy(true);
    setPlanned({ acts, words, preview: await changeAll(ids, acts, true) });
    setBusy(false);
  };
  const undo = async (batchId: string) => {
    try {
      const { undone, kept } = await api.undoAssetBatch({ params: { id: batchId } });
      reload();
      if (kept.length > 0) toast.error(`${assets(undone)} taken back; ${kept.length} were changed since and stay.`);
      else toast.note(`${assets(undone)} taken back`);
    } catch (error) {
      toast.failure(error);
    }
  };
  const apply = async () => {
    if (!planned) return;
    setBusy(true);
    const { changed, failed, batchId } = await changeAll(ids, planned.acts, false);
    setBusy(false);
    setPlanned(null);
    reload();
    toast.done(`${assets(changed.length)}: ${planned.words}`, {
      ...(batchId !== null && { undo: () => void undo(batchId) }),
    });
    if (failed.length > 0) toast.error(`${assets(failed.length)} could not be changed: ${failed[0]?.message ?? ''}`);
  };
  const owners = [
    { value: '', label: 'Nobody' },
    ...(people.data?.data ?? []).map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
    ...(known.data?.teams ?? []).map(({ name }) => ({ value: `team:${name}`, label: name, hint: 'team' })),
  ];
  return (
    <>
      <div
        role="toolbar"
        aria-label="Selected assets"
        data-testid="assets.bulk"
        className="absolute inset-x-2 bottom-4 z-(--wl-z-sticky) mx-auto flex min-h-[42px] w-fit flex-wrap items-center gap-1 rounded-xl border border-line-strong bg-raised py-1 pr-2 pl-3.5 whitespace-nowrap shadow-2"
      >
        <span className="num mr-1 font-medium">{`${figure(ids.length)} selected`}</span>
        {matching !== undefined && matching > ids.length && (
          <Button look="ghost" className="text-accent!" onClick={() => void onSelectAll().catch(toast.failure)}>
            {`Select all ${figure(matching)}`}
          </Button>
        )}
        <Popover
          label="Tags"
          className="w-72"
          trigger={
            <Button look="ghost" icon={TagIcon} refusal={manage}>
              Tag
            </Button>
          }
        >
          <WordsInput words={tags} onWords={setTags} placeholder="prod, eu" />
          <div className="mt-2.5 flex gap-2">
            <Button
              size="sm"
              look="primary"
              disabled={tags.length === 0}
              onClick={() => void plan({ addTags: tags }, `tagged ${tags.join(', ')}`)}
            >
              Add tags
            </Button>
            <Button
              size="sm"
              disabled={tags.length === 0}
              onClick={() => void plan({ removeTags: tags }, `without ${tags.join(', ')}`)}
            >
              Remove tags
            </Button>
          </div>
        </Popover>
        <Popover
          label="Owner"
          className="w-72"
          trigger={
            <Button look="ghost" icon={User} refusal={manage}>
              Owner
            </Button>
          }
        >
          <Combobox
            label="Owner"
            value=""
            placeholder="Choose who answers for them"
            options={owners}
            onValue={(value) =>
              void plan(
                { owner: ownerChoice(value) },
                `owned by ${owners.find((owner) => owner.value === value)?.label.toLowerCase() ?? ''}`,
              )
            }
          />
        </Popover>
        <Menu
          label="State"
          trigger={
            <Button look="ghost" icon={Activity} refusal={manage}>
              State
            </Button>
          }
        >
          {assetStates.map((state) => (
            <MenuItem key={state} onSelect={() => void plan({ state }, stateLooks[state].word.toLowerCase())}>
              {stateLooks[state].word}
            </MenuItem>
          ))}
        </Menu>
        <Menu
          label="Criticality"
          trigger={
            <Button look="ghost" icon={Gauge} refusal={manage} className="max-sm:hidden">
              Criticality
            </Button>
          }
        >
          {criticalities.map((criticality) => (
            <MenuItem
              key={criticality}
              onSelect={() => void plan({ criticality }, criticalityWords[criticality].toLowerCase())}
            >
              {criticalityWords[criticality]}
            </MenuItem>
          ))}
        </Menu>
        <IconButton icon={X} label="Select none" onClick={onClear} />
      </div>
      {planned && (
        <Dialog
          isOpen
          onClose={() => setPlanned(null)}
          width={560}
          title={`Change ${assets(planned.preview.changed.length)}`}
          description={`${planned.words}. ${ids.length - planned.preview.changed.length - planned.preview.failed.length} are so already.`}
          foot={
            <>
              <Button onClick={() => setPlanned(null)}>Cancel</Button>
              <Button
                look="primary"
                busy={busy}
                disabled={planned.preview.changed.length === 0}
                onClick={() => void apply()}
              >
                {`Change ${assets(planned.preview.changed.length)}`}
              </Button>
            </>
          }
        >
          <ul className="max-h-80 overflow-auto text-meta" aria-label="What would change" tabIndex={0}>
            {planned.preview.failed.slice(0, 50).map(({ id, name, message }) => (
              <li key={id} className="flex gap-3 py-1">
                <bdi className="w-44 flex-none truncate font-medium">{name ?? nameOf(id) ?? id}</bdi>
                <span className="min-w-0 text-fail-fg">{message}</span>
              </li>
            ))}
            {planned.preview.changed.slice(0, 200).map(({ id, name, changes }) => (
              <li key={id} className="flex gap-3 py-1">
                <bdi className="w-44 flex-none truncate font-medium">{name}</bdi>
                <span className="min-w-0 break-words text-text-2">
                  {changes
                    .filter(({ field }) => field !== 'ownerId' && field !== 'ownerTeam')
                    .map(({ before, after }) => `${words(before)} → ${words(after)}`)
                    .join('; ') || planned.words}
                </span>
              </li>
            ))}
          </ul>
          {planned.preview.changed.length > 200 && (
            <p className="mt-2 text-meta text-text-3">The first 200 are shown.</p>
          )}
        </Dialog>
      )}
    </>
  );
}

const words = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') || 'none' : value === null ? 'none' : String(value);
