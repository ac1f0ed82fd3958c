import { Plus } from 'lucide-react';
import { memo, useState } from 'react';
import { runStatuses, runTriggers } from '#contracts/runs/status.ts';
import { Button } from '../ui/button.tsx';
import { ChoiceFilter } from '../ui/filter-chip.tsx';
import { SearchInput } from '../ui/input.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { statusLooks } from '../ui/status.ts';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { OneOf, TextFilter } from './filter-chips.tsx';
import { KindFilter } from './kind-filter.tsx';
import { ActorFilter, PlaybookFilter } from './lookup-filters.tsx';
import { triggerWords } from './run-words.ts';
import { isNarrowed, noFilters, type RunsView } from './runs-view.ts';
import { EndedFilter, StartedFilter, type ViewProps } from './time-filters.tsx';

const longerWords: Readonly<Record<string, string>> = { '1m': '1 min', '5m': '5 min', '30m': '30 min', '2h': '2 h' };
/** Filters that are not always in the bar: they come when they are chosen or set. */
const added = {
  ended: 'Ended',
  playbook: 'Playbook',
  actor: 'Triggered by',
  tag: 'Tag',
  error: 'Error',
  longer: 'Longer than',
  trigger: 'Trigger',
} as const;
type Added = keyof typeof added;

/** The chips that narrow the list of runs. All of them are in the address. */
export const RunFilters = memo(function RunFilters({ view, onView }: ViewProps) {
  const [asked, setAsked] = useState<ReadonlySet<Added>>(new Set());
  const isSet: Readonly<Record<Added, boolean>> = {
    ended: view.ended !== 'any' || view.endedFrom !== '' || view.endedTo !== '',
    playbook: view.subject !== '',
    actor: view.actor !== '',
    tag: view.tag !== '',
    error: view.error.length > 0,
    longer: view.longer !== '',
    trigger: view.trigger.length > 0,
  };
  const shown = (name: Added) => isSet[name] || asked.has(name);
  return (
    <>
      <SearchInput
        className="w-[212px] max-sm:w-full"
        label="Search runs"
        placeholder="Title or id"
        value={view.q}
        onValue={(q) => onView({ q }, 'replace')}
      />
      <ChoiceFilter
        name="Status"
        values={view.status}
        onValues={(status) => onView({ status })}
        options={runStatuses.map((status) => ({
          value: status,
          word: statusLooks[status].word.toLowerCase(),
          label: <StatusGlyph status={status} withWord />,
        }))}
      />
      <KindFilter values={view.kind} onValues={(kind) => onView({ kind })} />
      <StartedFilter view={view} onView={onView} />
      {shown('ended') && <EndedFilter view={view} onView={onView} />}
      {shown('playbook') && <PlaybookFilter subject={view.subject} onSubject={(subject) => onView({ subject })} />}
      {shown('actor') && <ActorFilter actor={view.actor} onActor={(actor) => onView({ actor })} />}
      {shown('trigger') && (
        <ChoiceFilter
          name="Trigger"
          values={view.trigger}
          onValues={(trigger) => onView({ trigger: trigger as RunsView['trigger'] })}
          options={runTriggers.map((trigger) => ({
            value: trigger,
            label: triggerWords[trigger]?.word ?? trigger,
            word: triggerWords[trigger]?.word,
          }))}
        />
      )}
      {shown('tag') && <TextFilter name="Tag" value={view.tag} onValue={(tag) => onView({ tag })} />}
      {shown('error') && (
        <TextFilter
          name="Error"
          hint="A code, as it stands beside the sentence"
          value={view.error.join(',')}
          onValue={(text) => onView({ error: text.split(',').filter(Boolean) })}
        />
      )}
      {shown('longer') && (
        <OneOf
          name="Longer than"
          value={view.longer}
          options={Object.entries(longerWords)}
          onValue={(longer) => onView({ longer: longer as RunsView['longer'] })}
        />
      )}
      {Object.keys(added).some((name) => !shown(name as Added)) && (
        <Menu
          label="Add a filter"
          align="start"
          trigger={
            <Button look="ghost" size="sm" icon={Plus} className="border-dashed! border-line-strong! max-sm:h-11">
              Filter
            </Button>
          }
        >
          {Object.entries(added)
            .filter(([name]) => !shown(name as Added))
            .map(([name, word]) => (
              <MenuItem key={name} onSelect={() => setAsked(new Set([...asked, name as Added]))}>
                {word}
              </MenuItem>
            ))}
        </Menu>
      )}
      {isNarrowed(view) && (
        <Button
          look="ghost"
          size="sm"
          onClick={() => {
            setAsked(new Set());
            onView({ ...noFilters, status: [], kind: [], trigger: [], error: [] });
          }}
        >
          Clear
        </Button>
      )}
    </>
  );
});
