// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { keep } from './kept.ts';
import { keyActs, keyCaps, keyName, keySheet, useKeys, type KeyAct } from './keys.ts';

afterEach(cleanup);
function Keys({ acts, level }: { acts: KeyAct[]; level?: 0 | 1 }) {
  useKeys(acts, level);
  return <input aria-label="field" />;
}
const act = (keys: string, changes: Partial<KeyAct> = {}): KeyAct => ({
  keys,
  label: keys,
  run: vi.fn<() => void>(),
  ...changes,
});
const press = (key: string, changes: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key, ...changes });

test('one key after another is an act, and the first alone is none', () => {
  const go = act('g r');
  render(<Keys acts={[go]} />);
  press('r');
  expect(go.run).not.toHaveBeenCalled();
  press('g');
  press('r');
  expect(go.run).toHaveBeenCalledOnce();
});

test('the page’s own act comes before the shell’s of the same key, whichever was there first', () => {
  const [page, shell] = [act('c'), act('c')];
  render(
    <>
      <Keys acts={[page]} />
      <Keys acts={[shell]} level={0} />
    </>,
  );
  press('c');
  expect(page.run).toHaveBeenCalledOnce();
  expect(shell.run).not.toHaveBeenCalled();
});

test('single letters do nothing in a field; with a modifier only those that may', () => {
  const [letter, save, find] = [act('x'), act('mod+s', { inFields: true }), act('mod+f')];
  render(<Keys acts={[letter, save, find]} />);
  const field = screen.getByLabelText('field');
  fireEvent.keyDown(field, { key: 'x' });
  fireEvent.keyDown(field, { key: 's', ctrlKey: true });
  fireEvent.keyDown(field, { key: 'f', metaKey: true });
  expect(letter.run).not.toHaveBeenCalled();
  expect(save.run).toHaveBeenCalledOnce();
  expect(find.run).not.toHaveBeenCalled();
});

test('keys are written in one way, and shown as caps', () => {
  expect(keyName({ key: 'R', metaKey: false, ctrlKey: false, shiftKey: true, altKey: false })).toBe('shift+r');
  expect(keyName({ key: '?', metaKey: false, ctrlKey: false, shiftKey: true, altKey: false })).toBe('?');
  expect(keyCaps('g r')).toEqual(['G', 'R']);
  expect(keyCaps('shift+r')).toEqual(['⇧', 'R']);
});

test('two keys one after the other are one act, though the page has the second for itself: going to runs reruns none', () => {
  const [go, rerun] = [act('g r'), act('r')];
  render(
    <>
      <Keys acts={[go]} level={0} />
      <Keys acts={[rerun]} />
    </>,
  );
  press('g');
  press('r');
  expect(go.run).toHaveBeenCalledOnce();
  expect(rerun.run).not.toHaveBeenCalled();
});

test('where a person switched keys of one letter off, those with a modifier and Escape act all the same', () => {
  const [letter, chord, leave] = [act('c'), act('mod+k'), act('escape')];
  render(<Keys acts={[letter, chord, leave]} />);
  keep('letters', 'off');
  press('c');
  press('k', { ctrlKey: true });
  press('Escape');
  keep('letters', null);
  expect(letter.run).not.toHaveBeenCalled();
  expect(chord.run).toHaveBeenCalledOnce();
  expect(leave.run).toHaveBeenCalledOnce();
});

test('an act with nothing to act on does nothing and is named nowhere, until there is', () => {
  let isThere = false;
  const undo = act('z', { when: () => isThere });
  render(<Keys acts={[undo]} />);
  press('z');
  expect(undo.run).not.toHaveBeenCalled();
  expect([keyActs(), keySheet().page]).toEqual([[], []]);
  isThere = true;
  press('z');
  expect(undo.run).toHaveBeenCalledOnce();
  expect(keySheet().page.map(({ keys }) => keys)).toEqual(['z']);
});

test('the sheet tells apart what the page does, what a row in focus does, and what works everywhere', () => {
  const [row, selection] = [act('x', { inList: true }), act('', { label: 'Tag what is selected' })];
  render(
    <>
      <Keys acts={[act('c'), row, selection]} />
      <Keys acts={[act('c'), act('?')]} level={0} />
    </>,
  );
  const { page, list, everywhere } = keySheet();
  expect([page, list, everywhere].map((acts) => acts.map(({ keys }) => keys))).toEqual([['c'], ['x'], ['?']]);
  // A row does its own; what has no key at all is in the palette alone.
  press('x');
  expect(row.run).not.toHaveBeenCalled();
  expect(keyActs().map(({ label }) => label)).toEqual(['c', 'Tag what is selected', '?']);
});
