// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { revealRow, useRowWindow } from './row-window.ts';

/** A list of 400 pixels with a head of 30 that stays, and 1,000 rows of 40. */
function list() {
  const box = document.createElement('div');
  box.innerHTML = '<div aria-rowindex="1"></div>';
  Object.defineProperty(box, 'clientHeight', { value: 400 });
  Object.defineProperty(box.firstElementChild, 'offsetHeight', { value: 30 });
  const drawn: number[] = [];
  const scroller = { current: box };
  const { result } = renderHook(() => {
    const view = useRowWindow(scroller, 1_000, 40, 10);
    drawn.push(view.to - view.from);
    return view;
  });
  return { box, drawn, view: () => result.current };
}

test('a few rows are drawn first, then as many as there is room for, whatever their number', () => {
  const { box, drawn, view } = list();
  expect(drawn[0]).toBeLessThan(20);
  expect(view()).toMatchObject({ from: 0, to: 24 });
  box.scrollTop = 4_000;
  act(() => void box.dispatchEvent(new Event('scroll')));
  expect(view().from).toBe(90);
  expect(view().to).toBe(124);
});

test('a row is brought into view by as little as it takes, and not under the head', () => {
  const { box } = list();
  revealRow(box, 5, 40);
  expect(box.scrollTop).toBe(0);
  revealRow(box, 20, 40);
  expect(box.scrollTop).toBe(30 + 21 * 40 - 400);
  const before = box.scrollTop;
  revealRow(box, 19, 40);
  expect(box.scrollTop).toBe(before);
  revealRow(box, 3, 40);
  expect(box.scrollTop).toBe(120);
});
