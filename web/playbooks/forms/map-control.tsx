import { Plus, Trash2 } from 'lucide-react';
import type { Json } from '#contracts/playbooks/document.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Input } from '../../ui/input.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { useFormScope } from './form-context.ts';
import { anyText, anyValue } from './loose-values.ts';
import { asRecord } from './record-parts.ts';

interface MapControlProps {
  value: Json | undefined;
  onValue: (value: Json | undefined) => void;
  keyWord?: string;
}

/** A map whose names are the author's: a row for each, in the order in which they stand. */
export function MapControl({ value, onValue, keyWord = 'Key' }: MapControlProps) {
  const { isReadOnly } = useFormScope();
  const rows = Object.entries(asRecord(value));
  const put = (next: [string, Json][]) => onValue(next.length === 0 ? undefined : Object.fromEntries(next));
  const fresh = (): string => {
    const taken = new Set(rows.map(([key]) => key));
    for (let count = 1; ; count += 1)
      if (!taken.has(`name${count === 1 ? '' : count}`)) return `name${count === 1 ? '' : count}`;
  };
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map(([key, part], index) => (
        <div key={index} className="flex items-start gap-1">
          <Input
            mono
            aria-label={`${keyWord} ${index + 1}`}
            className="w-[112px]! flex-none"
            readOnly={isReadOnly}
            value={key}
            onChange={(event) => {
              const next = event.target.value;
              // A name that is taken would swallow the other row.
              if (next !== '' && !rows.some(([other], at) => at !== index && other === next))
                put(rows.map((row, at) => (at === index ? [next, part] : row)));
            }}
          />
          <div className="min-w-0 flex-1">
            <ExpressionInput
              mode="template"
              mono
              label={`Value of ${key}`}
              value={anyText(part)}
              onValue={(text) => put(rows.map((row, at) => (at === index ? [key, anyValue(text) ?? ''] : row)))}
            />
          </div>
          {!isReadOnly && (
            <IconButton
              size="sm"
              icon={Trash2}
              label={`Remove ${key}`}
              onClick={() => put(rows.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
      {!isReadOnly && (
        <Button size="sm" icon={Plus} className="self-start" onClick={() => put([...rows, [fresh(), '']])}>
          Add
        </Button>
      )}
    </div>
  );
}
