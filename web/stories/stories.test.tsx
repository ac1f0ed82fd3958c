// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import { TooltipProvider } from '../ui/tooltip.tsx';
import { StoryPage } from './story-page.tsx';

beforeAll(() => {
  // jsdom lays nothing out and asks no media.
  stubResizeObserver();
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { value: 600, configurable: true });
  Element.prototype.scrollTo = () => undefined;
});
afterEach(cleanup);

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

test('each component of web/ui has its place among the stories', () => {
  const stories = readdirSync(folder('.'))
    .filter((name) => name.endsWith('.tsx') && !name.endsWith('.test.tsx'))
    .map((name) => readFileSync(folder(name), 'utf8'))
    .join('\n');
  // These are parts of a component that is shown: a line of a log, a row of a table.
  const parts = new Set(['data-head.tsx', 'data-row.tsx', 'data-rows.tsx', 'glyph-shapes.tsx', 'host-cells.tsx', 'log-lines.tsx', 'scroll-box.tsx', 'segmented.tsx', 'toast.tsx']); // prettier-ignore
  const shown = readdirSync(folder('../ui'))
    .filter((name) => name.endsWith('.tsx') && !name.endsWith('.test.tsx') && !parts.has(name))
    .filter((name) => !stories.includes(`from '../ui/${name}'`));
  expect(shown).toEqual([]);
});

test('the page of stories stands, each story once in either theme', () => {
  render(
    <TooltipProvider>
      <StoryPage />
    </TooltipProvider>,
  );
  const themes = [...document.querySelectorAll('main > [data-theme]')].map((each) => each.getAttribute('data-theme'));
  expect(themes).toEqual(['light', 'dark']);
  const titles = screen.getAllByRole('heading', { level: 2 }).map(({ textContent }) => textContent ?? '');
  for (const title of [
    'Status',
    'Button',
    'Fields',
    'Layers',
    'States',
    'Gantt',
    'Log',
    'Hosts, 200',
    'Clock',
    'Criticality',
  ])
    expect(titles.filter((each) => each === title).length, title).toBeGreaterThanOrEqual(2);
});
