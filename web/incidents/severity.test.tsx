// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { incidentStates, stateNames } from '#contracts/incidents/states.ts';
import { severityWords } from './incident-words.ts';
import { Severity } from './severity.tsx';
import { StateWord } from './state-glyph.tsx';

afterEach(cleanup);

test('severities are told by their bars and their word: the worse, the more', () => {
  const bars = incidentSeverities.map((severity) => {
    const { container, unmount } = render(<Severity severity={severity} />);
    expect(container.textContent).toBe(severityWords[severity]);
    const filled = container.querySelectorAll('i.bg-current').length;
    unmount();
    return filled;
  });
  expect(bars).toEqual([4, 3, 2, 1]);
});

test('states of an incident are told by a shape of their own and their word', () => {
  const shapes = incidentStates.map((state) => {
    const { container, unmount } = render(<StateWord state={state} name={stateNames[state]} />);
    expect(container.textContent).toBe(stateNames[state]);
    const shape = container.querySelector('svg')?.innerHTML;
    unmount();
    return shape;
  });
  expect(shapes.every(Boolean)).toBe(true);
  expect(new Set(shapes).size).toBe(incidentStates.length);
});
