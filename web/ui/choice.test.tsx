// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, expect, test } from 'vitest';
import { Radio, Segmented } from './choice.tsx';

afterEach(cleanup);
const options = ['list', 'graph', 'yaml'].map((value) => ({ value, label: value }));

function Ways() {
  const [value, setValue] = useState('graph');
  return <Segmented label="View" value={value} onValue={setValue} options={options} />;
}
const option = (name: string) => screen.getByRole<HTMLElement>('radio', { name });
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

test('in a row of ways the arrow has moved the focus before the next key comes, round its ends; Enter chooses', () => {
  render(<Ways />);
  option('graph').focus();
  press('ArrowRight');
  expect(document.activeElement).toBe(option('yaml'));
  expect(option('yaml').ariaChecked).toBe('false');
  fireEvent.click(option('yaml'));
  expect(option('yaml').getAttribute('aria-checked')).toBe('true');
  press('ArrowRight');
  expect(document.activeElement).toBe(option('list'));
  press('End');
  expect(document.activeElement).toBe(option('yaml'));
});

test('a row of ways is one stop for Tab: where the arrows are, else what is chosen', () => {
  const stops = () => screen.getAllByRole('radio').filter(({ tabIndex }) => tabIndex === 0);
  render(<Ways />);
  expect(stops()).toEqual([option('graph')]);
  option('graph').focus();
  press('ArrowLeft');
  expect(stops()).toEqual([option('list')]);
  fireEvent.blur(option('list'));
  expect(stops()).toEqual([option('graph')]);
});

test('of a few one is chosen; two groups with the same words do not share their choice', () => {
  function Group({ label }: { label: string }) {
    const [value, setValue] = useState<string>();
    return <Radio label={label} value={value} onValue={setValue} options={options} />;
  }
  render(
    <>
      <Group label="One" />
      <Group label="Two" />
    </>,
  );
  const checked = () => screen.getAllByRole<HTMLInputElement>('radio').map((radio) => radio.checked);
  const [first, , , , fifth] = screen.getAllByRole('radio');
  if (first) fireEvent.click(first);
  if (fifth) fireEvent.click(fifth);
  expect(checked()).toEqual([true, false, false, false, true, false]);
});
