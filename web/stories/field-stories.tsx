import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Checkbox, Radio, Segmented, Switch, SwitchRow } from '../ui/choice.tsx';
import { Combobox, WordsInput } from '../ui/combobox.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input, SearchInput, Stepper, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { statusLooks, type StatusName } from '../ui/status.ts';
import { Story } from './story.tsx';
import { nothing, storyFailure } from './story-data.ts';

const statuses = Object.keys(statusLooks) as StatusName[];

/** What is filled in and chosen. */
export function FieldStories({ word, onWord }: { word: string; onWord: (word: string) => void }) {
  const [words, setWords] = useState(['web', 'eu']);
  const [count, setCount] = useState(4);
  const [isOn, setOn] = useState(true);
  const [view, setView] = useState<'list' | 'graph'>('list');
  const [statusFilter, setStatusFilter] = useState<string[]>(['failed']);
  return (
    <>
      <Story title="Fields">
        <div className="grid w-full grid-cols-2 gap-4">
          <Field label="Name" hint="What people call it.">
            {(slot) => <Input {...slotProps(slot)} placeholder="web-1" />}
          </Field>
          <Field label="Host" error="A host name or an IP address." required>
            {(slot) => <Input {...slotProps(slot)} mono defaultValue="bad host" />}
          </Field>
          <Field label="Reason">{(slot) => <Textarea {...slotProps(slot)} />}</Field>
          <Field label="Hosts at once">
            <Stepper value={count} onValue={setCount} min={1} max={9} label="Hosts at once" />
          </Field>
          <Field label="Role">
            {(slot) => (
              <Select
                id={slot.id}
                value={word || 'member'}
                onValue={onWord}
                options={[
                  { value: 'member', label: 'Member' },
                  { value: 'admin', label: 'Admin', hint: 'may change settings' },
                ]}
              />
            )}
          </Field>
          <Field label="Zone">
            {(slot) => (
              <Combobox
                id={slot.id}
                value={word}
                onValue={onWord}
                options={['UTC', 'Europe/Berlin'].map((value) => ({ value, label: value }))}
              />
            )}
          </Field>
          <Field label="Tags">{(slot) => <WordsInput id={slot.id} words={words} onWords={setWords} />}</Field>
          <SearchInput label="Search" placeholder="Title or id" value={word} onValue={onWord} />
        </div>
        <Checkbox label="Trust this browser" checked={isOn} onChecked={setOn} />
        <Checkbox label="Some" checked="indeterminate" onChecked={nothing} />
        <Switch label="On" checked={isOn} onChecked={setOn} />
        <SwitchRow label="Quiet hours" hint="What is not urgent waits." checked={isOn} onChecked={setOn} />
        <Radio
          label="Choice"
          value={view}
          onValue={setView}
          options={[
            { value: 'list', label: 'Leave it out and go on' },
            { value: 'graph', label: 'Roll it back', hint: 'all 7 hosts' },
          ]}
        />
        <Segmented
          label="View"
          value={view}
          onValue={setView}
          options={[
            { value: 'list', label: 'List' },
            { value: 'graph', label: 'Graph' },
          ]}
        />
        <ChoiceFilter
          name="Status"
          values={statusFilter}
          onValues={setStatusFilter}
          options={statuses
            .slice(0, 5)
            .map((status) => ({ value: status, label: statusLooks[status].word, word: statusLooks[status].word }))}
        />
      </Story>
      <Story title="Fields that are wrong, or not to be changed">
        <div className="grid w-full grid-cols-2 gap-4">
          <Field label="Group" error="There is no such group.">
            {(slot) => (
              <Combobox
                id={slot.id}
                value="gone"
                onValue={nothing}
                options={[]}
                invalid
                describedBy={slot.describedBy}
              />
            )}
          </Field>
          <Field label="Role" error="Choose one.">
            {(slot) => (
              <Select id={slot.id} value="" onValue={nothing} options={[]} invalid describedBy={slot.describedBy} />
            )}
          </Field>
          <Field label="Mail address">
            {(slot) => <Input {...slotProps(slot)} value="mara@example.org" readOnly />}
          </Field>
          <Field label="Workspace">
            {(slot) => <Input {...slotProps(slot)} value="Alder & Finch" disabled readOnly />}
          </Field>
          <Field label="Tags" error="A tag has no spaces.">
            {(slot) => (
              <WordsInput id={slot.id} words={['two words']} onWords={nothing} invalid describedBy={slot.describedBy} />
            )}
          </Field>
          <Field label="Private key" aside="optional">
            {(slot) => <Textarea {...slotProps(slot)} mono disabled />}
          </Field>
        </div>
        <Checkbox label="Not to be changed" checked disabled onChecked={nothing} />
        <Switch label="Off" checked={false} onChecked={nothing} />
        <Switch label="Not to be changed" checked disabled onChecked={nothing} />
        <FilterChip name="Started">
          <Button size="sm" onClick={nothing}>
            last hour
          </Button>
        </FilterChip>
        <FormFailure failure={storyFailure} />
      </Story>
    </>
  );
}
