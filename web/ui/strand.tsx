import { cx } from '../kit/cx.ts';
import { statusFill, statusLooks, type StatusName } from './status.ts';

interface StrandProps {
  segments: ReadonlyArray<{ id: string; status: StatusName }>;
  /** The sentence for screen readers; without it the strand counts itself. */
  label?: string;
  size?: 'sm' | 'md' | 'lg';
}

const count = (segments: StrandProps['segments']): string => {
  const done = segments.filter(({ status }) => status === 'succeeded' || status === 'skipped').length;
  const at = segments.find(({ status }) => !['succeeded', 'skipped', 'pending', 'queued'].includes(status));
  return `${done} of ${segments.length} steps done${at ? `, ${at.id} ${statusLooks[at.status].word.toLowerCase()}` : ''}`;
};

/** Our signature: one segment a step, filled by what became of it. Above 60 segments neighbours of one status merge. */
export function Strand({ segments, label, size = 'md' }: StrandProps) {
  const height = size === 'lg' ? 'h-2 gap-[3px]' : size === 'sm' ? 'h-1 gap-0.5' : 'h-1.5 gap-0.5';
  const drawn = segments.length > 60 ? merge(segments) : segments.map((segment) => ({ ...segment, span: 1 }));
  return (
    <span role="img" aria-label={label ?? count(segments)} className={cx('flex w-full min-w-0', height)}>
      {drawn.map(({ id, status, span }) => (
        <i
          key={id}
          style={{ flexGrow: span }}
          className={cx('min-w-0.5 basis-0 rounded-[1.5px]', statusFill(status))}
          data-status={status}
        />
      ))}
    </span>
  );
}

function merge(segments: StrandProps['segments']) {
  const merged: Array<{ id: string; status: StatusName; span: number }> = [];
  for (const segment of segments) {
    const last = merged.at(-1);
    if (last?.status === segment.status) last.span += 1;
    else merged.push({ ...segment, span: 1 });
  }
  return merged;
}
