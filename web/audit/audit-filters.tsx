import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../kit/api.ts';
import { Button } from '../ui/button.tsx';
import { Segmented } from '../ui/choice.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { Input, SearchInput } from '../ui/input.tsx';
import { clockTime } from '../kit/time.ts';
import { type AuditQuery, type AuditView, isNarrowed, noFilters, type Span, spanWords } from './audit-view.ts';

interface FiltersProps {
  view: AuditView;
  query: AuditQuery;
  onView: (changes: Partial<AuditView>, how?: 'push' | 'replace') => void;
}

/** What narrows the audit log; all of it is in the address. */
export function AuditFilters({ view, query, onView }: FiltersProps) {
  const names = useQuery({
    queryKey: ['audit', 'names'],
    queryFn: ({ signal }) => api.listAuditNames({ signal }),
    staleTime: 60_000,
  });
  return (
    <>
      <SearchInput
        className="w-[212px] max-sm:w-full"
        label="Search the audit log"
        placeholder="Subject, request id, address"
        value={view.q}
        onValue={(q) => onView({ q }, 'replace')}
      />
      <ChoiceFilter
        name="Actor"
        values={view.actor}
        onValues={(actor) => onView({ actor })}
        options={[
          ...(names.data?.actors ?? []).flatMap(({ id, name }) =>
            id === null ? [] : [{ value: id, word: name, label: <bdi>{name}</bdi> }],
          ),
          { value: 'system', word: 'the system', label: 'The system itself' },
        ]}
      />
      <ActionFilter
        actions={names.data?.actions ?? []}
        chosen={view.action}
        onChosen={(action) => onView({ action })}
      />
      <WhenFilter view={view} onView={onView} />
      {view.subject && (
        <FilterChip name="Subject" value={view.subject} onClear={() => onView({ subject: '' })}>
          <span className="block max-w-72 font-mono text-[11.5px] break-all text-text-2">{view.subject}</span>
        </FilterChip>
      )}
      {isNarrowed(query) && (
        <Button look="ghost" size="sm" onClick={() => onView(noFilters)}>
          Clear
        </Button>
      )}
    </>
  );
}

const bare = (word: string): string => word.replace(/^!/, '');

/** Actions one by one or by their noun; or all but those. */
function ActionFilter({
  actions,
  chosen,
  onChosen,
}: {
  actions: readonly string[];
  chosen: readonly string[];
  onChosen: (chosen: string[]) => void;
}) {
  const [q, setQ] = useState('');
  const [isNot, setNot] = useState(chosen.some((word) => word.startsWith('!')));
  const nouns = Map.groupBy(actions, (action) => `${action.split('.')[0]}.*`);
  const all = [...nouns].flatMap(([noun, of]) => (of.length > 1 ? [noun, ...of] : of));
  const kept = chosen.map(bare);
  const offered = [...new Set([...kept, ...all])].filter((word) => kept.includes(word) || word.includes(q.trim()));
  const put = (words: readonly string[], not: boolean) => onChosen(words.map((word) => (not ? `!${word}` : word)));
  return (
    <FilterChip
      name="Action"
      value={kept.length > 0 ? `${isNot ? 'not ' : ''}${kept.join(', ')}` : undefined}
      onClear={() => onChosen([])}
    >
      <div className="flex w-56 flex-col gap-2">
        <Segmented
          label="These or all but these"
          value={isNot ? 'not' : 'is'}
          onValue={(how) => {
            setNot(how === 'not');
            put(kept, how === 'not');
          }}
          options={[
            { value: 'is', label: 'Is' },
            { value: 'not', label: 'Is not' },
          ]}
        />
        <Input
          size2="sm"
          aria-label="Find an action"
          placeholder="Find an action"
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
        <div className="flex flex-col gap-1.5">
          {offered.map((word) => (
            <Checkbox
              key={word}
              label={
                <span className={`font-mono text-[11.5px] ${word.endsWith('*') ? 'font-semibold' : ''}`}>{word}</span>
              }
              checked={kept.includes(word)}
              onChecked={(on) => put(on ? [...kept, word] : kept.filter((other) => other !== word), isNot)}
            />
          ))}
          {offered.length === 0 && <span className="text-meta text-text-3">No action fits.</span>}
        </div>
      </div>
    </FilterChip>
  );
}

/** An instant as the browser's own field for one writes it, in the reader's zone of the machine. */
const forField = (text: string): string => {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const fromField = (text: string): string => {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) ? '' : at.toISOString();
};
const said = (text: string): string => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return '…';
  return `${new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(at)} ${clockTime(at, { seconds: false })}`;
};

/** A span back from now, or a range of one's own. */
function WhenFilter({ view, onView }: Pick<FiltersProps, 'view' | 'onView'>) {
  const isOwn = view.from !== '' || view.to !== '';
  const words = isOwn ? `${said(view.from)} – ${said(view.to)}` : spanWords[view.when];
  return (
    <FilterChip
      name="When"
      value={isOwn || view.when !== 'any' ? words : undefined}
      onClear={() => onView({ when: 'any', from: '', to: '' })}
    >
      <div className="flex w-60 flex-col gap-0.5">
        {(Object.entries(spanWords) as [Span, string][]).map(([value, word]) => (
          <button
            key={value}
            type="button"
            aria-pressed={!isOwn && view.when === value}
            onClick={() => onView({ when: value, from: '', to: '' })}
            className="rounded-sm px-2 py-1 text-left hover:bg-fill aria-pressed:font-semibold max-sm:min-h-11"
          >
            {word}
          </button>
        ))}
        <fieldset className="mt-1.5 flex flex-col gap-1.5 border-t border-line pt-2">
          <legend className="sr-only">A range of your own</legend>
          {(['from', 'to'] as const).map((end) => (
            <label key={end} className="flex items-center gap-2 text-meta text-text-2">
              <span className="w-9 capitalize">{end}</span>
              <Input
                size2="sm"
                type="datetime-local"
                value={forField(view[end])}
                onChange={(event) => onView({ when: 'any', [end]: fromField(event.target.value) }, 'replace')}
              />
            </label>
          ))}
        </fieldset>
      </div>
    </FilterChip>
  );
}
