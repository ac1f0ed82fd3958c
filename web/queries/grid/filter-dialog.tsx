import { useEffect, useId, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { countWords } from './cell-text.ts';
import type { ColumnFilter, FilterTest } from './filter.ts';
import { isBare, testsFor, testWords } from './filter-words.ts';
import type { ResultStore } from './result-store.ts';

interface FilterDialogProps {
  store: ResultStore;
  column: number;
  /** The filter of this column that stands, if any. */
  standing: ColumnFilter | undefined;
  onFilter: (filter: ColumnFilter) => void;
  onClose: () => void;
}

/** Which rows to show, by one column. */
export function FilterDialog({ store, column, standing, onFilter, onClose }: FilterDialogProps) {
  const shape = store.columns[column];
  const tests = shape ? testsFor(shape) : [];
  const [test, setTest] = useState<FilterTest>(standing?.test ?? tests[0] ?? 'contains');
  const [text, setText] = useState(standing?.values[0] ?? '');
  const [chosen, setChosen] = useState<readonly (string | null)[]>(standing?.test === 'oneOf' ? standing.values : []);
  const [top, setTop] = useState<{ value: string; count: number }[]>([]);
  const id = useId();
  useEffect(() => {
    let isHere = true;
    store.profile(column).then(
      (profile) => isHere && setTop(profile.top),
      () => undefined, // the values are an aid; without them one writes
    );
    return () => void (isHere = false);
  }, [store, column]);
  const apply = () => {
    const values = test === 'oneOf' ? chosen : isBare(test) ? [] : [text];
    onFilter({ column, test, values });
    onClose();
  };
  const toggle = (value: string | null, isOn: boolean) =>
    setChosen(isOn ? [...chosen, value] : chosen.filter((each) => each !== value));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Filter by ${shape?.name ?? ''}`}
      description="Of the rows that are loaded; the query does not run again."
      width={440}
      foot={
        <>
          <Button onClick={onClose}>Keep as it is</Button>
          <Button look="primary" type="submit" form={id} disabled={test === 'oneOf' && chosen.length === 0}>
            Show these rows
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="flex flex-col gap-2.5"
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        <Select
          label="Test"
          value={test}
          onValue={(value) => setTest(value as FilterTest)}
          options={tests.map((value) => ({ value, label: testWords[value] }))}
        />
        {test === 'oneOf' ? (
          <ul className="flex max-h-64 flex-col gap-1 overflow-auto">
            {[{ value: null, count: 0 }, ...top].map(({ value, count }) => (
              <li key={value ?? '\u0000'} className="flex items-center gap-2">
                <span className="min-w-0 flex-1">
                  <Checkbox
                    label={value === null ? 'null' : value === '' ? 'empty text' : value}
                    checked={chosen.includes(value)}
                    onChecked={(isOn) => toggle(value, isOn)}
                  />
                </span>
                {value !== null && <span className="num text-meta text-text-3">{countWords(count, 'row')}</span>}
              </li>
            ))}
            <li>
              <AddValue onAdd={(value) => toggle(value, true)} />
            </li>
            {chosen
              .filter((value) => value !== null && !top.some((each) => each.value === value))
              .map((value) => (
                <li key={value}>
                  <Checkbox label={value ?? ''} checked onChecked={() => toggle(value, false)} />
                </li>
              ))}
          </ul>
        ) : (
          !isBare(test) && (
            <Input
              mono
              aria-label="Value"
              value={text}
              onChange={(event) => setText(event.target.value)}
              placeholder={
                shape?.type === 'timestamp' ? '2026-11-18 11:00:00' : shape?.type === 'date' ? '2026-11-18' : ''
              }
            />
          )
        )}
      </form>
    </Dialog>
  );
}

/** A value that is not among the most frequent. */
function AddValue({ onAdd }: { onAdd: (value: string) => void }) {
  const [text, setText] = useState('');
  const add = () => {
    if (text) onAdd(text);
    setText('');
  };
  return (
    <span className="flex gap-2 pt-1">
      <Input
        mono
        size2="sm"
        aria-label="Another value"
        placeholder="Another value"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
      />
      <Button size="sm" onClick={add} disabled={text === ''}>
        Add
      </Button>
    </span>
  );
}
