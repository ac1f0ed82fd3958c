// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useRef } from 'react';
import { afterEach, expect, test } from 'vitest';
import { useFullWindow } from './use-full-window.ts';

afterEach(cleanup);

function Page() {
  const part = useRef<HTMLElement>(null);
  const { isFull, toggle } = useFullWindow(part);
  return (
    <div>
      <nav data-testid="bar">bar</nav>
      <main>
        <aside data-testid="side">side</aside>
        <section ref={part} data-testid="part">
          <button type="button" aria-pressed={isFull} onClick={toggle}>
            Full
          </button>
        </section>
      </main>
      <p role="status" aria-live="polite" data-testid="told">
        told
      </p>
    </div>
  );
}
const isOut = (id: string) => screen.getByTestId(id).inert === true;

test('what lies behind a part that fills the window answers to nothing until it leaves; what tells of changes goes on', () => {
  const { unmount } = render(<Page />);
  const button = screen.getByRole('button', { name: 'Full' });
  fireEvent.click(button);
  expect(['bar', 'side', 'part', 'told'].map(isOut)).toEqual([true, true, false, false]);
  fireEvent.click(button);
  expect(['bar', 'side'].map(isOut)).toEqual([false, false]);
  // A result that closes while it fills the window leaves the page as it was.
  fireEvent.click(button);
  const bar = screen.getByTestId('bar');
  unmount();
  expect(bar.inert).toBe(false);
});
