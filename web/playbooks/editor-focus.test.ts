// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { focusField, focusList } from './editor-focus.ts';

const page = `
  <section data-testid="playbook.list"><ul><li role="treeitem" tabindex="0" data-key="new">New</li></ul></section>
  <dialog open><input id="asks" /></dialog>
  <div id="form"></div>`;
const formOf = (step: string) => `<div data-form-of="${step}"><label data-field="name"><input /></label></div>`;
const draw = (html: string) => {
  const form = document.querySelector('#form');
  if (form) form.innerHTML = html;
};
const focused = () => document.activeElement?.closest('[data-form-of], [data-key]')?.getAttribute('data-form-of');
const press = (key: string) =>
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = page;
});
afterEach(() => vi.useRealTimers());

test('the focus waits for the form of the step, and does not go into the form of another one', () => {
  draw(formOf('old'));
  focusField('new', 'name');
  vi.advanceTimersByTime(500);
  expect(focused()).toBeUndefined();
  draw(formOf('new'));
  vi.advanceTimersByTime(500);
  expect(focused()).toBe('new');
});

test('a dialog that is about to go and takes the focus back once does not keep it', () => {
  draw(formOf('new'));
  const asks = document.querySelector<HTMLElement>('#asks');
  const trap = vi.fn<() => void>(() => asks?.focus());
  document.querySelector('#form')?.addEventListener('focusin', trap, { once: true });
  focusField('new', 'name');
  expect(document.activeElement).toBe(asks);
  vi.advanceTimersByTime(500);
  expect(focused()).toBe('new');
});

test('whoever went back to the list by Escape, or on by Tab, stays there when the form is drawn late', () => {
  for (const leave of [focusList, () => press('Tab'), () => press('Escape')]) {
    draw('');
    focusField('new', 'name');
    vi.advanceTimersByTime(100);
    leave();
    draw(formOf('new'));
    vi.advanceTimersByTime(500);
    expect(focused()).not.toBe('new');
  }
  focusField('new', 'name');
  vi.advanceTimersByTime(500);
  focusList();
  vi.advanceTimersByTime(500);
  expect(document.activeElement?.getAttribute('data-key')).toBe('new');
});
