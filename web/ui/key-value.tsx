import { Fragment, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';

/** Names and values, one a line. Values never shorten; long ones wrap. */
export function KeyValue({
  pairs,
  mono = false,
  className,
}: {
  pairs: ReadonlyArray<readonly [string, ReactNode]>;
  mono?: boolean;
  className?: string;
}) {
  return (
    <dl
      className={cx(
        'grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-meta leading-[18px]',
        mono && 'font-mono text-[11.5px]',
        className,
      )}
    >
      {pairs.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-text-3">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
