import type { ReactNode } from 'react';

/** One component in its states, under its name. */
export function Story({ title, children, wide = false }: { title: string; children: ReactNode; wide?: boolean }) {
  return (
    <section aria-label={title} className="mb-4">
      <h2 className="mb-1.5 font-semibold">{title}</h2>
      <div
        className={
          wide
            ? 'rounded-lg border border-line bg-surface'
            : 'flex flex-wrap items-center gap-3 rounded-lg border border-line bg-surface p-4'
        }
      >
        {children}
      </div>
    </section>
  );
}
