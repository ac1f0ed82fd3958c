import type { Json } from '#contracts/playbooks/document.ts';
import type { Field as LanguageField, Shape } from '#contracts/playbooks/shape/shape.ts';
import { Switch } from '../../ui/choice.tsx';
import { WordsInput } from '../../ui/combobox.tsx';
import { slotProps, useFieldSlot } from '../../ui/form.tsx';
import { Input, Textarea } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { ArtifactControl } from './artifact-control.tsx';
import { AssertControl } from './assert-control.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { useFormScope, type ShapeControlProps } from './form-context.ts';
import { codeTexts, fieldWord, longTexts } from './field-words.ts';
import { HostsControl } from './hosts-control.tsx';
import { InputsControl } from './inputs-control.tsx';
import { anyText, anyValue, looseText, looseValue } from './loose-values.ts';
import { MapControl } from './map-control.tsx';
import { NamedControl } from './named-control.tsx';
import { ObjectControl } from './object-control.tsx';
import { RowsControl } from './rows-control.tsx';

const isTemplate = (value: Json | undefined): value is string => typeof value === 'string' && value.includes('${{');
const isWords = (shape: Shape): boolean => shape.is === 'list' && (shape.of.is === 'text' || shape.of.is === 'number');
const defaultText = ({ default: fallback }: LanguageField): string | undefined =>
  fallback === undefined || fallback === null ? undefined : looseText(fallback as Json);

/** The control of a field of the language, by its shape. A value that holds `${{ }}` is shown and kept as it is written. */
export function ShapeControl(props: ShapeControlProps) {
  const { name, field, value, onValue } = props;
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  const { shape } = field;
  const isStatic = field.templates === 'static';
  const expression = (text: string, mode: 'cel' | 'template', isLong = false) => (
    <ExpressionInput
      id={slot.id}
      describedBy={slot.describedBy}
      invalid={slot.invalid}
      mode={mode}
      isLong={isLong}
      mono={mode === 'cel' || codeTexts.has(name)}
      placeholder={defaultText(field)}
      value={text}
      onValue={(next) => onValue(next === '' && !field.isRequired ? undefined : next)}
    />
  );
  if (name === 'hosts' && shape.is === 'object') return <HostsControl value={value} onValue={onValue} shape={shape} />;
  if (name === 'artifact' && shape.is === 'text') return <ArtifactControl {...props} />;
  if (field.names === 'connection' || field.names === 'query') return <NamedControl {...props} of={field.names} />;
  if (name === 'that') return <AssertControl value={value} onValue={onValue} />;
  if (shape.is === 'cel') return expression(typeof value === 'string' ? value : '', 'cel');
  if (isTemplate(value) && shape.is !== 'text' && shape.is !== 'any') return expression(value, 'template');
  switch (shape.is) {
    case 'text':
      if (shape.oneOf) return <OneOf {...props} options={shape.oneOf} />;
      if (!isStatic) return expression(looseText(value), 'template', longTexts.has(name));
      return longTexts.has(name) ? (
        <Textarea
          {...slotProps(slot)}
          mono={codeTexts.has(name)}
          rows={Math.min(16, Math.max(3, looseText(value).split('\n').length))}
          readOnly={isReadOnly}
          spellCheck={!codeTexts.has(name)}
          value={looseText(value)}
          onChange={(event) => onValue(event.target.value || (field.isRequired ? '' : undefined))}
        />
      ) : (
        <Input
          {...slotProps(slot)}
          mono={codeTexts.has(name)}
          readOnly={isReadOnly}
          placeholder={defaultText(field)}
          value={looseText(value)}
          onChange={(event) => onValue(event.target.value || (field.isRequired ? '' : undefined))}
        />
      );
    case 'boolean':
      return (
        <Switch
          label={fieldWord(name)}
          disabled={isReadOnly}
          checked={value === undefined || value === null ? field.default === true : value === true}
          onChecked={(on) => onValue(on === (field.default ?? false) ? undefined : on)}
        />
      );
    case 'map':
      return <MapControl value={value} onValue={onValue} keyWord={name === 'values' ? 'Name' : 'Key'} />;
    case 'object':
      return <ObjectControl name={name} fields={shape.fields} value={value} onValue={onValue} />;
    case 'inputs':
      return <InputsControl value={value} onValue={onValue} />;
    case 'list':
      if (isWords(shape)) return <Words {...props} isNumbers={shape.of.is === 'number'} />;
      return name === 'to' ? <Words {...props} isNumbers={false} /> : <RowsControl value={value} onValue={onValue} />;
    case 'any':
      return expressionOfAny(props, slot.id);
    case 'either':
      if (shape.of.some(({ is }) => is === 'map')) return expressionOfAny(props, slot.id);
      return <Loose {...props} />;
    default:
      return <Loose {...props} />;
  }
}

const expressionOfAny = ({ name, value, onValue }: ShapeControlProps, id: string) => (
  <ExpressionInput
    id={id}
    mode="template"
    isLong
    mono
    label={fieldWord(name)}
    placeholder="Text, JSON or ${{ … }}"
    value={anyText(value)}
    onValue={(text) => onValue(anyValue(text))}
  />
);

/** A number, duration or percentage; the text is kept while it is no such thing yet, and the check says so. */
function Loose({ field, value, onValue }: ShapeControlProps) {
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  return (
    <Input
      {...slotProps(slot)}
      className="num"
      readOnly={isReadOnly}
      placeholder={defaultText(field) ?? (field.shape.is === 'duration' ? 'none' : undefined)}
      value={looseText(value)}
      onChange={(event) => onValue(looseValue(event.target.value, field.shape))}
    />
  );
}

function OneOf({ field, value, onValue, name, options }: ShapeControlProps & { options: readonly string[] }) {
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  const fallback = defaultText(field);
  return (
    <Select
      id={slot.id}
      describedBy={slot.describedBy}
      invalid={slot.invalid}
      disabled={isReadOnly}
      label={fieldWord(name)}
      value={looseText(value)}
      onValue={(next) => onValue(next === '' ? undefined : next)}
      options={[
        ...(field.isRequired
          ? []
          : [{ value: '', label: fallback === undefined ? 'not set' : `${fallback} (default)` }]),
        ...options.map((option) => ({ value: option, label: option.replaceAll('_', ' ') })),
      ]}
    />
  );
}

function Words({ field, value, onValue, isNumbers }: ShapeControlProps & { isNumbers: boolean }) {
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  const list = Array.isArray(value) ? value : [];
  if (list.some((part) => typeof part === 'object' && part !== null))
    return <RowsControl value={value} onValue={onValue} />;
  const emptied = field.isRequired ? [] : undefined;
  return (
    <WordsInput
      id={slot.id}
      describedBy={slot.describedBy}
      invalid={slot.invalid}
      disabled={isReadOnly}
      placeholder={defaultText(field)}
      words={list.map(String)}
      onWords={(words) =>
        onValue(
          words.length === 0 ? emptied : words.map((word) => (isNumbers && /^-?\d+$/.test(word) ? Number(word) : word)),
        )
      }
    />
  );
}
