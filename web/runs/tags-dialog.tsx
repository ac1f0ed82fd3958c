import { useState } from 'react';
import { cx } from '../kit/cx.ts';
import { Button } from '../ui/button.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/form.tsx';
import { faultOfTags, type TagChange } from './tag-runs.ts';

interface TagsDialogProps {
  /** How many runs it is about. */
  count: number;
  /** What the runs carry that are loaded, run by run. */
  tags: ReadonlyArray<readonly string[]>;
  busy: boolean;
  onChange: (change: TagChange) => void;
  onClose: () => void;
}

/** Tags of one run or of many: which to add, and which of those that are there to take off. One press changes all of them. */
export function TagsDialog({ count, tags, busy, onChange, onClose }: TagsDialogProps) {
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<ReadonlySet<string>>(new Set());
  const there = [...new Set(tags.flat())].toSorted((a, b) => a.localeCompare(b, 'en'));
  const having = (tag: string) => tags.filter((own) => own.includes(tag)).length;
  const fault = faultOfTags(add);
  const toggle = (tag: string) => {
    const next = new Set(remove);
    if (!next.delete(tag)) next.add(tag);
    setRemove(next);
  };
  const words = [
    add.length > 0 ? `Add ${add.length}` : '',
    remove.size > 0 ? `${add.length > 0 ? 'take off' : 'Take off'} ${remove.size}` : '',
  ].filter(Boolean);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title={count === 1 ? 'Tags of the run' : `Tags of ${count.toLocaleString('en-GB')} runs`}
      foot={
        <>
          <Button onClick={onClose}>Leave them</Button>
          <Button
            look="primary"
            busy={busy}
            refusal={fault ?? (words.length === 0 ? 'Nothing is to be changed yet.' : null)}
            onClick={() => onChange({ add, remove: [...remove] })}
          >
            {words.length === 0 ? 'Change tags' : words.join(', ')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="Add" hint="Enter or comma adds one." error={fault ?? undefined}>
          {(slot) => (
            <WordsInput
              id={slot.id}
              invalid={slot.invalid}
              describedBy={slot.describedBy}
              words={add}
              onWords={setAdd}
              placeholder="release, eu"
            />
          )}
        </Field>
        {there.length > 0 && (
          <div role="group" aria-label="Take off">
            <p className="mb-[5px] text-meta font-medium">
              Take off <span className="font-normal text-text-3">of what they carry now</span>
            </p>
            <div className="flex flex-wrap gap-1.5">
              {there.map((tag) => (
                <button
                  key={tag}
                  type="button"
                  aria-pressed={remove.has(tag)}
                  onClick={() => toggle(tag)}
                  className={cx(
                    'inline-flex h-6 max-w-full items-center gap-1.5 rounded-sm border px-1.5 text-meta max-sm:h-11',
                    remove.has(tag)
                      ? 'border-fail-line bg-fail-soft text-fail-fg line-through'
                      : 'border-line bg-fill text-text-2 hover:text-text',
                  )}
                >
                  <bdi className="truncate">{tag}</bdi>
                  {tags.length > 1 && (
                    <span className="num text-text-3 no-underline">{`${having(tag)} of ${tags.length}`}</span>
                  )}
                </button>
              ))}
            </div>
          </div>
        )}
      </div>
    </Dialog>
  );
}
