import { useEffect, useRef, useState, type ReactNode } from 'react';

const takesFocus =
  ':is(a[href], button, input, select, textarea, [tabindex]):not([disabled], [type=hidden], [tabindex="-1"])';

/**
 * Content that may be longer than its room. Where it is, and nothing in it takes the focus, the box itself does, so that
 * the keyboard can scroll it too (WCAG 2.1.1).
 */
export function ScrollBox({ className, children }: { className: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [isStop, setStop] = useState(false);
  useEffect(() => {
    const it = box.current;
    if (!it || typeof ResizeObserver !== 'function') return undefined;
    const look = () => setStop(it.scrollHeight > it.clientHeight && it.querySelector(takesFocus) === null);
    const sizes = new ResizeObserver(look);
    sizes.observe(it);
    const parts = new MutationObserver(look);
    parts.observe(it, { childList: true, subtree: true });
    return () => {
      sizes.disconnect();
      parts.disconnect();
    };
  }, []);
  return (
    <div ref={box} className={className} {...(isStop && { tabIndex: 0 })}>
      {children}
    </div>
  );
}
