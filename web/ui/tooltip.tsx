import { Tooltip as Radix } from 'radix-ui';
import { cloneElement, useState, type ReactElement, type ReactNode } from 'react';
import { KeyCaps } from './key-cap.tsx';

/** Around the whole app: a tooltip after 400 ms, at once for the next. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={400} skipDelayDuration={300}>
      {children}
    </Radix.Provider>
  );
}

interface TooltipProps {
  says: ReactNode;
  keys?: string;
  side?: 'top' | 'right' | 'bottom' | 'left';
  children: ReactNode;
}

/** Says a little more about what it wraps; never the only place of a fact. */
export function Tooltip({ says, keys, side = 'top', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={5}
          collisionPadding={8}
          className="appear z-(--wl-z-toast) flex max-w-72 items-center gap-2 rounded-md border border-line-strong bg-raised px-2 py-1 text-meta text-text shadow-2"
        >
          {says}
          {keys && <KeyCaps keys={keys} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/**
 * The same around something that takes no focus and stands in long lists: until the pointer is there it costs nothing. What
 * it wraps is made anew when the pointer comes, so it must hold no state.
 */
export function LateTooltip(props: Omit<TooltipProps, 'children'> & { children: ReactElement<PointerProps> }) {
  const [isWanted, setWanted] = useState(false);
  if (isWanted) return <Tooltip {...props} />;
  return cloneElement(props.children, { onPointerEnter: () => setWanted(true) });
}
interface PointerProps {
  onPointerEnter?: () => void;
}
