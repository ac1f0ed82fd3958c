import { hostKeyStates } from '#contracts/servers/host-key.ts';
import { Button } from '../ui/button.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { SearchInput } from '../ui/input.tsx';
import { Health } from './health.tsx';
import {
  healthChoices,
  healthLooks,
  noFilters,
  type ServersView,
  useCredentials,
  useServer,
  useTags,
} from './servers.ts';

const keyWords = { none: 'None yet', pinned: 'Pinned', mismatch: 'Changed' } as const;

interface ServerFiltersProps {
  view: ServersView;
  onView: (changes: Partial<ServersView>, how?: 'push' | 'replace') => void;
}
export const isFilteredBy = (view: ServersView): boolean =>
  view.q !== '' ||
  view.tag.length + view.health.length > 0 ||
  view.hostKey !== '' ||
  view.credential !== '' ||
  view.jump !== '';

/** What narrows the list of servers; all of it is in the address. */
export function ServerFilters({ view, onView }: ServerFiltersProps) {
  const tags = useTags();
  const credentials = useCredentials();
  const jump = useServer(view.jump);
  return (
    <>
      <SearchInput
        className="w-[212px] max-sm:w-full"
        label="Search servers"
        placeholder="Name, address, tag"
        value={view.q}
        onValue={(q) => onView({ q }, 'replace')}
      />
      <ChoiceFilter
        name="Tag"
        values={view.tag}
        onValues={(tag) => onView({ tag })}
        options={(tags.data?.data ?? []).map(({ tag, servers: many }) => ({
          value: tag,
          word: tag,
          label: (
            <>
              <bdi>{tag}</bdi> <span className="num text-meta text-text-3">{many}</span>
            </>
          ),
        }))}
      />
      <ChoiceFilter
        name="Health"
        values={view.health}
        onValues={(health) => onView({ health: health as ServersView['health'] })}
        options={healthChoices.map((health) => ({
          value: health,
          word: healthLooks[health].word,
          label: <Health health={health} />,
        }))}
      />
      <ChoiceFilter
        name="Host key"
        values={view.hostKey ? [view.hostKey] : []}
        onValues={(keys) => onView({ hostKey: (keys.at(-1) ?? '') as ServersView['hostKey'] })}
        options={hostKeyStates.map((state) => ({ value: state, word: keyWords[state], label: keyWords[state] }))}
      />
      {(credentials.data?.data.length ?? 0) > 0 && (
        <ChoiceFilter
          name="Credential"
          values={view.credential ? [view.credential] : []}
          onValues={(ids) => onView({ credential: ids.at(-1) ?? '' })}
          options={(credentials.data?.data ?? []).map(({ id, name }) => ({
            value: id,
            word: name,
            label: <bdi>{name}</bdi>,
          }))}
        />
      )}
      {view.jump && (
        <FilterChip name="Jumps through" value={jump.data?.name ?? 'one server'} onClear={() => onView({ jump: '' })}>
          <span className="text-meta text-text-2">Open another server to see what jumps through it.</span>
        </FilterChip>
      )}
      {isFilteredBy(view) && (
        <Button look="ghost" size="sm" onClick={() => onView(noFilters)}>
          Clear
        </Button>
      )}
    </>
  );
}
