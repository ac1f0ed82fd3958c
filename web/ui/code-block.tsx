import { cx } from '../kit/cx.ts';
import { Copy } from './copy.tsx';

interface CodeBlockProps {
  children: string;
  /** What it is, for the copy button: "command", "definition". */
  what?: string;
  wrap?: boolean;
  className?: string;
}

/** Code or output as it is, with a copy button on hover and focus. */
export function CodeBlock({ children, what = 'text', wrap = false, className }: CodeBlockProps) {
  return (
    <div className={cx('group relative min-w-0 rounded-md border border-line bg-sunken', className)}>
      <pre
        tabIndex={0}
        className={cx(
          'overflow-auto px-3 py-2 font-mono text-[11.5px] leading-[18px]',
          wrap && 'break-words whitespace-pre-wrap',
        )}
      >
        {children}
      </pre>
      <span className="absolute top-1.5 right-1.5 rounded-sm bg-sunken px-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
        <Copy text={children} what={what} className="max-sm:min-h-11 max-sm:min-w-11 max-sm:justify-center" />
      </span>
    </div>
  );
}
