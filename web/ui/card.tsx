import type { ReactNode } from 'react';
import { cx } from '../kit/cx.ts';

/** A framed part of a page. */
export function Card({ children, className, label }: { children: ReactNode; className?: string; label?: string }) {
  return (
    <section aria-label={label} className={cx('min-w-0 rounded-lg border border-line bg-surface', className)}>
      {children}
    </section>
  );
}

interface SectionHeadProps {
  title: ReactNode;
  count?: number | string;
  hint?: ReactNode;
  end?: ReactNode;
  level?: 2 | 3;
  className?: string;
}

/** The head of a card or section: 40 px, a title, a count, and what can be done. */
export function SectionHead({ title, count, hint, end, level = 2, className }: SectionHeadProps) {
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <div className={cx('flex min-h-10 items-center gap-2 px-3.5', className)}>
      <Heading className="min-w-0 truncate font-semibold" title={typeof title === 'string' ? title : undefined}>
        {typeof title === 'string' ? <bdi>{title}</bdi> : title}
      </Heading>
      {count !== undefined && <Count>{count}</Count>}
      {/* What is said beside the title gives way before it. */}
      {hint && (
        <span
          className="min-w-0 flex-1 truncate text-meta text-text-2"
          title={typeof hint === 'string' ? hint : undefined}
        >
          {hint}
        </span>
      )}
      {end && <span className="ml-auto flex flex-none items-center gap-2 max-sm:[&_a]:py-3.5">{end}</span>}
    </div>
  );
}

/** A small figure beside a word. */
export function Count({ children }: { children: ReactNode }) {
  return (
    <span className="num inline-block min-w-[18px] rounded-full bg-fill px-[5px] text-center text-[11px] leading-4 font-medium text-text-2">
      {children}
    </span>
  );
}

/** A quiet remark with a tone. */
export function Note({
  tone = 'plain',
  children,
  className,
}: {
  tone?: 'plain' | 'wait' | 'fail' | 'run' | 'ok';
  children: ReactNode;
  className?: string;
}) {
  const tones = {
    plain: 'bg-sunken text-text-2',
    wait: 'bg-wait-soft text-wait-fg',
    fail: 'bg-fail-soft text-fail-fg',
    run: 'bg-run-soft text-run-fg',
    ok: 'bg-ok-soft text-ok-fg',
  };
  return <div className={cx('flex gap-2 rounded-md px-2.5 py-2 text-meta', tones[tone], className)}>{children}</div>;
}

/** A word on a ground: a tag of a server, a kind. */
export function Tag({
  children,
  tone = 'plain',
  mono = false,
  className,
}: {
  children: ReactNode;
  tone?: 'plain' | 'wait' | 'fail' | 'run' | 'ok' | 'line';
  mono?: boolean;
  className?: string;
}) {
  const tones = {
    plain: 'bg-fill text-text-2',
    wait: 'bg-wait-soft text-wait-fg',
    fail: 'bg-fail-soft text-fail-fg',
    run: 'bg-run-soft text-run-fg',
    ok: 'bg-ok-soft text-ok-fg',
    line: 'border border-line-strong text-text-2',
  };
  return (
    <span
      className={cx(
        'inline-flex h-5 flex-none items-center gap-1 rounded-sm px-1.5 text-meta whitespace-nowrap',
        mono && 'font-mono text-[11px]',
        tones[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

/** Tags in a cell: three, or two and how many more. */
export const Tags = ({ tags }: { tags: readonly string[] }) => (
  <span className="flex items-center gap-1 overflow-hidden" title={tags.join(', ')}>
    {tags.slice(0, tags.length > 3 ? 2 : 3).map((tag) => (
      <Tag key={tag}>
        <bdi className="max-w-24 truncate">{tag}</bdi>
      </Tag>
    ))}
    {tags.length > 3 && <span className="text-meta text-text-3">+{tags.length - 2}</span>}
  </span>
);
