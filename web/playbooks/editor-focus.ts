/** Ends a search for a field that is still on. */
let stop = (): void => undefined;

/** Back from the form to the list: Escape. */
export function focusList(): void {
  stop();
  document.querySelector<HTMLElement>('[data-testid="playbook.list"] [role=treeitem][tabindex="0"]')?.focus();
}

/** For as long as a slow machine may take to fetch and draw the form. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 30;

/**
 * Puts the focus into a field of the form of a step once that form is drawn; without a name into its first. Whoever goes
 * elsewhere meanwhile, by Tab, Escape, Enter, a command or the pointer, is let go.
 */
export function focusField(step: string, field = ''): void {
  stop();
  const form = `[data-form-of="${CSS.escape(step)}"]`;
  const selector = `${form} ${field ? `[data-field="${CSS.escape(field)}"]` : '[data-field]'}`;
  const own = new AbortController();
  const isOver = AbortSignal.any([own.signal, AbortSignal.timeout(PATIENCE_MS)]);
  stop = () => own.abort();
  const onKey = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
    if (ctrlKey || metaKey || altKey || key === 'Tab' || key === 'Escape' || key === 'Enter') own.abort();
  };
  window.addEventListener('keydown', onKey, { capture: true, signal: isOver });
  window.addEventListener('pointerdown', () => own.abort(), { capture: true, signal: isOver });
  const look = () => {
    if (isOver.aborted) return;
    const box = document.querySelector(selector);
    const target = box?.querySelector<HTMLElement>('input:not([tabindex="-1"]), textarea, button, [role=combobox]');
    target?.closest('details')?.setAttribute('open', '');
    target?.focus();
    // A dialog that is about to go keeps the focus in itself: it is tried again.
    if (target && document.activeElement === target) own.abort();
    else setTimeout(look, LOOK_EVERY_MS);
  };
  look();
}
