import { useState } from 'react';
import type { AssetType } from '#contracts/assets/asset-types.ts';
import { assetStates, criticalities } from '#contracts/assets/lifecycle.ts';
import { Button } from '../ui/button.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { Input, SearchInput } from '../ui/input.tsx';
import { CriticalityMark, StateMark } from './asset-looks.tsx';
import {
  type AssetsView,
  criticalityWords,
  isFiltered,
  noFilters,
  stateLooks,
  useAssetTags,
  usePeople,
} from './assets.ts';

interface AssetFiltersProps {
  view: AssetsView;
  onView: (changes: Partial<AssetsView>, how?: 'push' | 'replace') => void;
  types: readonly AssetType[];
}

/** What narrows the assets, in the table and in the graph alike; all of it is in the address. */
export function AssetFilters({ view, onView, types }: AssetFiltersProps) {
  const tags = useAssetTags();
  const people = usePeople();
  const owners = [
    ...(people.data?.data ?? []).map(({ id, name }) => ({ value: id, word: name, label: <bdi>{name}</bdi> })),
    ...(tags.data?.teams ?? []).map(({ name, assets }) => ({
      value: `team:${name}`,
      word: name,
      label: (
        <>
          <bdi>{name}</bdi> <span className="num text-meta text-text-3">team, {assets}</span>
        </>
      ),
    })),
  ];
  const owner = view.owner || (view.team && `team:${view.team}`);
  return (
    <>
      <SearchInput
        className="w-[212px] max-sm:w-full"
        label="Search assets"
        placeholder="Name or key"
        value={view.q}
        onValue={(q) => onView({ q }, 'replace')}
      />
      <ChoiceFilter
        name="Type"
        values={view.type}
        onValues={(type) => onView({ type })}
        options={types.map(({ id, name, assets }) => ({
          value: id,
          word: name,
          label: (
            <>
              <bdi>{name}</bdi> <span className="num text-meta text-text-3">{assets}</span>
            </>
          ),
        }))}
      />
      <ChoiceFilter
        name="State"
        values={view.state}
        onValues={(state) => onView({ state: state as AssetsView['state'] })}
        options={assetStates.map((state) => ({
          value: state,
          word: stateLooks[state].word,
          label: <StateMark state={state} />,
        }))}
      />
      <ChoiceFilter
        name="Criticality"
        values={view.criticality}
        onValues={(criticality) => onView({ criticality: criticality as AssetsView['criticality'] })}
        options={criticalities.map((criticality) => ({
          value: criticality,
          word: criticalityWords[criticality],
          label: <CriticalityMark criticality={criticality} />,
        }))}
      />
      <ChoiceFilter
        name="Owner"
        values={owner ? [owner] : []}
        onValues={(values) => {
          const chosen = values.at(-1) ?? '';
          onView(chosen.startsWith('team:') ? { owner: '', team: chosen.slice(5) } : { owner: chosen, team: '' });
        }}
        options={owners}
      />
      <ChoiceFilter
        name="Tag"
        values={view.tag}
        onValues={(tag) => onView({ tag })}
        options={(tags.data?.tags ?? []).map(({ name, assets }) => ({
          value: name,
          word: name,
          label: (
            <>
              <bdi>{name}</bdi> <span className="num text-meta text-text-3">{assets}</span>
            </>
          ),
        }))}
      />
      <FilterChip name="Attribute" value={view.attribute || undefined} onClear={() => onView({ attribute: '' })}>
        <AttributeFilter value={view.attribute} onValue={(attribute) => onView({ attribute })} />
      </FilterChip>
      {isFiltered(view) && (
        <Button look="ghost" size="sm" onClick={() => onView(noFilters)}>
          Clear
        </Button>
      )}
    </>
  );
}

function AttributeFilter({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.indexOf('=') > 0) onValue(text.trim());
      }}
    >
      <Input
        mono
        aria-label="Attribute and value"
        placeholder="os.name=Debian"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={text.indexOf('=') <= 0}>
        Filter
      </Button>
    </form>
  );
}
