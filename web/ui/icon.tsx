import type { LucideIcon } from 'lucide-react';

/** A Lucide icon at our measure: 16 px with a line of 1.5 px, thinner where it is smaller. It says nothing to screen readers; the words beside it do. */
export function Icon({ of: Shape, size = 16, className }: { of: LucideIcon; size?: number; className?: string }) {
  return (
    <Shape
      aria-hidden="true"
      focusable="false"
      size={size}
      strokeWidth={2.25}
      className={className ? `flex-none ${className}` : 'flex-none'}
    />
  );
}
