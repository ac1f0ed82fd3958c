import type { Node, NodeProps } from '@xyflow/react';
import { Flag, Zap } from 'lucide-react';
import { createContext, memo, useContext } from 'react';
import { cx } from '../../kit/cx.ts';
import { Icon } from '../../ui/icon.tsx';
import { THE_PLAYBOOK } from '../editor-view.ts';
import { lookOf } from '../forms/kind-looks.ts';
import type { PlacedNode } from './layout.ts';
import { hintOf } from './node-hint.ts';

export type GraphNode = Node<{ placed: PlacedNode }, PlacedNode['is']>;
/** What is chosen and what is wrong: nodes take it past the library, which would draw all of them anew. */
interface Choice {
  selected: string;
  faulty: ReadonlySet<string>;
  onSelect: (key: string) => void;
}
export const ChoiceContext = createContext<Choice>({ selected: '', faulty: new Set(), onSelect: () => undefined });

function StepNode({ data: { placed } }: NodeProps<GraphNode>) {
  const { selected, faulty, onSelect } = useContext(ChoiceContext);
  const { step } = placed;
  if (!step) return null;
  const isOn = selected === placed.key;
  return (
    <button
      type="button"
      data-graph-key={placed.key}
      aria-pressed={isOn}
      onClick={() => onSelect(placed.key)}
      title={`${step.name}\n${hintOf(step)}`}
      className={cx(
        'nopan flex size-full items-center gap-2.5 rounded-lg border bg-surface px-2.5 text-left shadow-1 hover:bg-sunken',
        isOn
          ? 'border-accent ring-3 ring-accent-soft'
          : faulty.has(placed.key)
            ? 'border-fail-solid'
            : 'border-line-strong',
      )}
    >
      <span
        className={cx(
          'grid size-[26px] flex-none place-items-center rounded-md',
          step.kind === 'approve'
            ? 'bg-wait-soft text-wait-fg'
            : isOn
              ? 'bg-run-soft text-run-fg'
              : 'bg-fill text-text-2',
        )}
      >
        <Icon of={lookOf(step.kind).icon} size={14} />
      </span>
      <span className="min-w-0 leading-[16px]">
        <span className="block truncate font-medium">{step.name}</span>
        <span className="block truncate text-micro text-text-3">{hintOf(step)}</span>
      </span>
    </button>
  );
}

function GroupNode({ data: { placed } }: NodeProps<GraphNode>) {
  const { selected, faulty, onSelect } = useContext(ChoiceContext);
  const { step, label } = placed;
  const isOn = selected === placed.key;
  const head = (
    <>
      {step && <Icon of={lookOf(step.kind).icon} size={14} className="flex-none" />}
      <span className={cx('truncate font-semibold', step && 'max-w-[65%] flex-none')}>{label}</span>
      {step && <span className="min-w-0 truncate text-meta font-normal text-text-3">{hintOf(step)}</span>}
    </>
  );
  return (
    <div
      className={cx(
        'size-full rounded-xl border bg-fill/40',
        isOn
          ? 'border-accent ring-3 ring-accent-soft'
          : step && faulty.has(placed.key)
            ? 'border-fail-solid'
            : 'border-line-strong',
      )}
    >
      {step ? (
        <button
          type="button"
          data-graph-key={placed.key}
          aria-pressed={isOn}
          onClick={() => onSelect(placed.key)}
          className="nopan flex h-10 w-full items-center gap-2 rounded-t-xl px-[18px] text-left"
        >
          {head}
        </button>
      ) : (
        <p className="flex h-10 items-center gap-2 px-[18px]">{head}</p>
      )}
    </div>
  );
}

const LaneNode = ({ data: { placed } }: NodeProps<GraphNode>) => (
  <p className="truncate text-meta text-text-3" title={placed.label}>
    {placed.label}
  </p>
);

function PinNode({ data: { placed } }: NodeProps<GraphNode>) {
  const { onSelect } = useContext(ChoiceContext);
  const classes =
    'nopan flex size-full items-center justify-center gap-1.5 rounded-full border border-line-strong bg-fill font-medium';
  return placed.key === 'inputs' ? (
    <button type="button" className={classes} onClick={() => onSelect(THE_PLAYBOOK)}>
      <Icon of={Zap} size={14} />
      {placed.label}
    </button>
  ) : (
    <p className={classes}>
      <Icon of={Flag} size={14} />
      {placed.label}
    </p>
  );
}

export const nodeTypes = { step: memo(StepNode), group: memo(GroupNode), lane: memo(LaneNode), pin: memo(PinNode) };
