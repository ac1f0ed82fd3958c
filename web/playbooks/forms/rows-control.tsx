import { Plus } from 'lucide-react';
import type { Json } from '#contracts/playbooks/document.ts';
import { Button } from '../../ui/button.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { useFormScope } from './form-context.ts';
import { anyText, anyValue } from './loose-values.ts';
import { RowActs } from './row-acts.tsx';

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
          {!isReadOnly && <RowActs rows={rows} index={index} onMove={put} onRemove={put} />}
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
