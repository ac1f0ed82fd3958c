// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fieldsOfKind } from '#contracts/playbooks/shape/steps.ts';
import { ShapeControl } from './shape-control.tsx';

const fields = fieldsOfKind('query');
const connection = (name: string, state: string) => ({ id: name, name, kind: 'postgres', state });
const query = (id: string, name: string, folder: string) => ({ id, name, folder, engine: 'sfmc', version: 3 });
const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} }); // prettier-ignore
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address);
    const data = address.includes('/connections')
      ? [connection('Warehouse', 'connected'), connection('Old', 'needs_reauth')]
      : [query('id-1', 'Sends', 'Reports'), query('id-2', 'Bounces', ''), query('id-3', 'Bounces', 'Mine')];
    return Promise.resolve(Response.json({ data, pagination: { limit: 100, nextCursor: null } }));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function draw(name: 'connection' | 'query', value: string | undefined) {
  const onValue = vi.fn<(value: unknown) => void>();
  const field = fields[name];
  if (!field) throw new Error(`A query step has no field ${name}.`);
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ShapeControl name={name} field={field} value={value} onValue={onValue} />
    </QueryClientProvider>,
  );
  return onValue;
}

test('a connection is chosen from those there are, and one that nobody is signed in to says so', async () => {
  const onValue = draw('connection', undefined);
  fireEvent.click(screen.getByRole('combobox'));
  expect(await screen.findByRole('option', { name: /Old.*postgres, needs reauth/ })).toBeTruthy();
  fireEvent.click(screen.getByRole('option', { name: /Warehouse/ }));
  expect(onValue).toHaveBeenCalledWith('Warehouse');
});

test('a saved query is taken by its name, and by its id where two have one name', async () => {
  const onValue = draw('query', undefined);
  fireEvent.click(screen.getByRole('combobox'));
  fireEvent.click(await screen.findByRole('option', { name: /Bounces.*Mine/ }));
  expect(onValue).toHaveBeenCalledWith('id-3');
  cleanup();
  const again = draw('query', 'Gone');
  fireEvent.click(screen.getByRole('combobox'));
  const sends = await screen.findByRole('option', { name: /Sends.*Reports/ });
  expect(screen.getByRole('option', { name: /Gone.*not among the saved queries/ })).toBeTruthy();
  fireEvent.click(sends);
  expect(again).toHaveBeenCalledWith('Sends');
});

test('a connection may be named by an expression, a saved query never: its name stands fixed', () => {
  draw('connection', '${{ inputs.place }}');
  expect(screen.queryByRole('combobox')).toBeNull();
  expect(asked.filter((address) => address.includes('/connections'))).toEqual([]);
  cleanup();
  draw('query', undefined);
  expect(screen.queryByRole('button', { name: 'Write an expression' })).toBeNull();
});
