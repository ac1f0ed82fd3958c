import type { LucideIcon } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Icon } from './icon.tsx';
import { KeyCaps } from './key-cap.tsx';
import { StatusShapeOnly } from './status-glyph.tsx';
import { Tooltip } from './tooltip.tsx';

export type ButtonLook = 'default' | 'primary' | 'ghost' | 'danger' | 'danger-solid' | 'ok';

const looks: Readonly<Record<ButtonLook, string>> = {
  default: 'border-line-strong bg-surface text-text shadow-1 hover:bg-sunken',
  primary: 'border-ink bg-ink text-on-ink shadow-1 hover:border-ink-hover hover:bg-ink-hover',
  ghost: 'border-transparent text-text-2 hover:bg-fill hover:text-text',
  danger: 'border-line-strong bg-surface text-fail-fg shadow-1 hover:bg-fail-soft',
  'danger-solid': 'border-fail-fg bg-fail-fg text-surface shadow-1 hover:opacity-90',
  ok: 'border-ok-fg bg-ok-fg text-surface shadow-1 hover:opacity-90',
};
const sizes = {
  sm: 'h-[26px] max-sm:h-11 px-[9px] text-meta gap-[5px]',
  md: 'h-[30px] max-sm:h-11 px-[11px] gap-1.5',
  touch: 'h-11 px-4 text-lead gap-2 rounded-lg',
} as const;

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'ref'> {
  look?: ButtonLook;
  size?: keyof typeof sizes;
  icon?: LucideIcon;
  tail?: LucideIcon;
  /** The key that does the same: drawn as a cap and told to screen readers. The page binds it with `useKeys`. */
  keys?: string;
  /** The server is being asked: the button keeps its width and takes no second press. */
  busy?: boolean;
  /** Why it cannot be pressed ("It needs servers:manage."); it stays visible and says so. */
  refusal?: string | null;
  /** The child (a link) becomes the button. */
  asChild?: boolean;
}

/** A button. It says its act: "Run", "Delete credential"; never "OK". */
export function Button({
  look = 'default',
  size = 'md',
  icon,
  tail,
  keys,
  busy = false,
  refusal,
  asChild = false,
  className,
  children,
  onClick,
  disabled,
  type = 'button',
  ...rest
}: ButtonProps) {
  const classes = cx(
    'relative inline-flex flex-none items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors duration-(--wl-fast) select-none disabled:opacity-50 aria-disabled:opacity-50',
    looks[look],
    sizes[size],
    className,
  );
  if (asChild) {
    return (
      <Slot.Root className={classes} {...(rest as object)}>
        {children}
      </Slot.Root>
    );
  }
  const isStopped = busy || Boolean(refusal);
  const inside = (
    <>
      {icon && <Icon of={icon} size={14} className={cx('-ml-0.5', look === 'default' && 'text-text-2')} />}
      {children}
      {tail && <Icon of={tail} size={14} className="-mr-1 text-text-3" />}
      {keys && (
        <span className="-mr-1 ml-0.5 max-sm:hidden">
          <KeyCaps keys={keys} quiet={look !== 'default' && look !== 'ghost'} />
        </span>
      )}
    </>
  );
  const button = (
    <button
      {...rest}
      type={type}
      disabled={disabled}
      aria-disabled={isStopped || undefined}
      aria-busy={busy || undefined}
      aria-keyshortcuts={keys?.replace('mod', 'Meta')}
      className={classes}
      onClick={(event) => {
        if (isStopped) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? (
        <>
          <span className="invisible inline-flex items-center gap-[inherit]">{inside}</span>
          <span className="absolute inset-0 grid place-items-center">
            <StatusShapeOnly status="running" />
          </span>
        </>
      ) : (
        inside
      )}
    </button>
  );
  return refusal ? <Tooltip says={refusal}>{button}</Tooltip> : button;
}

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'tail' | 'children' | 'aria-label'> {
  icon: LucideIcon;
  /** The act, for screen readers and the tooltip. */
  label: string;
}

/** A button that shows only an icon; its word is in the tooltip and for screen readers. */
export function IconButton({ icon, label, size = 'md', look = 'ghost', keys, className, ...rest }: IconButtonProps) {
  const width = size === 'sm' ? 'w-[26px] max-sm:w-11' : size === 'md' ? 'w-[30px] max-sm:w-11' : 'w-11';
  return (
    <Tooltip says={label} keys={keys}>
      <Button {...rest} look={look} size={size} aria-label={label} className={cx(width, 'px-0!', className)}>
        <Icon of={icon} size={size === 'touch' ? 18 : size === 'sm' ? 14 : 16} />
      </Button>
    </Tooltip>
  );
}

/** Buttons joined into one. */
export function ButtonGroup({ children, label }: { children: ReactNode; label: string }) {
  return (
    <span
      role="group"
      aria-label={label}
      className="inline-flex [&>*]:rounded-none [&>*:first-child]:rounded-l-md [&>*:last-child]:rounded-r-md [&>*+*]:-ml-px"
    >
      {children}
    </span>
  );
}
