// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiFailure } from '../kit/failure.ts';
import { clock } from '../kit/clock.ts';
import { keep } from '../kit/kept.ts';
import { Copy } from './copy.tsx';
import { EmptyState } from './empty-state.tsx';
import { ErrorState } from './error-state.tsx';
import { Countdown, Duration, RelativeTime } from './relative-time.tsx';
import { Tabs } from './tabs.tsx';
import { TooltipProvider } from './tooltip.tsx';

const now = Date.parse('2026-11-20T14:00:00Z');
beforeEach(() => {
  vi.useFakeTimers({ now });
  clock.set(now);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  keep('zone', null);
});
const show = (node: React.ReactNode) => render(<TooltipProvider>{node}</TooltipProvider>);
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

describe('times', () => {
  test('a time is said as people say it, moves on, and has its instant for machines', async () => {
    show(<RelativeTime at="2026-11-20T13:59:37Z" />);
    const time = screen.getByText('23 s ago');
    expect(time.getAttribute('datetime')).toBe('2026-11-20T13:59:37.000Z');
    await pass(61_000);
    expect(time.textContent).toBe('1 min ago');
  });
  test('its full form follows the zone that the person chose, at once', async () => {
    keep('zone', 'UTC');
    show(<RelativeTime at="2026-11-20T13:00:00Z" as="clock" />);
    const time = document.querySelector('time');
    expect(time?.textContent).toBe('13:00:00');
    act(() => keep('zone', 'Asia/Kathmandu'));
    expect(time?.textContent).toBe('18:45:00');
    expect(time?.getAttribute('aria-label')).toContain('GMT+5:45');
  });
  test('alone it is a stop of the keyboard; in a row, a link or a button those are the stop', () => {
    show(
      <>
        <p>
          <RelativeTime at="2026-11-20T13:00:00Z" />
        </p>
        <a href="#run">
          <RelativeTime at="2026-11-20T12:00:00Z" />
        </a>
        <div role="row">
          <RelativeTime at="2026-11-20T11:00:00Z" />
        </div>
      </>,
    );
    expect([...document.querySelectorAll('time')].map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
  });
  test('how long something takes is counted on until it has ended, and stands still while the stream is gone', async () => {
    show(
      <>
        <Duration from="2026-11-20T13:59:00Z" className="alive" />
        <Duration from="2026-11-20T13:59:00Z" to="2026-11-20T13:59:20Z" className="ended" />
        <Duration from={null} className="none" />
      </>,
    );
    const text = (name: string) => document.querySelector(`.${name}`)?.textContent;
    expect([text('alive'), text('ended'), text('none')]).toEqual(['1:00', '0:20', '–']);
    await pass(5_000);
    expect([text('alive'), text('ended')]).toEqual(['1:05', '0:20']);
    act(() => clock.freeze());
    await pass(10_000);
    expect(text('alive')).toBe('1:05');
    act(() => clock.thaw());
    expect(text('alive')).toBe('1:15');
  });
  test('a countdown ends in a word', async () => {
    show(<Countdown until="2026-11-20T14:00:03Z" over="expired" />);
    expect(screen.getByText('3 s').getAttribute('datetime')).toBe('PT3S');
    await pass(3_000);
    expect(screen.getByText('expired')).toBeTruthy();
  });
});

describe('Copy', () => {
  const write = vi.fn<(text: string) => Promise<void>>();
  beforeEach(() => {
    write.mockReset().mockResolvedValue();
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: write }, configurable: true });
  });
  test('it copies, answers in its place for a second and a half, and does not press what it stands in', async () => {
    const around = vi.fn<() => void>();
    show(
      // A row that opens by a press, as in lists.
      <div role="presentation" onClick={around}>
        <Copy text="01a1fe29" what="run id">
          01a1…
        </Copy>
      </div>,
    );
    fireEvent.click(screen.getByRole('button', { name: /Copy run id/ }));
    await pass(0);
    expect(write).toHaveBeenCalledWith('01a1fe29');
    expect(screen.getByText('Copied')).toBeTruthy();
    expect(around).not.toHaveBeenCalled();
    await pass(1_500);
    expect(screen.queryByText('Copied')).toBeNull();
  });
  test('where the browser forbids it, it does not say that it has', async () => {
    write.mockRejectedValue(new Error('denied'));
    show(<Copy text="secret" what="key" />);
    fireEvent.click(screen.getByRole('button'));
    await pass(0);
    expect(screen.queryByText('Copied')).toBeNull();
  });
});

test('tabs are one stop; arrows choose the next and go round, and the chosen one names its panel', () => {
  const chosen: string[] = [];
  function Paged() {
    const [tab, setTab] = useState<'events' | 'outputs' | 'linked'>('events');
    return (
      <Tabs
        label="About the run"
        panelId="panel"
        value={tab}
        onValue={(next) => {
          chosen.push(next);
          setTab(next);
        }}
        tabs={[
          { value: 'events', label: 'Events', count: 3 },
          { value: 'outputs', label: 'Outputs' },
          { value: 'linked', label: 'Linked' },
        ]}
      />
    );
  }
  show(<Paged />);
  const list = screen.getByRole('tablist', { name: 'About the run' });
  expect(list.querySelectorAll('[tabindex="0"]').length).toBe(1);
  screen.getByRole('tab', { selected: true }).focus();
  fireEvent.keyDown(list, { key: 'ArrowRight' });
  fireEvent.keyDown(list, { key: 'ArrowLeft' });
  fireEvent.keyDown(list, { key: 'ArrowLeft' });
  expect(chosen).toEqual(['outputs', 'events', 'linked']);
  const linked = screen.getByRole('tab', { name: 'Linked', selected: true });
  expect(document.activeElement).toBe(linked);
  expect(linked.getAttribute('aria-controls')).toBe('panel');
});

test('an empty place says what belongs there and offers the first act', () => {
  show(
    <EmptyState icon={ListChecks} title="No run yet" action={<button type="button">Go to playbooks</button>}>
      Everything that takes time is a run.
    </EmptyState>,
  );
  expect(screen.getByText('No run yet')).toBeTruthy();
  expect(screen.getByText('Everything that takes time is a run.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Go to playbooks' })).toBeTruthy();
});

describe('ErrorState', () => {
  const failure = (changes: object) =>
    new ApiFailure({ code: 'server.failed', message: 'Something broke.', status: 500, requestId: 'req_3', ...changes });
  test('it says what did not load, what to quote, and asks again', () => {
    const retry = vi.fn<() => void>();
    show(<ErrorState error={failure({})} what="The runs" retry={retry} />);
    expect(screen.getByRole('alert').textContent).toContain('The runs did not load');
    expect(screen.getByRole('button', { name: /server\.failed · req_3.*Copy what to quote/s })).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(retry).toHaveBeenCalledOnce();
  });
  test('who may not see it learns what is missing and who can give it; another refusal names nobody', () => {
    show(
      <ErrorState
        error={failure({ status: 403, code: 'identity.permission_missing', message: 'This needs runs:read.' })}
      />,
    );
    expect(screen.getByText('This needs runs:read.')).toBeTruthy();
    expect(screen.getByText('An owner or an admin of the workspace can give it.')).toBeTruthy();
    cleanup();
    show(
      <ErrorState error={failure({ status: 403, code: 'identity.person_needed', message: 'This is for people.' })} />,
    );
    expect(screen.queryByText(/can give it/)).toBeNull();
  });
  test('any thrown thing has a sentence and a code', () => {
    show(<ErrorState error={new Error('The line is cut.')} />);
    expect(screen.getByText('The line is cut.')).toBeTruthy();
    expect(screen.getByText('console.failed')).toBeTruthy();
  });
});
