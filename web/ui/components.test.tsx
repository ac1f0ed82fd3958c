// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import { ApiFailure } from '../kit/failure.ts';
import { Answer } from './answer.tsx';
import { Button } from './button.tsx';
import { DataTable } from './data-table.tsx';
import { AlertDialog } from './dialog.tsx';
import { LogPane } from './log-pane.tsx';
import { fixedLog, type LogLine } from './log-source.ts';
import { RelativeTime } from './relative-time.tsx';
import { statusLooks, type StatusName } from './status.ts';
import { StatusGlyph } from './status-glyph.tsx';
import { Strand } from './strand.tsx';
import { TooltipProvider } from './tooltip.tsx';

beforeAll(() => {
  // jsdom lays nothing out: the virtual lists are told a size, and the observers they need exist.
  stubResizeObserver();
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { value: 600 });
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { value: 1_000 });
  Element.prototype.scrollTo = () => undefined;
});
afterEach(cleanup);
const show = (node: React.ReactNode) => render(<TooltipProvider>{node}</TooltipProvider>);

describe('StatusGlyph', () => {
  test('every status has a name and a shape, with or without its word', () => {
    for (const [status, { word }] of Object.entries(statusLooks)) {
      const { container, unmount } = show(<StatusGlyph status={status as StatusName} />);
      expect(screen.getByRole('img', { name: word })).toBeTruthy();
      expect(container.querySelector('svg')?.children.length, status).toBeGreaterThan(0);
      unmount();
    }
    show(<StatusGlyph status="timed_out" withWord />);
    expect(screen.getByText('Timed out')).toBeTruthy();
  });
});

test('a strand says in a sentence how far it is', () => {
  show(
    <Strand
      segments={[
        { id: 'check', status: 'succeeded' },
        { id: 'install', status: 'failed' },
        { id: 'test', status: 'pending' },
      ]}
    />,
  );
  expect(screen.getByRole('img', { name: '1 of 3 steps done, install failed' })).toBeTruthy();
});

describe('Answer', () => {
  const failure = new ApiFailure({
    code: 'server.busy',
    message: 'Try again shortly.',
    status: 503,
    requestId: 'req_1',
  });
  const refetch = vi.fn<(value?: unknown) => void>();
  const of = (changes: object) => ({ data: undefined, error: null, isPending: true, refetch, ...changes }) as never;
  test('waiting shows a skeleton of rows', () => {
    show(<Answer of={of({})}>{() => 'full'}</Answer>);
    expect(screen.getByRole('status', { name: 'Loading' })).toBeTruthy();
  });
  test('failed says what, quotes code and request id, and tries again', () => {
    show(
      <Answer of={of({ error: failure })} what="The runs">
        {() => 'full'}
      </Answer>,
    );
    expect(screen.getByText('The runs did not load')).toBeTruthy();
    expect(screen.getByText('server.busy · req_1')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(refetch).toHaveBeenCalledOnce();
  });
  test('empty shows what belongs here, full shows the data, and data stays while a refresh fails', () => {
    show(
      <Answer of={of({ data: [] })} isEmpty={(data: unknown[]) => data.length === 0} empty="No run yet">
        {() => 'full'}
      </Answer>,
    );
    expect(screen.getByText('No run yet')).toBeTruthy();
    cleanup();
    show(<Answer of={of({ data: [1], error: failure })}>{() => 'full'}</Answer>);
    expect(screen.getByText('full')).toBeTruthy();
  });
  test('denied says so and offers no second try', () => {
    show(
      <Answer
        of={of({
          error: new ApiFailure({
            code: 'identity.permission_missing',
            message: 'This needs the permission servers:read.',
            status: 403,
          }),
        })}
      >
        {() => 'full'}
      </Answer>,
    );
    expect(screen.getByText('This needs the permission servers:read.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });
});

describe('LogPane', () => {
  const texts = ['plain', '\u001B[31mred\u001B[0m', '<b>no markup</b>', 'timed out after 5 s'];
  const lines: LogLine[] = texts.map((text, index) => ({
    number: index + 1,
    at: '2026-11-20T14:00:00Z',
    host: 'web-1',
    stream: 'stdout',
    text,
  }));
  const source = fixedLog(lines);
  const pane = (search = '') =>
    show(<LogPane source={source} search={search} onSearch={() => undefined} matchesInAll={17} isLive />);
  test('ANSI colours become tokens, and HTML is text', () => {
    const { container } = pane();
    expect(container.querySelector('.text-ansi-red')?.textContent).toBe('red');
    expect(screen.getByText('<b>no markup</b>')).toBeTruthy();
    expect(container.querySelector('b')).toBeNull();
  });
  test('a search marks its matches and counts those of the whole log', async () => {
    const { container } = pane('timed');
    expect([...container.querySelectorAll('mark')].map((mark) => mark.textContent)).toEqual(['timed']);
    expect(await screen.findByText('1 of 17')).toBeTruthy();
  });
  test('it is a log that does not speak by itself, and following ends by the button', () => {
    pane();
    expect(screen.getByRole('log').getAttribute('aria-live')).toBe('off');
    fireEvent.click(screen.getByRole('button', { name: 'Following' }));
    expect(screen.getByRole('button', { name: 'Jump to now' })).toBeTruthy();
  });
});

test('a time carries its instant for machines and the full time for readers', () => {
  show(<RelativeTime at="2020-01-02T03:04:05Z" />);
  const time = screen.getByLabelText(/2 Jan 2020/);
  expect(time.getAttribute('datetime')).toBe('2020-01-02T03:04:05.000Z');
  expect(time.textContent).toBe('2 Jan 2020');
});

describe('Button', () => {
  test('a refused button stays, says why it cannot be pressed, and does nothing', () => {
    const press = vi.fn<(value?: unknown) => void>();
    show(
      <Button refusal="It needs servers:manage." onClick={press}>
        Add server
      </Button>,
    );
    const button = screen.getByRole('button', { name: 'Add server' });
    fireEvent.click(button);
    expect(press).not.toHaveBeenCalled();
    expect(button.getAttribute('aria-disabled')).toBe('true');
  });
  test('a busy button takes no second press', () => {
    const press = vi.fn<(value?: unknown) => void>();
    show(
      <Button busy onClick={press}>
        Run
      </Button>,
    );
    fireEvent.click(screen.getByRole('button'));
    expect(press).not.toHaveBeenCalled();
  });
});

test('a destructive dialog asks for the name, and its focus begins on the keeping button', () => {
  const act = vi.fn<(value?: unknown) => void>();
  show(
    <AlertDialog
      isOpen
      onClose={() => undefined}
      title="Delete deploy-eu?"
      act="Delete credential"
      onAct={act}
      typeName="deploy-eu"
    >
      It is destroyed.
    </AlertDialog>,
  );
  const button = screen.getByRole('button', { name: 'Delete credential' });
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Keep it' }));
  fireEvent.click(button);
  expect(act).not.toHaveBeenCalled();
  fireEvent.change(screen.getByLabelText(/Type/), { target: { value: 'deploy-eu' } });
  fireEvent.click(button);
  expect(act).toHaveBeenCalledOnce();
});

describe('DataTable', () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({ id: `r${index}`, name: `Run ${index}` }));
  const columns = [{ id: 'name', head: 'Run', width: 200, cell: (row: { name: string }) => row.name }];
  test('it draws a screenful of many rows and tells how many there are', () => {
    show(<DataTable label="Runs" rows={rows} columns={columns} rowId={({ id }) => id} />);
    expect(screen.getByRole('grid', { name: 'Runs' }).getAttribute('aria-rowcount')).toBe('501');
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    expect(screen.getByText('Run 0')).toBeTruthy();
  });
  test('Enter opens the row in focus and X selects it', () => {
    const open = vi.fn<(value?: unknown) => void>();
    const select = vi.fn<(value?: unknown) => void>();
    show(
      <DataTable
        label="Runs"
        rows={rows}
        columns={columns}
        rowId={({ id }) => id}
        onOpen={open}
        selected={new Set()}
        onSelected={select}
      />,
    );
    const row = screen.getAllByRole('row')[1];
    if (!row) throw new Error('no row');
    fireEvent.keyDown(row, { key: 'Enter' });
    expect(open).toHaveBeenCalledWith(rows[0]);
    fireEvent.keyDown(row, { key: 'x' });
    expect(select).toHaveBeenCalledWith(new Set(['r0']));
  });
});
