import { ChevronRight } from 'lucide-react';
import { Fragment, useEffect, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Icon } from './icon.tsx';

interface PageProps {
  title: string;
  /** Beside the title: a pill, a count. */
  mark?: ReactNode;
  hint?: ReactNode;
  crumbs?: readonly ReactNode[];
  action?: ReactNode;
  /** Rows of the head below the title: filters, tabs, a strand. They stay while the body scrolls. */
  head?: ReactNode;
  foot?: ReactNode;
  children: ReactNode;
  /** The body scrolls by itself unless the page brings its own panes. */
  panes?: boolean;
  testId?: string;
}

/** A page in the working panel: a head with one `h1`, a body, perhaps a foot. Only the body scrolls. */
export function Page({ title, mark, hint, crumbs, action, head, foot, children, panes = false, testId }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Windlass`;
  }, [title]);
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid={testId}>
      <header className="flex-none px-5 pt-3.5 pb-3 max-sm:px-4">
        {crumbs && crumbs.length > 0 && <Crumbs items={crumbs} />}
        <div className="flex min-h-[30px] flex-wrap items-center gap-x-3 gap-y-2">
          <h1 tabIndex={-1} className="min-w-0 truncate text-title font-semibold tracking-[-0.012em]" title={title}>
            {title}
          </h1>
          {mark}
          {hint && <span className="text-text-2">{hint}</span>}
          {action && <div className="ml-auto flex flex-wrap items-center gap-2">{action}</div>}
        </div>
      </header>
      {head}
      <div className={cx('relative min-h-0 flex-1', panes ? 'flex flex-col' : 'overflow-auto')}>{children}</div>
      {foot}
    </div>
  );
}

/** The way here. */
export function Crumbs({ items }: { items: readonly ReactNode[] }) {
  return (
    <nav
      aria-label="You are here"
      className="mb-1 flex items-center gap-1.5 text-meta text-text-3 max-sm:[&_a]:inline-flex max-sm:[&_a]:min-h-11 max-sm:[&_a]:min-w-11 max-sm:[&_a]:items-center"
    >
      {items.map((item, index) => (
        <Fragment key={index}>
          {index > 0 && <Icon of={ChevronRight} size={12} />}
          {item}
        </Fragment>
      ))}
    </nav>
  );
}

/** The foot of a list: counts and what the keys do. */
export function PageFoot({ children }: { children: ReactNode }) {
  return (
    <footer className="flex h-9 flex-none items-center gap-4 border-t border-line px-5 text-meta whitespace-nowrap text-text-2 max-sm:hidden">
      {children}
    </footer>
  );
}

/** The row of filters under the head. */
export function FilterBar({ children }: { children: ReactNode }) {
  return <div className="flex flex-none flex-wrap items-center gap-2 px-5 pb-3 max-sm:px-4">{children}</div>;
}
