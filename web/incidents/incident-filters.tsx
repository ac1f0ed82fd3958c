import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { incidentStates } from '#contracts/incidents/states.ts';
import { useMe } from '../kit/session.ts';
import { useOnCall } from '../oncall/oncall.ts';
import { Button } from '../ui/button.tsx';
import { Radio } from '../ui/choice.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { Input, SearchInput } from '../ui/input.tsx';
import { useTyped } from '../ui/use-typed.ts';
import { type StateNames, severityWords } from './incident-words.ts';
import { type IncidentsView, isNarrowed, noFilters } from './incidents-view.ts';
import { Severity } from './severity.tsx';
import { StateWord } from './state-glyph.tsx';

interface IncidentFiltersProps {
  view: IncidentsView;
  onView: (changes: Partial<IncidentsView>, how?: 'push' | 'replace') => void;
  names: StateNames;
}

const clockWords = { at_risk: 'at risk', breached: 'broken' } as const;

/** The chips that narrow board and list; all of them are in the address. */
export function IncidentFilters({ view, onView, names }: IncidentFiltersProps) {
  const { user } = useMe();
  const people = (useOnCall().data?.people ?? []).filter(({ id }) => id !== user.id);
  const ownerWord = view.owner === 'me' ? 'me' : view.owner === 'none' ? 'nobody' : people.find(({ id }) => id === view.owner)?.name; // prettier-ignore
  return (
    <>
      <SearchInput
        className="w-[200px] max-sm:w-full"
        label="Search incidents"
        placeholder="Title, key, service"
        value={view.q}
        onValue={(q) => onView({ q }, 'replace')}
      />
      <ChoiceFilter
        name="Severity"
        values={view.severity}
        onValues={(severity) => onView({ severity: severity as IncidentsView['severity'] })}
        options={incidentSeverities.map((severity) => ({
          value: severity,
          word: severityWords[severity],
          label: <Severity severity={severity} />,
        }))}
      />
      <FilterChip
        name="Owner"
        value={view.owner ? (ownerWord ?? 'somebody') : undefined}
        onClear={() => onView({ owner: '' })}
      >
        <Radio
          label="Owner"
          value={view.owner || undefined}
          onValue={(owner) => onView({ owner })}
          options={[
            { value: 'me', label: 'Me' },
            { value: 'none', label: 'Nobody' },
            ...people.map(({ id, name }) => ({ value: id, label: <bdi>{name}</bdi> })),
          ]}
        />
      </FilterChip>
      <FilterChip name="Service" value={view.service || undefined} onClear={() => onView({ service: '' })}>
        <ServiceField value={view.service} onValue={(service) => onView({ service }, 'replace')} />
      </FilterChip>
      {view.view === 'list' && (
        <>
          <ChoiceFilter
            name="State"
            values={view.state}
            onValues={(state) => onView({ state: state as IncidentsView['state'] })}
            options={incidentStates.map((state) => ({
              value: state,
              word: names[state],
              label: <StateWord state={state} name={names[state]} />,
            }))}
          />
          <FilterChip
            name="Clock"
            value={view.clock ? clockWords[view.clock] : undefined}
            onClear={() => onView({ clock: '' })}
          >
            <Radio
              label="Clock"
              value={view.clock || undefined}
              onValue={(clock) => onView({ clock })}
              options={[
                { value: 'at_risk', label: 'At risk' },
                { value: 'breached', label: 'Broken' },
              ]}
            />
          </FilterChip>
        </>
      )}
      {isNarrowed(view) && (
        <Button look="ghost" size="sm" onClick={() => onView({ ...noFilters, severity: [], state: [] })}>
          Clear
        </Button>
      )}
    </>
  );
}

function ServiceField({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const { text, setText } = useTyped(value, onValue);
  return (
    <Input
      aria-label="Service"
      placeholder="checkout-api"
      value={text}
      maxLength={120}
      autoComplete="off"
      onChange={(event) => setText(event.target.value)}
    />
  );
}
