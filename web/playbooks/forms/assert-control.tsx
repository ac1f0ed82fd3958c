import { Plus, Trash2 } from 'lucide-react';
import type { Json } from '#contracts/playbooks/document.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { useFieldSlot } from '../../ui/form.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { useFormScope } from './form-context.ts';
import { asRecord } from './record-parts.ts';

interface Condition {
  that: string;
  message: string;
}

const conditionsOf = (value: Json | undefined): Condition[] =>
  (Array.isArray(value) ? value : [value ?? '']).map((one: Json) => {
    const { that, message } = asRecord(one);
    return typeof one === 'string'
      ? { that: one, message: '' }
      : { that: typeof that === 'string' ? that : '', message: typeof message === 'string' ? message : '' };
  });
const written = ({ that, message }: Condition): Json => (message === '' ? that : { that, message });

/** Conditions that must hold, each perhaps with what to say where it does not. */
export function AssertControl({
  value,
  onValue,
}: {
  value: Json | undefined;
  onValue: (value: Json | undefined) => void;
}) {
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  const conditions = conditionsOf(value);
  const put = (next: Condition[]) => {
    const [only] = next;
    onValue(next.length === 1 && only ? written(only) : next.map(written));
  };
  const set = (index: number, change: Partial<Condition>) =>
    put(conditions.map((condition, at) => (at === index ? { ...condition, ...change } : condition)));
  return (
    <div className="flex flex-col gap-2">
      {conditions.map((condition, index) => (
        <div key={index} className="flex items-start gap-1">
          <div className="flex min-w-0 flex-1 flex-col gap-1">
            <ExpressionInput
              id={index === 0 ? slot.id : undefined}
              mode="cel"
              label={`Condition ${index + 1}`}
              value={condition.that}
              onValue={(that) => set(index, { that })}
            />
            <ExpressionInput
              mode="template"
              label={`Message ${index + 1}`}
              placeholder="Said where it does not hold"
              value={condition.message}
              onValue={(message) => set(index, { message })}
            />
          </div>
          {!isReadOnly && conditions.length > 1 && (
            <IconButton
              size="sm"
              icon={Trash2}
              label={`Remove condition ${index + 1}`}
              onClick={() => put(conditions.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
      {!isReadOnly && (
        <Button
          size="sm"
          icon={Plus}
          className="self-start"
          onClick={() => put([...conditions, { that: 'true', message: '' }])}
        >
          Add condition
        </Button>
      )}
    </div>
  );
}
