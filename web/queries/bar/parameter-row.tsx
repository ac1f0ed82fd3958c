import { Info } from 'lucide-react';
import { useId } from 'react';
import type { GivenValues, ParameterDef } from '#contracts/queries/parameter-defs.ts';
import { parameterTypes, type ParameterType } from '#contracts/queries/parameters.ts';
import { relativeExamples } from '#contracts/queries/relative-time.ts';
import { useNow } from '../../kit/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { Input } from '../../ui/input.tsx';
import { Menu, MenuLabel, MenuRadio } from '../../ui/menu.tsx';
import { Select } from '../../ui/select.tsx';
import { previewOf, textOf, timeText, valueOf } from './parameter-fields.ts';

const typeWords: Readonly<Record<ParameterType, string>> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  date: 'Date',
  timestamp: 'Date and time',
  list: 'List',
};

interface ParameterRowProps {
  defs: readonly ParameterDef[];
  values: GivenValues;
  hasWindow: boolean;
  timeZone: string;
  /** The one that is missing, after a run was asked for. */
  missing: string | null;
  onValue: (name: string, value: GivenValues[string]) => void;
  onType: (def: ParameterDef) => void;
}

/** A field for each parameter of the text. Its name opens the choice of its type. */
export function ParameterRow({ defs, values, hasWindow, timeZone, missing, onValue, onType }: ParameterRowProps) {
  if (defs.length === 0 && !hasWindow) return null;
  return (
    <div
      role="group"
      aria-label="Parameters"
      data-testid="queries.parameters"
      className="flex max-h-32 flex-none flex-wrap items-start gap-x-4 gap-y-2 overflow-auto px-3.5 pb-2.5"
    >
      <span className="pt-[5px] text-meta text-text-3">Parameters</span>
      {defs.map((def) => (
        <ParameterField
          key={def.name}
          def={def}
          value={values[def.name]}
          timeZone={timeZone}
          isMissing={missing === def.name}
          onValue={(value) => onValue(def.name, value)}
          onType={onType}
        />
      ))}
      {hasWindow && (
        <span className="flex items-center gap-1.5 pt-[5px] text-meta text-text-2">
          <Icon of={Info} size={13} className="text-text-3" />
          window.from and window.to come from the time window
        </span>
      )}
    </div>
  );
}

interface ParameterFieldProps {
  def: ParameterDef;
  value: GivenValues[string] | undefined;
  timeZone: string;
  isMissing: boolean;
  onValue: (value: GivenValues[string]) => void;
  onType: (def: ParameterDef) => void;
}

function ParameterField({ def, value, timeZone, isMissing, onValue, onType }: ParameterFieldProps) {
  const id = useId();
  const now = useNow(def.type === 'date' || def.type === 'timestamp');
  const text = textOf(value);
  const preset = textOf(def.default);
  const isDate = def.type === 'date' || def.type === 'timestamp';
  const preview = isDate ? previewOf(text || preset, def.type as 'date' | 'timestamp', now, timeZone) : null;
  const isWrong =
    preview?.isValid === false || (def.type === 'number' && text !== '' && !Number.isFinite(Number(text)));
  const fault = isMissing && text === '' ? 'Needs a value' : isWrong ? (isDate ? 'No date' : 'No number') : null;
  const note =
    fault ??
    (preview?.isValid && preview.isRelative
      ? `= ${timeText(preview, def.type as 'date' | 'timestamp', timeZone)}`
      : null);
  return (
    <span className="flex min-w-0 items-start gap-2">
      <Menu
        align="start"
        label={`Type of ${def.name}`}
        trigger={
          <button
            type="button"
            id={`${id}-name`}
            title={def.description ?? `${def.label ?? def.name}: ${typeWords[def.type]}. Choose another type.`}
            aria-label={`${def.label ?? def.name}, ${typeWords[def.type]}`}
            className="h-[26px] rounded-sm font-mono text-meta text-code-var hover:underline max-sm:h-11"
          >
            {def.label ?? def.name}
          </button>
        }
      >
        <MenuLabel>Type</MenuLabel>
        <MenuRadio
          value={def.type}
          onValue={(type: ParameterType) => onType({ ...def, type })}
          options={parameterTypes.map((type) => ({ value: type, label: typeWords[type] }))}
        />
      </Menu>
      <span className="flex min-w-0 flex-col">
        {def.choices ? (
          <Select
            size="sm"
            label={def.label ?? def.name}
            value={text || preset}
            onValue={(next) => onValue(valueOf(next, def))}
            options={def.choices.map((choice) => ({ value: String(choice), label: String(choice) }))}
          />
        ) : def.type === 'boolean' ? (
          <Select
            size="sm"
            label={def.label ?? def.name}
            value={text || preset}
            onValue={(next) => onValue(next === 'true')}
            options={[
              { value: 'true', label: 'Yes' },
              { value: 'false', label: 'No' },
            ]}
          />
        ) : (
          <Input
            size2="sm"
            mono
            aria-labelledby={`${id}-name`}
            aria-describedby={note ? `${id}-note` : undefined}
            aria-invalid={fault !== null || undefined}
            list={isDate ? `${id}-dates` : undefined}
            inputMode={def.type === 'number' ? 'decimal' : undefined}
            placeholder={
              preset || (def.type === 'list' ? 'a, b, c' : isDate ? 'today - 7d' : def.isRequired ? '' : 'optional')
            }
            value={text}
            onChange={(event) =>
              onValue(def.type === 'list' ? listText(event.target.value) : valueTyped(event.target.value, def))
            }
            onBlur={() => def.type === 'list' && onValue(valueOf(text, def))}
            className={def.type === 'number' ? 'w-20!' : 'w-36!'}
          />
        )}
        {isDate && (
          <datalist id={`${id}-dates`}>
            {relativeExamples.map(([words, meaning]) => (
              <option key={words} value={words}>
                {meaning}
              </option>
            ))}
          </datalist>
        )}
        {note && (
          <span
            id={`${id}-note`}
            className={fault ? 'text-[11px] leading-[14px] text-fail-fg' : 'num text-[11px] leading-[14px] text-text-3'}
          >
            {note}
          </span>
        )}
      </span>
    </span>
  );
}

/** While it is typed a list is its text; on leaving the field it becomes items. */
const listText = (text: string): string => text;
/** A number stays as typed until it is one: `1.` is on its way to `1.5`. */
const valueTyped = (text: string, def: ParameterDef) =>
  def.type === 'number' && String(Number(text)) !== text ? text : valueOf(text, def);
