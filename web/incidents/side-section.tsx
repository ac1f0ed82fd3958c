import type { ReactNode } from 'react';
import { Count } from '../ui/card.tsx';

/** A part of the side panel: its name, what can be done, its lines. */
export function SideSection({
  title,
  count,
  end,
  children,
}: {
  title: string;
  count?: number;
  end?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} className="border-b border-line px-4 pt-2.5 pb-3 last:border-b-0">
      <div className="mb-1 flex min-h-7 items-center gap-2">
        <h2 className="font-semibold">{title}</h2>
        {count !== undefined && count > 0 && <Count>{count}</Count>}
        {end && <span className="ml-auto flex items-center gap-1">{end}</span>}
      </div>
      {children}
    </section>
  );
}
