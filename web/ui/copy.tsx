import { Check, Copy as CopyIcon } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { announce } from '../kit/announce.tsx';
import { cx } from '../kit/cx.ts';
import { Icon } from './icon.tsx';
import { toast } from './toast.tsx';

/** Puts text on the clipboard; answers whether it could. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied');
    return true;
  } catch {
    toast.error('The browser did not allow copying. Select the text and copy it by hand.');
    return false;
  }
}

interface CopyProps {
  text: string;
  /** What is copied: "run id". */
  what: string;
  /** Shown before the button: then the whole is the button. */
  children?: ReactNode;
  className?: string;
}

/** Copies; it answers "Copied" in its place for 1.5 s. */
export function Copy({ text, what, children, className }: CopyProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      title={isCopied ? 'Copied' : `Copy ${what}`}
      className={cx('inline-flex items-center gap-1.5 rounded-sm text-left text-inherit hover:text-text', className)}
      onClick={(event) => {
        event.stopPropagation();
        event.preventDefault();
        void copyText(text).then(setCopied);
      }}
    >
      {children}
      <span className={cx('inline-flex items-center gap-1', isCopied ? 'text-ok-fg' : 'text-text-3')}>
        <Icon of={isCopied ? Check : CopyIcon} size={13} />
        {isCopied && <span className="font-sans text-meta">Copied</span>}
      </span>
      <span className="sr-only">{`Copy ${what}`}</span>
    </button>
  );
}
