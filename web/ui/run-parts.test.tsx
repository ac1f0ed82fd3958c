// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import { Gantt, ticksBetween, type GanttRow } from './gantt.tsx';
import { HostGrid, type HostTile } from './host-grid.tsx';
import { LogPane } from './log-pane.tsx';
import { fixedLog, type LogLine } from './log-source.ts';
import { Meter } from './meter.tsx';
import { statusLooks, type StatusName } from './status.ts';
import { Strand } from './strand.tsx';
import { TooltipProvider } from './tooltip.tsx';

const scrolls: ScrollToOptions[] = [];
beforeAll(() => {
  // jsdom lays nothing out: panes are told a size.
  stubResizeObserver();
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { value: 600, configurable: true });
  Element.prototype.scrollTo = (to?: ScrollToOptions | number) => void (typeof to === 'object' && scrolls.push(to));
});
afterEach(cleanup);
const show = (node: React.ReactNode) => render(<TooltipProvider>{node}</TooltipProvider>);

test('every status can be told without colour: no two share both word and shape, and no two words are the same', () => {
  const words = Object.values(statusLooks).map(({ word }) => word);
  expect(new Set(words).size).toBe(words.length);
  // Among the statuses of a run, a step or a host the shape alone tells which.
  const shapes = (names: StatusName[]) => names.map((name) => statusLooks[name].shape);
  const ofRuns = shapes(['queued', 'running', 'waiting', 'succeeded', 'failed', 'timed_out', 'canceled', 'skipped']);
  const ofHosts = shapes(['pending', 'running', 'succeeded', 'failed', 'unreachable', 'timed_out', 'unknown']);
  for (const all of [ofRuns, ofHosts]) expect(new Set(all).size).toBe(all.length);
});

describe('Strand and Meter', () => {
  const many = (count: number, status: StatusName, from = 0) =>
    Array.from({ length: count }, (_, index) => ({ id: `s${from + index}`, status }));
  test('each step is a part; above sixty, neighbours of one status are one part as wide as they are many', () => {
    show(<Strand segments={[...many(2, 'succeeded'), ...many(1, 'failed', 2)]} />);
    expect(document.querySelectorAll('[role=img] i').length).toBe(3);
    cleanup();
    show(<Strand segments={[...many(50, 'succeeded'), ...many(1, 'running', 50), ...many(20, 'pending', 51)]} />);
    const parts = [...document.querySelectorAll<HTMLElement>('[role=img] i')];
    expect(parts.map(({ style }) => style.flexGrow)).toEqual(['50', '1', '20']);
    expect(screen.getByRole('img', { name: '50 of 71 steps done, s50 running' })).toBeTruthy();
  });
  test('a caller that knows more says it', () => {
    show(<Strand segments={many(2, 'succeeded')} label="Last 2: both went well" />);
    expect(screen.getByRole('img', { name: 'Last 2: both went well' })).toBeTruthy();
  });
  test('a meter says its figures, and is never fuller than full', () => {
    show(<Meter value={7} max={5} label="Runs at once" />);
    const meter = screen.getByRole('meter', { name: 'Runs at once' });
    expect([meter.getAttribute('aria-valuenow'), meter.getAttribute('aria-valuemax')]).toEqual(['7', '5']);
    expect(meter.querySelector('i')?.style.width).toBe('100%');
    cleanup();
    show(<Meter value={3} max={0} label="Nothing allowed" />);
    expect(screen.getByRole('meter').querySelector('i')?.style.width).toBe('0%');
  });
});

describe('Gantt', () => {
  const begin = Date.parse('2026-11-20T14:00:00Z');
  const rows: GanttRow[] = [
    {
      id: 'deploy',
      index: '1',
      name: 'Deploy',
      depth: 0,
      status: 'succeeded',
      hasChildren: true,
      isOpen: false,
      note: '0:40 · 2 attempts',
      bars: [
        { from: begin, to: begin + 10_000, status: 'failed', title: 'Attempt 1' },
        { from: begin + 20_000, to: begin + 40_000, status: 'succeeded', title: 'Attempt 2' },
      ],
    },
    { id: 'check', index: '2', name: 'Check', depth: 0, status: 'pending', note: 'not started', bars: [] },
  ];
  const gantt = (more: Partial<Parameters<typeof Gantt>[0]> = {}) =>
    show(<Gantt rows={rows} from={begin} to={begin + 60_000} {...more} />);
  test('each attempt is a bar of its own with its words, the pause between them is drawn, and what has not begun says so', () => {
    gantt();
    const line = document.querySelector('[data-step=deploy]');
    expect([...(line?.querySelectorAll('[data-attempt]') ?? [])].map((bar) => bar.getAttribute('title'))).toEqual([
      'Attempt 1',
      'Attempt 2',
    ]);
    expect(line?.querySelectorAll('.border-dashed').length).toBe(1);
    expect(screen.getByText('not started')).toBeTruthy();
    expect(screen.getByRole('img', { name: 'Not started' })).toBeTruthy();
  });
  test('a step is selected and unfolded by its buttons, and the selected one says so', () => {
    const [select, toggle] = [vi.fn<(id: string) => void>(), vi.fn<(id: string) => void>()];
    gantt({ onSelect: select, onToggle: toggle, selected: 'check' });
    fireEvent.click(screen.getByRole('button', { name: 'Deploy' }));
    expect(select).toHaveBeenCalledWith('deploy');
    const unfold = screen.getByRole('button', { name: 'Unfold Deploy' });
    expect(unfold.getAttribute('aria-expanded')).toBe('false');
    fireEvent.click(unfold);
    expect(toggle).toHaveBeenCalledWith('deploy');
    expect(screen.getByRole('button', { name: 'Check' }).getAttribute('aria-current')).toBe('true');
  });
  test('it is zoomed by keys and buttons, and never smaller than the whole', () => {
    gantt();
    const inner = () => screen.getByRole('region').querySelector<HTMLElement>('.pb-5')?.style.minWidth;
    fireEvent.keyDown(screen.getByRole('region'), { key: '+' });
    expect(inner()).toBe('150%');
    fireEvent.keyDown(screen.getByRole('region'), { key: '-' });
    expect(inner()).toBe('');
    fireEvent.keyDown(screen.getByRole('region'), { key: '-' });
    expect(inner()).toBe('');
    fireEvent.click(screen.getByRole('button', { name: 'Zoom in' }));
    expect(inner()).toBe('150%');
  });
  test('ticks are round, within the time, and not too many', () => {
    const ticks = ticksBetween(begin + 700, begin + 61_000, 7);
    expect(ticks.length).toBeLessThanOrEqual(8);
    expect(ticks.every((tick) => tick % 10_000 === 0 && tick >= begin && tick <= begin + 61_000)).toBe(true);
    expect(ticksBetween(begin, begin + 90 * 86_400_000, 7).length).toBeLessThanOrEqual(8);
  });
  test('while the run goes on, a line says where now is', () => {
    gantt({ to: null });
    expect(screen.getByText('now')).toBeTruthy();
    cleanup();
    gantt();
    expect(screen.queryByText('now')).toBeNull();
  });
});

describe('HostGrid', () => {
  const host = (index: number, status: StatusName, note?: string): HostTile => ({
    host: `web-${index}`,
    status,
    segments: [{ id: 'a', status: status === 'pending' ? 'pending' : 'succeeded' }],
    startedAt: null,
    endedAt: null,
    ...(note !== undefined && { note }),
  });
  const select = vi.fn<(host: string | undefined) => void>();
  const grid = (hosts: HostTile[], selected?: string) =>
    show(<HostGrid hosts={hosts} onSelect={select} {...(selected !== undefined && { selected })} />);
  test('it counts what became of the hosts, and a press narrows to one, a second takes it back', () => {
    grid([
      host(1, 'succeeded'),
      host(2, 'failed', 'exit 28'),
      host(3, 'unknown'),
      host(4, 'running'),
      host(5, 'pending'),
    ]);
    expect(screen.getByText('1 done · 1 failed · 1 unknown · 1 running · 1 left')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: /web-2/ }));
    expect(select).toHaveBeenLastCalledWith('web-2');
    cleanup();
    grid([host(1, 'succeeded'), host(2, 'failed', 'exit 28')], 'web-2');
    const tile = screen.getByRole('button', { name: /web-2/ });
    expect(tile.getAttribute('aria-pressed')).toBe('true');
    expect(tile.textContent).toContain('exit 28');
    fireEvent.click(tile);
    expect(select).toHaveBeenLastCalledWith(undefined);
  });
  test('above forty hosts each is a cell that says its name and status, above five hundred a row of a table', () => {
    grid(Array.from({ length: 41 }, (_, index) => host(index, 'succeeded')));
    expect(screen.getByRole('button', { name: 'web-40, Succeeded' })).toBeTruthy();
    expect(document.querySelector('table')).toBeNull();
    cleanup();
    grid(Array.from({ length: 501 }, (_, index) => host(index, 'succeeded')));
    expect(document.querySelectorAll('tbody tr').length).toBe(501);
    expect(screen.queryByRole('button', { name: 'Show as table' })).toBeNull();
  });
  test('a few hosts are shown as a table to whoever wants one', () => {
    grid([host(1, 'succeeded'), host(2, 'unreachable', 'no answer')]);
    fireEvent.click(screen.getByRole('button', { name: 'Show as table' }));
    const line = screen.getByText('web-2').closest('tr');
    if (!line) throw new Error('no row');
    expect(within(line).getByText('Unreachable')).toBeTruthy();
    expect(within(line).getByText('no answer')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Show as tiles' }));
    expect(document.querySelector('table')).toBeNull();
  });
});

describe('LogPane', () => {
  const line = (index: number, changes: Partial<LogLine> = {}): LogLine => ({
    number: index + 1,
    at: '2026-11-20T14:00:00Z',
    host: `web-${index % 2}`,
    stream: 'stdout',
    text: `line ${index + 1}`,
    ...changes,
  });
  const log = fixedLog(Array.from({ length: 1_000 }, (_, index) => line(index)));
  const pane = (more: Partial<Parameters<typeof LogPane>[0]> = {}) =>
    show(<LogPane source={log} search="" onSearch={() => undefined} isLive={false} {...more} />);
  test('of a thousand lines a screenful is drawn, and the log says how many there are', () => {
    pane();
    expect(screen.getByRole('log', { name: 'Log, 1000 lines' })).toBeTruthy();
    expect(document.querySelectorAll('[data-line]').length).toBeLessThan(120);
  });
  test('it is followed while it is live; scrolling up ends that, the end begins it again', () => {
    pane({ isLive: true });
    const box = screen.getByRole('log');
    expect(scrolls.length).toBeGreaterThan(0);
    Object.defineProperty(box, 'scrollHeight', { value: 19_000, configurable: true });
    box.scrollTop = 18_400;
    fireEvent.scroll(box);
    box.scrollTop = 9_000;
    fireEvent.scroll(box);
    expect(screen.getByRole('button', { name: 'Jump to now' })).toBeTruthy();
    box.scrollTop = 18_400;
    fireEvent.scroll(box);
    expect(screen.getByRole('button', { name: 'Following' }).getAttribute('aria-pressed')).toBe('true');
  });
  test('a press on a host narrows to it, a press on a time links to the line, and the chip goes back to all', () => {
    const [onHost, onLine] = [vi.fn<(host: string | undefined) => void>(), vi.fn<(line: number) => void>()];
    pane({ onHost, onLine, host: 'web-1' });
    fireEvent.click(screen.getAllByTitle('Only web-0')[0] as HTMLElement);
    expect(onHost).toHaveBeenLastCalledWith('web-0');
    fireEvent.click(screen.getByTitle('Line 3: link to it'));
    expect(onLine).toHaveBeenCalledWith(3);
    fireEvent.click(screen.getByRole('button', { name: 'All hosts' }));
    expect(onHost).toHaveBeenLastCalledWith(undefined);
  });
  test('without lines it says what that means, and what is gone from it is in the download', () => {
    pane({ source: fixedLog([]), empty: 'This run wrote no output.' });
    expect(screen.getByText('This run wrote no output.')).toBeTruthy();
    cleanup();
    pane({ source: { ...log, line: log.line.bind(log), count: log.count, dropped: 2_000 }, downloadHref: '/log.txt' });
    expect(screen.getByText('The first 2,000 lines are kept in the download alone.')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Download the log' }).getAttribute('href')).toBe('/log.txt');
  });
  test('a match that is not loaded yet is asked for', () => {
    const more = vi.fn<(how: 'some' | 'all') => void>();
    pane({ search: 'line 99', matchesInAll: 40, hasMore: true, onMore: more });
    for (let press = 0; press < 12; press += 1) fireEvent.click(screen.getByRole('button', { name: 'Next match' }));
    expect(more).toHaveBeenCalledWith('all');
    expect(screen.getByText('reading on …')).toBeTruthy();
  });
});
