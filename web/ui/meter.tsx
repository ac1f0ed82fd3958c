import { cx } from '../kit/cx.ts';
import type { StatusFamily } from './status.ts';

const fills: Readonly<Record<StatusFamily, string>> = {
  idle: 'bg-idle-solid',
  run: 'bg-run-solid',
  wait: 'bg-wait-solid',
  ok: 'bg-ok-solid',
  fail: 'bg-fail-solid',
  ai: 'bg-ai-solid',
};

interface MeterProps {
  value: number;
  max: number;
  label: string;
  family?: StatusFamily;
  className?: string;
}

/** How much of a limit is used. */
export function Meter({ value, max, label, family = 'idle', className }: MeterProps) {
  const share = max <= 0 ? 0 : Math.min(1, Math.max(0, value / max));
  return (
    <span
      role="meter"
      aria-valuenow={value}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-label={label}
      className={cx('block h-[5px] w-full overflow-hidden rounded-full bg-line', className)}
    >
      <i className={cx('block h-full rounded-full', fills[family])} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
