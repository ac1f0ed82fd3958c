// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import { ApiFailure } from '../kit/failure.ts';
import { Combobox, WordsInput } from './combobox.tsx';
import { AlertDialog, Dialog, Drawer } from './dialog.tsx';
import { DrawerForm } from './drawer-form.tsx';
import { Select } from './select.tsx';
import { Toaster, toast, undoLast } from './toast.tsx';
import { TooltipProvider } from './tooltip.tsx';

beforeAll(() => {
  stubResizeObserver();
  // What Radix and cmdk ask of a browser that jsdom has not.
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.hasPointerCapture = () => false;
  Element.prototype.setPointerCapture = () => undefined;
  Element.prototype.releasePointerCapture = () => undefined;
});
afterEach(cleanup);
const show = (node: React.ReactNode) => render(<TooltipProvider>{node}</TooltipProvider>);
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

describe('dialogs', () => {
  function Opened({ kind }: { kind: 'dialog' | 'drawer' | 'alert' }) {
    const [isOpen, setOpen] = useState(false);
    const close = () => setOpen(false);
    return (
      <>
        <button type="button" onClick={() => setOpen(true)}>
          Open it
        </button>
        {kind === 'dialog' && (
          <Dialog isOpen={isOpen} onClose={close} title="Save view">
            <input aria-label="Name" />
          </Dialog>
        )}
        {kind === 'drawer' && (
          <Drawer isOpen={isOpen} onClose={close} title="Each night">
            <input aria-label="Name" />
          </Drawer>
        )}
        {kind === 'alert' && (
          <AlertDialog isOpen={isOpen} onClose={close} title="Delete it?" act="Delete it" onAct={() => undefined}>
            It is gone then.
          </AlertDialog>
        )}
      </>
    );
  }
  test.each([
    ['dialog', () => screen.getByLabelText('Name')],
    ['drawer', () => screen.getByRole('dialog')],
    ['alert', () => screen.getByRole('button', { name: 'Keep it' })],
  ] as const)(
    'a %s begins where one acts or reads, and gives the focus back to what opened it',
    async (kind, begins) => {
      show(<Opened kind={kind} />);
      const opener = screen.getByRole('button', { name: 'Open it' });
      opener.focus();
      fireEvent.click(opener);
      await waitFor(() => expect(document.activeElement).toBe(begins()));
      press('Escape');
      await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Open it' })));
      expect(screen.queryByRole(kind === 'alert' ? 'alertdialog' : 'dialog')).toBeNull();
    },
  );
  test('what took the focus as the dialog went keeps it', async () => {
    show(
      <>
        <Opened kind="dialog" />
        <input aria-label="What it led to" />
      </>,
    );
    const opener = screen.getByRole('button', { name: 'Open it' });
    opener.focus();
    fireEvent.click(opener);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name')));
    const gaveBack = vi.fn<() => void>();
    opener.addEventListener('focus', gaveBack);
    press('Escape');
    const next = screen.getByLabelText('What it led to');
    next.focus();
    // The focus is given back a task after the dialog is gone.
    await new Promise((done) => setTimeout(done));
    await new Promise((done) => setTimeout(done));
    expect(document.activeElement).toBe(next);
    expect(gaveBack).not.toHaveBeenCalled();
  });
  test('while it acts the button is busy and takes no second press; what is refused is told', async () => {
    const answer = Promise.withResolvers<void>();
    const act = vi.fn<() => Promise<void>>(() => answer.promise);
    show(
      <AlertDialog isOpen onClose={() => undefined} title="Delete it?" act="Delete it" onAct={act}>
        It is gone then.
      </AlertDialog>,
    );
    const button = screen.getByRole('button', { name: 'Delete it' });
    fireEvent.click(button);
    await waitFor(() => expect(button.getAttribute('aria-busy')).toBe('true'));
    fireEvent.click(button);
    expect(act).toHaveBeenCalledOnce();
    answer.resolve();
    await waitFor(() => expect(button.getAttribute('aria-busy')).toBeNull());
  });
  test('a form in a drawer is sent by Enter and by its button, says what was refused, and its button says why it cannot be pressed', () => {
    const submit = vi.fn<() => void>();
    const failure = new ApiFailure({
      code: 'server.name_taken',
      message: 'There is a server by that name.',
      status: 409,
      requestId: 'req_2',
    });
    const form = (more: object) => (
      <DrawerForm
        title="Add server"
        act="Add it"
        busy={false}
        refusal={null}
        failure={null}
        onClose={() => undefined}
        onSubmit={submit}
        {...more}
      >
        <input aria-label="Name" />
      </DrawerForm>
    );
    show(form({}));
    fireEvent.submit(screen.getByLabelText('Name').closest('form') as HTMLFormElement);
    fireEvent.click(screen.getByRole('button', { name: 'Add it' }));
    expect(submit).toHaveBeenCalledTimes(2);
    cleanup();
    show(form({ failure, refusal: 'It needs the permission servers:manage.' }));
    expect(screen.getByText('There is a server by that name.')).toBeTruthy();
    expect(screen.getByText(/server\.name_taken/)).toBeTruthy();
    const button = screen.getByRole('button', { name: 'Add it' });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    fireEvent.click(button);
    expect(submit).toHaveBeenCalledTimes(2);
  });
});

describe('toast', () => {
  // Fetched once for all tests: the layer comes with the first thing that is said.
  beforeEach(() => void show(<Toaster />));
  test('what was done offers to take it back, by its button or the key, once', async () => {
    const undo = vi.fn<() => void>();
    toast.done('Each night is paused', { undo });
    await screen.findByText('Each night is paused');
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(undo).toHaveBeenCalledOnce();
    const second = vi.fn<() => void>();
    toast.done('region is deleted', { undo: second });
    undoLast();
    undoLast();
    expect(second).toHaveBeenCalledOnce();
  });
  test('a failure stays, with its code and the id to quote', async () => {
    toast.failure(
      new ApiFailure({ code: 'server.busy', message: 'Try again shortly.', status: 503, requestId: 'req_9' }),
    );
    await screen.findByText('Try again shortly.');
    expect(screen.getByText('server.busy · req_9')).toBeTruthy();
    expect(screen.getAllByRole('button', { name: /close/i }).length).toBeGreaterThan(0);
  });
});

const options = [
  { value: 'web', label: 'Web servers', hint: '12' },
  { value: 'db', label: 'Databases' },
  { value: 'old', label: 'Old ones' },
];

describe('Combobox', () => {
  test('one is found by typing and chosen by Enter; the list closes and the focus is back on the field', async () => {
    const choose = vi.fn<(value: string) => void>();
    show(<Combobox label="Group" value="" onValue={choose} options={options} placeholder="Choose a group" />);
    const field = screen.getByRole('combobox', { name: 'Group' });
    expect(field.textContent).toContain('Choose a group');
    field.focus();
    fireEvent.click(field);
    const search = await screen.findByPlaceholderText('Type to find');
    fireEvent.change(search, { target: { value: 'data' } });
    expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual(['Databases']);
    fireEvent.keyDown(search, { key: 'Enter' });
    expect(choose).toHaveBeenCalledWith('db');
    await waitFor(() => expect(document.activeElement).toBe(field));
  });
  test('where nothing fits it says so, and what is chosen is shown by its label', async () => {
    show(<Combobox label="Group" value="web" onValue={() => undefined} options={options} nothing="No such group" />);
    const field = screen.getByRole('combobox', { name: 'Group' });
    expect(field.textContent).toBe('Web servers');
    fireEvent.click(field);
    fireEvent.change(await screen.findByPlaceholderText('Type to find'), { target: { value: 'zzz' } });
    expect(screen.getByText('No such group')).toBeTruthy();
  });
  test('a field that is wrong says so and where the reason stands', () => {
    show(<Combobox label="Group" value="" onValue={() => undefined} options={options} invalid describedBy="why" />);
    const field = screen.getByRole('combobox', { name: 'Group' });
    expect([field.getAttribute('aria-invalid'), field.getAttribute('aria-describedby')]).toEqual(['true', 'why']);
  });
});

test('words are added by Enter, comma or leaving the field, each once, and the last one is taken away by Backspace', () => {
  const told: string[][] = [];
  function Words() {
    const [words, setWords] = useState(['web']);
    const change = (next: string[]) => {
      told.push(next);
      setWords(next);
    };
    return <WordsInput id="tags" words={words} onWords={change} />;
  }
  show(
    <>
      <label htmlFor="tags">Tags</label>
      <Words />
    </>,
  );
  const field = screen.getByLabelText('Tags');
  const type = (text: string) => fireEvent.change(field, { target: { value: text } });
  type('eu');
  fireEvent.keyDown(field, { key: 'Enter' });
  type('web, night');
  fireEvent.keyDown(field, { key: ',' });
  type('last');
  fireEvent.blur(field);
  expect(told.at(-1)).toEqual(['web', 'eu', 'night', 'last']);
  fireEvent.keyDown(field, { key: 'Backspace' });
  fireEvent.click(screen.getByRole('button', { name: 'Remove eu' }));
  expect(told.at(-1)).toEqual(['web', 'night']);
});

describe('Select', () => {
  const open = () => fireEvent.keyDown(screen.getByRole('combobox'), { key: 'Enter' });
  test('it opens by a key, names its choices, and tells which was taken; nothing chosen is a choice too', async () => {
    const choose = vi.fn<(value: string) => void>();
    show(
      <Select
        label="Role"
        value="viewer"
        onValue={choose}
        options={[
          { value: '', label: 'Nobody' },
          { value: 'viewer', label: 'Viewer', hint: 'reads' },
          { value: 'owner', label: 'Owner', disabled: true },
        ]}
      />,
    );
    expect(screen.getByRole('combobox', { name: 'Role' }).textContent).toContain('Viewer');
    open();
    expect(await screen.findAllByRole('option')).toHaveLength(3);
    expect(screen.getByRole('option', { name: /Owner/ }).getAttribute('aria-disabled')).toBe('true');
    fireEvent.keyDown(screen.getByRole('option', { name: 'Nobody' }), { key: 'Enter' });
    expect(choose).toHaveBeenCalledWith('');
  });
});
