// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useTyped } from './use-typed.ts';

const told = vi.fn<(text: string) => void>();
function Field({ value }: { value: string }) {
  const { text, setText, tellNow } = useTyped(value, told);
  return (
    <input
      aria-label="Search"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={({ key }) => key === 'Enter' && tellNow()}
    />
  );
}
const field = () => screen.getByLabelText<HTMLInputElement>('Search');
const type = (value: string) => fireEvent.change(field(), { target: { value } });
const pause = () =>
  act(() => {
    vi.advanceTimersByTime(1_000);
  });

beforeEach(() => {
  vi.useFakeTimers();
  told.mockClear();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test('what is typed stands in the field at once, and is told once, when the hand pauses', () => {
  render(<Field value="" />);
  type('v');
  type('va');
  expect(field().value).toBe('va');
  expect(told).not.toHaveBeenCalled();
  pause();
  expect(told.mock.calls).toEqual([['va']]);
});

test('Enter does not wait for the pause, and nothing is told twice', () => {
  render(<Field value="" />);
  type('v');
  fireEvent.keyDown(field(), { key: 'Enter' });
  pause();
  expect(told.mock.calls).toEqual([['v']]);
});

test('a value that comes back late takes nothing away from what was typed on; one from elsewhere is shown', () => {
  const { rerender } = render(<Field value="" />);
  type('v');
  pause();
  type('va');
  rerender(<Field value="v" />);
  expect(field().value).toBe('va');
  pause();
  rerender(<Field value="va" />);
  rerender(<Field value="" />);
  expect(field().value).toBe('');
});

test('a field that has gone tells nothing', () => {
  const { unmount } = render(<Field value="" />);
  type('v');
  unmount();
  pause();
  expect(told).not.toHaveBeenCalled();
});
