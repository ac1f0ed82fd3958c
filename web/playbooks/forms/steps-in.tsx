import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { below, partsOf } from '../document/json-pointer.ts';
import type { TreeStep } from '../document/read-playbook.ts';
import { lookOf } from './kind-looks.ts';

interface StepsInProps {
  step: TreeStep;
  field: 'undo' | 'onFailure';
  title: string;
  children: ReactNode;
  onAddTo: (list: string, index: number) => void;
  onSelect: (key: string) => void;
  isReadOnly: boolean;
}

/** The steps of one list inside a step: each leads to its own form. */
export function StepsIn({ step, field, title, children, onAddTo, onSelect, isReadOnly }: StepsInProps) {
  const steps = step.lists.find((list) => list.field === field)?.steps ?? [];
  const isInside = partsOf(step.pointer).includes('undo');
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="font-medium">{title}</h3>
      <p className="text-meta text-text-3">{isInside ? 'Not inside an undo.' : children}</p>
      {steps.map((inner) => (
        <button
          key={inner.key}
          type="button"
          onClick={() => onSelect(inner.key)}
          className="flex h-8 items-center gap-2 rounded-md border border-line px-2 text-left hover:bg-sunken"
        >
          <Icon of={lookOf(inner.kind).icon} size={14} className="text-text-2" />
          <span className="min-w-0 flex-1 truncate">{inner.name}</span>
          <span className="font-mono text-[11px] text-text-3">{inner.kind}</span>
        </button>
      ))}
      {!isReadOnly && !isInside && (
        <Button
          size="sm"
          icon={Plus}
          className="self-start"
          onClick={() => onAddTo(below(step.pointer, field), steps.length)}
        >
          Add step
        </Button>
      )}
    </section>
  );
}
