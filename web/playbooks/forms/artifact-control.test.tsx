// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fieldsOfKind } from '#contracts/playbooks/shape/steps.ts';
import { ArtifactControl } from './artifact-control.tsx';

const field = fieldsOfKind('upload')['artifact'];
const file = (name: string, bytes: number) => ({ id: name, name, bytes, sha256: 'x', createdAt: '2026-11-21T10:00:00Z', createdBy: {}, expiresAt: null }); // prettier-ignore
const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} }); // prettier-ignore
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address);
    const data = [file('bundle-2.tgz', 8_200_000), file('bundle-1.tgz', 412)];
    return Promise.resolve(Response.json({ data, pagination: { limit: 100, nextCursor: null } }));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function draw(value: string | undefined) {
  const onValue = vi.fn<(value: unknown) => void>();
  if (!field) throw new Error('Upload has no field for a stored file.');
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ArtifactControl name="artifact" field={field} value={value} onValue={onValue} />
    </QueryClientProvider>,
  );
  return onValue;
}

test('a stored file is chosen from those there are, with their sizes', async () => {
  const onValue = draw(undefined);
  fireEvent.click(screen.getByRole('combobox'));
  fireEvent.click(await screen.findByRole('option', { name: /bundle-2\.tgz.*8\.2 MB/ }));
  expect(onValue).toHaveBeenCalledWith('bundle-2.tgz');
});

test('a file that is no longer stored is shown as such, and can be taken away', async () => {
  const onValue = draw('gone.tgz');
  fireEvent.click(screen.getByRole('combobox'));
  await screen.findByRole('option', { name: /bundle-1/ });
  expect(screen.getByRole('option', { name: /gone\.tgz.*not among the stored files/ })).toBeTruthy();
  fireEvent.click(screen.getByRole('option', { name: 'No file' }));
  expect(onValue).toHaveBeenCalledWith(undefined);
});

test('a name that is made by an expression is written, and nothing is asked for it', () => {
  draw('bundle-${{ inputs.release }}.tgz');
  expect(screen.queryByRole('combobox')).toBeNull();
  expect(screen.getByDisplayValue('bundle-${{ inputs.release }}.tgz')).toBeTruthy();
  expect(asked.filter((address) => address.includes('/artifacts'))).toEqual([]);
});
