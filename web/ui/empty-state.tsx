import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  /** The first act, as a button. */
  action?: ReactNode;
}

/** What belongs here, in one line, and the first act. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center justify-center gap-2 p-8 text-center">
      <span className="grid size-9 place-items-center rounded-md bg-fill text-text-2">
        <Icon of={icon} />
      </span>
      <p className="font-semibold">{title}</p>
      {children && <div className="max-w-[340px] text-meta text-text-2">{children}</div>}
      {action && <div className="mt-1 flex items-center gap-2">{action}</div>}
    </div>
  );
}
