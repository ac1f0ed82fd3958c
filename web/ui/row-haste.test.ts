// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest';
import { makeHaste } from './row-haste.ts';

let now = 0;
const frames: FrameRequestCallback[] = [];
vi.stubGlobal('requestAnimationFrame', (act: FrameRequestCallback) => frames.push(act));
const frame = () => {
  for (const act of frames.splice(0)) act(now);
};
afterEach(() => {
  now = 0;
  frames.length = 0;
});

/** Scrolls by so many pixels in each of so many frames of 16 ms. */
function scroll(haste: ReturnType<typeof makeHaste>, pixels: number, times: number): void {
  for (let time = 0; time < times; time++) {
    now += 16;
    haste.scrolled(1_000 + pixels * time, now);
  }
}

test('a list is fast while it is scrolled by more than 2,000 pixels a second, and no longer when it stands', () => {
  const haste = makeHaste(() => now);
  expect(haste.isFast()).toBe(false);
  scroll(haste, 10, 3);
  expect(haste.isFast()).toBe(false);
  scroll(haste, 60, 3);
  expect(haste.isFast()).toBe(true);
  now += 150;
  expect(haste.isFast()).toBe(false);
});

test('a frame that comes late, or moves little, does not end the haste', () => {
  const haste = makeHaste(() => now);
  scroll(haste, 60, 3);
  now += 110;
  haste.scrolled(1_000 + 60 * 9, now);
  expect(haste.isFast()).toBe(true);
  now += 16;
  haste.scrolled(1_000 + 60 * 9 + 5, now);
  expect(haste.isFast()).toBe(true);
});

test('a jump to another place is no haste', () => {
  const haste = makeHaste(() => now);
  now = 5_000;
  haste.scrolled(80_000, now);
  expect(haste.isFast()).toBe(false);
});

test('what waits is done two a frame once the list has slowed down, and not at all when it is taken back', () => {
  const haste = makeHaste(() => now);
  scroll(haste, 60, 3);
  const done: number[] = [];
  const takeBack = Array.from({ length: 7 }, (_, at) => haste.later(() => done.push(at)));
  takeBack[2]?.();
  frame();
  expect(done).toEqual([]);
  now += 150;
  frame();
  expect(done).toEqual([0, 1]);
  frame();
  expect(done).toEqual([0, 1, 3, 4]);
  frame();
  expect(done).toEqual([0, 1, 3, 4, 5, 6]);
  expect(frames).toHaveLength(0);
});

test('of those that a slow scroll brings, two a frame are', () => {
  const haste = makeHaste(() => now);
  scroll(haste, 10, 3);
  expect(Array.from({ length: 4 }, () => haste.mayBeWhole())).toEqual([true, true, false, false]);
});

test('of many rows that come at once ten are drawn whole, and as many again in the next frame', () => {
  const haste = makeHaste(() => now);
  const whole = () => Array.from({ length: 30 }, () => haste.mayBeWhole()).filter(Boolean).length;
  expect(whole()).toBe(10);
  expect(whole()).toBe(0);
  frame();
  expect(whole()).toBe(10);
});
