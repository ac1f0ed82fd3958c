import { X } from 'lucide-react';
import { AlertDialog as RadixAlert, Dialog as Radix } from 'radix-ui';
import { useId, useState, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Button, IconButton } from './button.tsx';
import { useFocusReturn } from './focus-return.ts';
import { Input } from './input.tsx';
import { ScrollBox } from './scroll-box.tsx';
import { toast } from './toast.tsx';

const scrim = 'appear fixed inset-0 z-(--wl-z-dialog) bg-scrim';
const box =
  'appear fixed z-(--wl-z-dialog) flex flex-col rounded-xl border border-line-strong bg-raised text-text shadow-3 outline-none';

/** Focus begins where one writes, else on the box itself: on the close button it would only show its tooltip. */
const focusField = (event: Event): void => {
  event.preventDefault();
  const content = event.currentTarget as HTMLElement;
  const field = content.querySelector<HTMLElement>(
    ':is(input, textarea, [role=combobox]):not([disabled], [type=hidden], [tabindex="-1"], [aria-hidden=true])',
  );
  (field ?? content).focus();
};
/** A drawer is read first: on a phone a focused field would lift the keyboard over it. */
const focusBox = (event: Event): void => {
  event.preventDefault();
  (event.currentTarget as HTMLElement).focus();
};

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** The buttons; they stay in view. */
  foot?: ReactNode;
  width?: number;
}

/** A task in front of the page. Focus goes in, stays in, and returns to what opened it. */
export function Dialog({ isOpen, onClose, title, description, children, foot, width = 520 }: DialogProps) {
  const focus = useFocusReturn(focusField);
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          {...focus}
          {...(description ? {} : { 'aria-describedby': undefined })}
          style={{ maxWidth: width }}
          className={cx(box, 'top-[10vh] left-1/2 max-h-[80vh] w-[calc(100vw-24px)] -translate-x-1/2')}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lead font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-0.5 text-meta text-text-2">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton icon={X} label="Close" size="sm" />
            </Radix.Close>
          </header>
          <ScrollBox className="min-h-0 flex-1 overflow-auto px-5 pb-4">{children}</ScrollBox>
          {foot && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3 max-sm:px-4">
              {foot}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface DrawerProps extends Omit<DialogProps, 'width'> {
  width?: number;
  head?: ReactNode;
}

/** A panel from the right edge; its being open is in the address. */
export function Drawer({ isOpen, onClose, title, description, children, foot, head, width = 460 }: DrawerProps) {
  const focus = useFocusReturn(focusBox);
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          {...focus}
          {...(description ? {} : { 'aria-describedby': undefined })}
          style={{ maxWidth: width }}
          className={cx(box, 'slide-in inset-y-2 right-2 w-[calc(100vw-16px)]')}
        >
          <header className="flex items-start gap-3 border-b border-line px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="truncate text-lead font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description asChild>
                  <div className="mt-0.5 text-meta text-text-2">{description}</div>
                </Radix.Description>
              )}
            </div>
            {head}
            <Radix.Close asChild>
              <IconButton icon={X} label="Close" size="sm" />
            </Radix.Close>
          </header>
          <ScrollBox className="min-h-0 flex-1 overflow-auto">{children}</ScrollBox>
          {foot && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3 max-sm:px-4">
              {foot}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface AlertDialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** What stops, what is lost, what stays. */
  children: ReactNode;
  /** The act, in its own words: "Delete credential". */
  act: string;
  keep?: string;
  /** While what it answers is not settled the button is busy; what it throws is told. */
  onAct: () => unknown;
  /** Busy by something else. */
  busy?: boolean;
  /** Asked to be typed before the act is allowed. */
  typeName?: string;
}

/** Asks once before what cannot be taken back. Focus begins on the button that keeps, and goes back to what opened it. */
export function AlertDialog({
  isOpen,
  onClose,
  title,
  children,
  act,
  keep = 'Keep it',
  onAct,
  busy = false,
  typeName,
}: AlertDialogProps) {
  const focus = useFocusReturn();
  const [typed, setTyped] = useState('');
  const id = useId();
  const isMatched = !typeName || typed.trim() === typeName;
  const [isActing, setActing] = useState(false);
  const doIt = async () => {
    setActing(true);
    try {
      await onAct();
    } catch (error) {
      toast.failure(error);
    } finally {
      setActing(false);
    }
  };
  return (
    <RadixAlert.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (open) return;
        setTyped('');
        onClose();
      }}
    >
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={scrim} />
        <RadixAlert.Content
          {...focus}
          className={cx(box, 'top-[18vh] left-1/2 w-[calc(100vw-24px)] max-w-[440px] -translate-x-1/2 p-5')}
        >
          <RadixAlert.Title className="text-lead font-semibold">{title}</RadixAlert.Title>
          <RadixAlert.Description asChild>
            <div className="mt-1 text-meta text-text-2">{children}</div>
          </RadixAlert.Description>
          {typeName && (
            <div className="mt-3">
              <label htmlFor={id} className="mb-1 block text-meta font-medium">
                Type <span className="font-mono">{typeName}</span>
              </label>
              <Input id={id} value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
            </div>
          )}
          <div className="mt-4 flex justify-end gap-2">
            <RadixAlert.Cancel asChild>
              <Button>{keep}</Button>
            </RadixAlert.Cancel>
            <Button look="danger-solid" busy={busy || isActing} disabled={!isMatched} onClick={() => void doIt()}>
              {act}
            </Button>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
