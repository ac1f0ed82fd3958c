import { FlaskConical } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { Count } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import type { OutlineStep } from './outline.ts';

interface StepListProps {
  steps: readonly OutlineStep[];
  current: string | undefined;
  onStep: (step: OutlineStep) => void;
  onTest: ((id: string) => void) | undefined;
}

const sectionWords: Readonly<Record<string, string>> = { undo: 'undo', onFailure: 'on failure', finally: 'finally' };

/** The steps of the document beside it: a click goes to the lines of one. */
export function StepList({ steps, current, onStep, onTest }: StepListProps) {
  return (
    <nav aria-label="Steps" className="flex w-[264px] flex-none flex-col overflow-auto border-r border-line">
      <div className="flex h-[42px] flex-none items-center gap-2 px-4">
        <h2 className="font-semibold">Steps</h2>
        <Count>{steps.length}</Count>
      </div>
      <ol className="px-1.5 pb-3">
        {steps.map((step, index) => {
          const isOn = step.id !== '' && step.id === current;
          return (
            <li
              key={`${step.id}${index}`}
              className={cx(
                'group flex h-8 items-center rounded-md',
                isOn ? 'bg-accent-soft font-medium' : 'hover:bg-sunken',
              )}
              style={{ paddingLeft: 8 + step.depth * 16 }}
            >
              <button
                type="button"
                onClick={() => onStep(step)}
                aria-current={isOn || undefined}
                className="flex min-w-0 flex-1 items-center gap-2 text-left"
              >
                <span className="truncate">{step.name}</span>
                {sectionWords[step.section] && (
                  <span className="text-micro text-text-3">{sectionWords[step.section]}</span>
                )}
              </button>
              {onTest && step.id && (
                <button
                  type="button"
                  aria-label={`Test ${step.name}`}
                  title="Test this step"
                  onClick={() => onTest(step.id)}
                  className="mr-1 opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
                >
                  <Icon of={FlaskConical} size={13} className="text-text-3" />
                </button>
              )}
              <span className="pr-2 font-mono text-[11px] font-normal text-text-3">{step.kind}</span>
            </li>
          );
        })}
      </ol>
      {steps.length === 0 && (
        <p className="px-4 text-meta text-text-3">
          No step yet. Write one under <span className="font-mono">steps:</span>.
        </p>
      )}
    </nav>
  );
}
