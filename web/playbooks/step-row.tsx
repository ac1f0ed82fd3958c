import { useDraggable, useDroppable } from '@dnd-kit/core';
import { GripVertical } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { Icon } from '../ui/icon.tsx';
import type { TreeStep } from './document/read-playbook.ts';
import { lookOf } from './forms/kind-looks.ts';

interface StepRowProps {
  step: TreeStep;
  isOn: boolean;
  isLifted: boolean;
  isTab: boolean;
  change: 'added' | 'changed' | undefined;
  isFaulty: boolean;
  isReadOnly: boolean;
  drop: 'before' | 'after' | undefined;
  onSelect: () => void;
}

/** One step in the list: number, kind, title, what has changed since the last version. */
export function StepRow({ step, isOn, isLifted, isTab, change, isFaulty, isReadOnly, drop, onSelect }: StepRowProps) {
  const drag = useDraggable({ id: step.key, disabled: isReadOnly });
  const over = useDroppable({ id: step.key });
  const isAside = step.section !== 'steps';
  return (
    <li
      ref={(node) => {
        drag.setNodeRef(node);
        over.setNodeRef(node);
      }}
      role="treeitem"
      aria-level={step.depth + 1}
      aria-selected={isOn}
      data-key={step.key}
      data-lifted={isLifted || undefined}
      tabIndex={isTab ? 0 : -1}
      onClick={onSelect}
      className={cx(
        'group relative flex h-8 cursor-default items-center gap-2 rounded-md pr-2 focus-visible:outline-offset-[-2px] max-sm:h-11',
        isOn ? 'bg-accent-soft font-medium' : 'hover:bg-sunken',
        isLifted && 'shadow-2 ring-2 ring-focus',
        drag.isDragging && 'opacity-50',
        drop === 'before' && 'before:absolute before:inset-x-1 before:-top-px before:h-0.5 before:bg-accent',
        drop === 'after' && 'before:absolute before:inset-x-1 before:-bottom-px before:h-0.5 before:bg-accent',
      )}
      style={{ paddingLeft: 10 + step.depth * 16 }}
    >
      <span className="relative w-[26px] flex-none">
        <span
          className={cx(
            'num text-meta font-normal text-text-3',
            !isReadOnly && 'group-hover:invisible',
            isOn && 'font-medium',
          )}
        >
          {step.number}
        </span>
        {!isReadOnly && (
          <span
            {...drag.listeners}
            data-grip
            aria-hidden="true"
            className="absolute inset-y-0 -left-1 hidden cursor-grab touch-none items-center text-text-3 group-hover:flex"
          >
            <Icon of={GripVertical} size={14} />
          </span>
        )}
      </span>
      <Icon
        of={lookOf(step.kind).icon}
        size={14}
        className={cx('flex-none', isOn ? 'text-accent' : isAside ? 'text-text-3' : 'text-text-2')}
      />
      <span className="min-w-0 flex-1 truncate" title={step.name}>
        {step.name}
      </span>
      {isFaulty && (
        <span className="size-1.5 flex-none rounded-full bg-fail-solid" title="Has problems">
          <span className="sr-only">has problems</span>
        </span>
      )}
      {change && (
        <span
          title={change === 'added' ? 'New since the last version' : 'Changed since the last version'}
          className={cx(
            'grid size-4 flex-none place-items-center rounded-sm text-[11px] leading-none',
            change === 'added' ? 'bg-ok-soft text-ok-fg' : 'bg-wait-soft text-wait-fg',
          )}
        >
          <span aria-hidden="true">{change === 'added' ? '+' : '~'}</span>
          <span className="sr-only">{change === 'added' ? 'new' : 'changed'}</span>
        </span>
      )}
      <span className="flex-none font-mono text-[11px] font-normal text-text-3">{step.kind}</span>
    </li>
  );
}
