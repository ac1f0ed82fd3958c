import { FilterChip } from '../ui/filter-chip.tsx';
import { kindLook } from './run-words.ts';

const kinds = ['playbook', 'playbook_step', 'query', 'export', 'token', 'agent'] as const;

/** Kinds that are wanted; where the first word says "not", those that are left out. */
export function KindFilter({ values, onValues }: { values: readonly string[]; onValues: (values: string[]) => void }) {
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
