import type { LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix, Popover as RadixPopover } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Icon } from './icon.tsx';
import { KeyCaps } from './key-cap.tsx';

const panel =
  'appear z-(--wl-z-popover) min-w-48 rounded-lg border border-line-strong bg-raised p-1 text-text shadow-2';

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
  label?: string;
  /** One menu for many buttons is opened by its owner. */
  isOpen?: boolean;
  onOpen?: (isOpen: boolean) => void;
  /** Its button was pressed before it was there. */
  startsOpen?: boolean;
  /** Where focus goes when it closes, where that is not the trigger. */
  onCloseFocus?: () => void;
  /** Its button is in a dialog or drawer, which it has to lie above. */
  isAbove?: boolean;
}

/** A list of acts that opens from a button. */
export function Menu({
  trigger,
  children,
  align = 'end',
  label,
  isOpen,
  onOpen,
  startsOpen = false,
  onCloseFocus,
  isAbove = false,
}: MenuProps) {
  return (
    <Radix.Root
      modal={false}
      defaultOpen={startsOpen}
      {...(isOpen !== undefined && { open: isOpen, onOpenChange: onOpen })}
    >
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className={panel}
          style={isAbove ? { zIndex: 'var(--wl-z-toast)' } : undefined}
          onClick={(event) => event.stopPropagation()}
          onCloseAutoFocus={(event) => {
            if (!onCloseFocus) return;
            event.preventDefault();
            onCloseFocus();
          }}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  icon?: LucideIcon;
  onSelect: () => void;
  children: ReactNode;
  hint?: ReactNode;
  keys?: string;
  danger?: boolean;
  /** Why it cannot be chosen: it stays visible and says so. */
  refusal?: string | null;
}

/** One act of a menu. */
export function MenuItem({ icon, onSelect, children, hint, keys, danger = false, refusal }: MenuItemProps) {
  return (
    <Radix.Item
      disabled={Boolean(refusal)}
      onSelect={onSelect}
      className={cx(
        'flex min-h-[30px] items-center gap-2.5 rounded-sm px-2 py-1 outline-none select-none data-[disabled]:opacity-60 data-[highlighted]:bg-fill max-sm:min-h-11',
        danger && 'text-fail-fg',
      )}
    >
      {icon && <Icon of={icon} size={15} className={danger ? undefined : 'text-text-2'} />}
      <span className="min-w-0 flex-1">
        {children}
        {(refusal ?? hint) && <span className="block text-meta text-text-3">{refusal ?? hint}</span>}
      </span>
      {keys && <KeyCaps keys={keys} />}
    </Radix.Item>
  );
}

interface MenuRadioProps<T extends string> {
  value: T;
  onValue: (value: T) => void;
  options: ReadonlyArray<{ value: T; label: ReactNode }>;
}

/** One of a few, inside a menu. */
export function MenuRadio<T extends string>({ value, onValue, options }: MenuRadioProps<T>) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(next) => onValue(next as T)}>
      {options.map((option) => (
        <Radix.RadioItem
          key={option.value}
          value={option.value}
          className="flex min-h-[30px] items-center gap-2.5 rounded-sm px-2 outline-none select-none data-[highlighted]:bg-fill max-sm:min-h-11"
        >
          <span
            className={cx(
              'size-[13px] flex-none rounded-full border',
              option.value === value ? 'border-4 border-accent' : 'border-line-input',
            )}
          />
          {option.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export const MenuCheck = ({
  checked,
  onChecked,
  children,
}: {
  checked: boolean;
  onChecked: (checked: boolean) => void;
  children: ReactNode;
}) => (
  <Radix.CheckboxItem
    checked={checked}
    onCheckedChange={onChecked}
    onSelect={(event) => event.preventDefault()}
    className="flex min-h-[30px] items-center gap-2.5 rounded-sm px-2 outline-none select-none data-[highlighted]:bg-fill max-sm:min-h-11"
  >
    <span
      className={cx(
        'grid size-[15px] flex-none place-items-center rounded-sm border',
        checked ? 'border-accent bg-accent text-surface' : 'border-line-input',
      )}
    >
      {checked && <span className="text-[10px] leading-none">✓</span>}
    </span>
    {children}
  </Radix.CheckboxItem>
);
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="px-2 pt-1.5 pb-1 text-meta text-text-3">{children}</Radix.Label>
);
export const MenuLine = () => <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;

interface PopoverProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'center' | 'end';
  label: string;
  className?: string;
  /** One that opens by a key as well is opened by its owner. */
  isOpen?: boolean;
  onOpen?: (isOpen: boolean) => void;
}

/** A small panel that opens from a button. */
export function Popover({ trigger, children, align = 'start', label, className, isOpen, onOpen }: PopoverProps) {
  return (
    <RadixPopover.Root {...(isOpen !== undefined && { open: isOpen, onOpenChange: onOpen })}>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className={cx(panel, 'p-3', className)}
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
