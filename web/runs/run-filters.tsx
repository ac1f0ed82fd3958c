import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { runStatuses, runTriggers } from '#contracts/runs/status.ts';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';
import { clockTime } from '../kit/time.ts';
import { Button } from '../ui/button.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { Input, SearchInput } from '../ui/input.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { statusLooks } from '../ui/status.ts';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { kindLook, triggerWords } from './run-words.ts';
import { isNarrowed, noFilters, type RunsView, startedSpans, startedWords } from './runs-view.ts';

const kinds = ['playbook', 'playbook_step', 'query', 'export', 'token', 'agent'] as const;
const longerWords: Readonly<Record<string, string>> = { '1m': '1 min', '5m': '5 min', '30m': '30 min', '2h': '2 h' };
/** Filters that are not always in the bar: they come when they are chosen or set. */
const added = {
  playbook: 'Playbook',
  actor: 'Triggered by',
  tag: 'Tag',
  error: 'Error',
  longer: 'Longer than',
  trigger: 'Trigger',
} as const;
type Added = keyof typeof added;

interface RunFiltersProps {
  view: RunsView;
  onView: (changes: Partial<RunsView>, how?: 'push' | 'replace') => void;
}

/** The chips that narrow the list of runs. All of them are in the address. */
export function RunFilters({ view, onView }: RunFiltersProps) {
  const [asked, setAsked] = useState<ReadonlySet<Added>>(new Set());
  const isSet: Readonly<Record<Added, boolean>> = {
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
}

/** Kinds that are wanted; where the first word says "not", those that are left out. */
function KindFilter({ values, onValues }: { values: readonly string[]; onValues: (values: string[]) => void }) {
  const isNot = values.some((value) => value.startsWith('!'));
  const plain = values.map((value) => value.replace(/^!/, ''));
  const set = (next: readonly string[], not: boolean) => onValues(next.map((value) => (not ? `!${value}` : value)));
  const word = plain.map((kind) => kindLook(kind).word).join(', ');
  return (
    <FilterChip
      name="Kind"
      value={plain.length > 0 ? `${isNot ? 'not ' : ''}${word}` : undefined}
      onClear={() => onValues([])}
    >
      <div className="flex flex-col gap-0.5">
        {kinds.map((kind) => (
          <div key={kind} className="flex items-center gap-1">
            <button
              type="button"
              aria-pressed={plain.includes(kind) && !isNot}
              onClick={() =>
                set(
                  !isNot && plain.includes(kind)
                    ? plain.filter((other) => other !== kind)
                    : [...(isNot ? [] : plain), kind],
                  false,
                )
              }
              className="min-w-28 flex-1 rounded-sm px-2 py-1 text-left hover:bg-fill aria-pressed:font-medium aria-pressed:text-accent"
            >
              {kindLook(kind).word}
            </button>
            <button
              type="button"
              aria-pressed={plain.includes(kind) && isNot}
              aria-label={`Not ${kindLook(kind).word}`}
              onClick={() =>
                set(
                  isNot && plain.includes(kind)
                    ? plain.filter((other) => other !== kind)
                    : [...(isNot ? plain : []), kind],
                  true,
                )
              }
              className="rounded-sm px-2 py-1 text-meta text-text-3 hover:bg-fill aria-pressed:font-medium aria-pressed:text-accent"
            >
              not
            </button>
          </div>
        ))}
      </div>
    </FilterChip>
  );
}

function StartedFilter({ view, onView }: RunFiltersProps) {
  const zone = useZone();
  const at = (text: string) => clockTime(Date.parse(text), { zone, seconds: false });
  const day = (text: string) =>
    new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(Date.parse(text));
  const sameDay = view.from && view.to && day(view.from) === day(view.to);
  const drawn = view.from
    ? `${day(view.from)} ${at(view.from)} – ${view.to ? `${sameDay ? '' : `${day(view.to)} `}${at(view.to)}` : 'now'}`
    : undefined;
  return (
    <OneOf
      name="Started"
      value={view.from ? '' : view.started === 'any' ? '' : view.started}
      shown={drawn}
      options={startedSpans.map((span) => [span, startedWords[span]])}
      onValue={(started) => onView({ started: (started || 'any') as RunsView['started'], from: '', to: '' })}
    />
  );
}

function PlaybookFilter({ subject, onSubject }: { subject: string; onSubject: (subject: string) => void }) {
  const playbooks = useQuery({
    queryKey: ['playbooks', 'names'],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { limit: 200 }, signal }),
    enabled: useMay('playbooks:read'),
  });
  const [kind = '', id = ''] = subject.split(':');
  const name = kind === 'playbook' || kind === '' ? 'Playbook' : kind === 'server' ? 'Server' : 'Schedule';
  return (
    <OneOf
      name={name}
      value={subject}
      shown={subject && name !== 'Playbook' ? id.slice(-12) : undefined}
      options={(playbooks.data?.data ?? []).map((playbook) => [`playbook:${playbook.id}`, playbook.name])}
      onValue={onSubject}
    />
  );
}

function ActorFilter({ actor, onActor }: { actor: string; onActor: (actor: string) => void }) {
  const members = useQuery({
    queryKey: ['members'],
    queryFn: ({ signal }) => api.listMembers({ signal }),
    enabled: useMay('members:read'),
  });
  return (
    <OneOf
      name="Triggered by"
      value={actor}
      options={[
        ['me', 'me'],
        ...(members.data?.data ?? []).map((member): [string, string] => [member.id, member.name]),
      ]}
      onValue={onActor}
    />
  );
}

interface OneOfProps {
  name: string;
  value: string;
  shown?: string | undefined;
  options: ReadonlyArray<readonly [value: string, word: string]>;
  onValue: (value: string) => void;
}

/** A filter with one choice of several. */
function OneOf({ name, value, shown, options, onValue }: OneOfProps) {
  const word = shown ?? (value ? (options.find(([option]) => option === value)?.[1] ?? value) : undefined);
  return (
    <FilterChip name={name} value={word} onClear={() => onValue('')}>
      <div className="flex flex-col gap-0.5">
        {[['', 'any'] as const, ...options].map(([option, label]) => (
          <button
            key={option}
            type="button"
            aria-current={option === value || undefined}
            onClick={() => onValue(option)}
            className="max-w-72 truncate rounded-sm px-2 py-1 text-left hover:bg-fill aria-current:font-medium max-sm:min-h-11"
          >
            {label}
          </button>
        ))}
      </div>
    </FilterChip>
  );
}

function TextFilter({
  name,
  value,
  hint,
  onValue,
}: {
  name: string;
  value: string;
  hint?: string;
  onValue: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  return (
    <FilterChip name={name} value={value || undefined} onClear={() => onValue('')}>
      <form
        className="flex flex-col gap-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          onValue(text.trim());
        }}
      >
        <Input aria-label={name} value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />
        {hint && <span className="text-meta text-text-3">{hint}</span>}
        <Button type="submit" size="sm">
          Narrow
        </Button>
      </form>
    </FilterChip>
  );
}
