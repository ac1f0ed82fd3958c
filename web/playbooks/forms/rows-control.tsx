import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import type { Json } from '#contracts/playbooks/document.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { useFormScope } from './form-context.ts';
import { anyText, anyValue } from './loose-values.ts';

/** A list with a row for each element, to add, move and take away. */
export function RowsControl({
  value,
  onValue,
}: {
  value: Json | undefined;
  onValue: (value: Json | undefined) => void;
}) {
  const { isReadOnly } = useFormScope();
  const rows: Json[] = Array.isArray(value) ? [...value] : [];
  const put = (next: Json[]) => onValue(next.length === 0 ? undefined : next);
  const move = (index: number, by: number) => {
    const next = [...rows];
    const [row = null] = next.splice(index, 1);
    next.splice(index + by, 0, row);
    put(next);
  };
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map((row, index) => (
        <div key={index} className="flex items-start gap-0.5">
          <div className="min-w-0 flex-1">
            <ExpressionInput
              mode="template"
              mono
              label={`Element ${index + 1}`}
              value={anyText(row)}
              onValue={(text) => put(rows.map((old, at) => (at === index ? (anyValue(text) ?? '') : old)))}
            />
          </div>
          {!isReadOnly && (
            <>
              <IconButton size="sm" icon={ArrowUp} label="Up" disabled={index === 0} onClick={() => move(index, -1)} />
              <IconButton
                size="sm"
                icon={ArrowDown}
                label="Down"
                disabled={index === rows.length - 1}
                onClick={() => move(index, 1)}
              />
              <IconButton
                size="sm"
                icon={Trash2}
                label="Remove"
                onClick={() => put(rows.filter((_, at) => at !== index))}
              />
            </>
          )}
        </div>
      ))}
      {!isReadOnly && (
        <Button size="sm" icon={Plus} className="self-start" onClick={() => put([...rows, ''])}>
          Add
        </Button>
      )}
    </div>
  );
}
