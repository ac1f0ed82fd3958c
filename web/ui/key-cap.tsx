import { cx } from '../kit/cx.ts';
import { keyCaps } from '../kit/keys.ts';

/** One key cap. */
export function KeyCap({ children, quiet = false }: { children: string; quiet?: boolean }) {
  return (
    <kbd
      className={cx(
        'inline-block h-[18px] min-w-[18px] flex-none rounded-sm border px-1 text-center font-sans text-[11px] leading-4 font-medium',
        quiet ? 'border-current/35 text-inherit' : 'border-line-strong bg-sunken text-text-2',
      )}
    >
      {children}
    </kbd>
  );
}

/** The caps of a key act, `mod+k` or `g r`. Screen readers get keys by `aria-keyshortcuts`, not by these. */
export function KeyCaps({ keys, quiet }: { keys: string; quiet?: boolean }) {
  return (
    <span aria-hidden="true" className="inline-flex gap-0.5">
      {keyCaps(keys).map((cap, index) => (
        <KeyCap key={index} quiet={quiet}>
          {cap}
        </KeyCap>
      ))}
    </span>
  );
}
