// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import { TooltipProvider } from '../ui/tooltip.tsx';
import { readPlaybook, type Slot } from './document/read-playbook.ts';
import { StepTree } from './step-tree.tsx';
import { changesSince } from './tree-rows.ts';
import type { Draft } from './use-draft.ts';
import { useStepActs } from './use-step-acts.ts';

beforeAll(() => {
  stubResizeObserver();
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(cleanup);

const start = `name: Roll
steps:
  - { id: first, kind: wait, for: 1s }
  - id: all
    kind: each
    items: [1]
    steps:
      - { id: inner, kind: wait, for: 1s }
  - { id: last, name: A very long name that goes on and on until it has no room left at all, kind: fail, message: x }
`;
const added: Slot[] = [];

function List({ text = start, isReadOnly = false }: { text?: string; isReadOnly?: boolean }) {
  const [yaml, setYaml] = useState(text);
  const [selected, setSelected] = useState('first');
  const reading = readPlaybook(yaml);
  const draft = {
    yaml,
    setYaml,
    edit: (act: (now: string) => string | undefined) => setYaml((now) => act(now) ?? now),
  } as unknown as Draft;
  const acts = useStepActs(draft, reading, setSelected);
  return (
    <TooltipProvider>
      <StepTree
        reading={reading}
        selected={selected}
        changes={changesSince(readPlaybook(start), reading)}
        faulty={new Set(['last'])}
        isReadOnly={isReadOnly}
        acts={acts}
        onSelect={setSelected}
        onOpen={() => undefined}
        onAdd={(slot) => added.push(slot)}
        text={yaml}
        onRestore={setYaml}
      />
    </TooltipProvider>
  );
}
const rows = (): string[] =>
  screen
    .getAllByRole('treeitem')
    .map((row) => `${row.getAttribute('aria-level') ?? ''} ${row.dataset['key'] ?? ''}`)
    .slice(1);
const press = (...keys: string[]) => {
  for (const key of keys) fireEvent.keyDown(screen.getByRole('tree'), { key });
};

test('steps inside others stand below them, and each says what it is', () => {
  render(<List />);
  expect(rows()).toEqual(['1 first', '1 all', '2 inner', '1 last']);
  expect(screen.getByRole('treeitem', { name: /^2\.1 ?inner ?wait/ })).toBeTruthy();
  expect(screen.getByRole('treeitem', { name: /has problems/ }).dataset['key']).toBe('last');
});

test('a lifted step goes into and out of others by arrows, and back by Escape', () => {
  render(<List />);
  press('m', 'ArrowDown');
  expect(rows()).toEqual(['1 all', '2 first', '2 inner', '1 last']);
  press('ArrowDown', 'ArrowDown', 'Enter');
  expect(rows()).toEqual(['1 all', '2 inner', '1 first', '1 last']);
  press('m', 'ArrowUp', 'ArrowUp', 'ArrowUp');
  expect(rows()[0]).toBe('1 first');
  press('Escape');
  expect(rows()).toEqual(['1 all', '2 inner', '1 first', '1 last']);
});

test('arrows walk, a copy has an id of its own, what is deleted is gone', () => {
  render(<List />);
  press('ArrowDown', 'd');
  expect(rows()).toEqual(['1 first', '1 all', '2 inner', '1 all_2', '2 inner_2', '1 last']);
  press('Delete');
  expect(rows()).toEqual(['1 first', '1 all', '2 inner', '1 last']);
  expect(screen.getByRole('treeitem', { selected: true }).dataset['key']).toBe('last');
});

test('where nothing may be changed no key changes it', () => {
  render(<List isReadOnly />);
  press('m', 'ArrowDown', 'd', 'Delete');
  expect(rows()).toEqual(['1 first', '1 all', '2 inner', '1 last']);
  expect(screen.queryByRole('button', { name: /Add step/ })).toBeNull();
});

test('a step is added behind the selected one; an empty list offers its own', () => {
  const empty = 'name: X\nsteps:\n  - { id: which, kind: if, condition: "true", then: [] }\n';
  render(<List text={empty} />);
  fireEvent.click(screen.getByRole('button', { name: 'Add a step to then' }));
  expect(added.at(-1)).toEqual({ list: '/steps/0/then', index: 0 });
});

test('a hundred steps are all there', () => {
  const many = Array.from({ length: 100 }, (_, at) => `  - { id: s${at}, kind: wait, for: 1s }`).join('\n');
  render(<List text={`name: X\nsteps:\n${many}\n`} />);
  expect(rows()).toHaveLength(100);
});
