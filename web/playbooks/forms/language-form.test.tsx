// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { useEffect, useState } from 'react';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { stubResizeObserver } from '#tests/kit/no-layout.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import { fieldsOfKind } from '#contracts/playbooks/shape/steps.ts';
import { TooltipProvider } from '../../ui/tooltip.tsx';
import { setValue } from '../document/edit-text.ts';
import { readPlaybook } from '../document/read-playbook.ts';
import { scopeAt } from '../expressions/scope-at.ts';
import { LanguageForm } from './language-form.tsx';

beforeAll(() => {
  stubResizeObserver();
});
afterEach(cleanup);

const text = `name: Roll
inputs:
  - { name: release, type: string, required: true }
steps:
  - id: fetch # from the registry
    kind: http
    method: GET
    url: https://example.org/\${{ inputs.release }}
    timeout: 5s
    followRedirects: \${{ inputs.release == "x" }}
  - id: rest
    kind: wait
    for: 5m
`;
const names = { vars: [], secrets: ['token'], outputs: {} };
const { id: _id, kind: _kind, onFailure: _onFailure, undo: _undo, ...fields } = fieldsOfKind('http');
const drawn = ['url', 'timeout', 'followRedirects', 'if', 'retry', 'headers', 'continueOnError'];
const latest = { text };

/** The form of the first step, on a text that it edits. */
function Editor({ isReadOnly = false, isFresh = false }: { isReadOnly?: boolean; isFresh?: boolean }) {
  const [yaml, setYaml] = useState(text);
  useEffect(() => {
    latest.text = yaml;
  }, [yaml]);
  const reading = readPlaybook(yaml);
  return (
    <TooltipProvider>
      <LanguageForm
        fields={fields}
        kind="http"
        value={reading.steps[0]?.value ?? {}}
        names={names}
        isReadOnly={isReadOnly}
        isFresh={isFresh}
        scopeFor={(name, field) => scopeAt(reading.definition, `/steps/0/${name}`, field)}
        faultAt={() => undefined}
        onField={(name: string, value: Json | undefined) =>
          setYaml((now) => setValue(now, `/steps/0/${name}`, value) ?? now)
        }
      >
        {(draw) => drawn.map((name) => draw(name))}
      </LanguageForm>
      <button type="button" onClick={() => setYaml((now) => now.replace('timeout: 5s', 'timeout: 9s'))}>
        From elsewhere
      </button>
    </TooltipProvider>
  );
}
const write = (label: string | RegExp, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

test('what is written in a field is written in its line of the text, and nowhere else', () => {
  render(<Editor />);
  write(/Time limit/, '1m');
  expect(latest.text).toBe(text.replace('timeout: 5s', 'timeout: 1m'));
  write(/Time limit/, '');
  expect(latest.text).toBe(text.replace('    timeout: 5s\n', ''));
});

test('what is wrong is said at its field, by the very check of a save', async () => {
  render(<Editor />);
  const said = async (label: RegExp, value: string): Promise<string | null> => {
    write(label, value);
    const field = screen.getByLabelText(label);
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    return document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent ?? null;
  };
  expect(await said(/Time limit/, 'soon')).toMatch(/is no duration/);
  expect(await said(/Only if/, 'inputs.relase == "1"')).toMatch(/There is no input relase/);
  write(/Only if/, '');
  expect(await said(/Only if/, 'steps.rest.status == "ok"')).toMatch(/has not ended for sure/);
  expect(await said(/Attempts/, '40')).toMatch(/must be from 1 to 20/);
});

test('a field that holds a template is shown and kept as it is written', () => {
  render(<Editor />);
  expect((screen.getByLabelText(/Follow redirects/) as HTMLTextAreaElement).value).toBe('${{ inputs.release == "x" }}');
  write(/Time limit/, '${{ inputs.release }}');
  expect(readPlaybook(latest.text).steps[0]?.value['timeout']).toBe('${{ inputs.release }}');
});

test('the form follows the text when that changes elsewhere', async () => {
  render(<Editor />);
  fireEvent.click(screen.getByRole('button', { name: 'From elsewhere' }));
  await waitFor(() => expect((screen.getByLabelText(/Time limit/) as HTMLInputElement).value).toBe('9s'));
});

test('a step that was made a moment ago is not scolded before it is touched', async () => {
  render(<Editor isFresh />);
  fireEvent.change(screen.getByLabelText(/Address/), { target: { value: '' } });
  await screen.findByText('This must not be empty.');
  expect(screen.queryAllByRole('alert')).toHaveLength(1);
});

test('where nothing may be changed, everything can still be read', () => {
  render(<Editor isReadOnly />);
  expect((screen.getByLabelText(/Time limit/) as HTMLInputElement).readOnly).toBe(true);
  expect((screen.getByLabelText(/Address/) as HTMLTextAreaElement).readOnly).toBe(true);
});

test('completion offers what is in scope; arrows choose, Enter writes', async () => {
  render(<Editor />);
  const field = screen.getByLabelText<HTMLTextAreaElement>(/Address/);
  field.focus();
  fireEvent.change(field, { target: { value: 'https://example.org/${{ inputs.re', selectionStart: 33 } });
  const option = await screen.findByRole('option', { name: /release/ });
  expect(option.getAttribute('aria-selected')).toBe('true');
  expect(field.getAttribute('aria-activedescendant')).toBe(option.id);
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(readPlaybook(latest.text).steps[0]?.value['url']).toBe('https://example.org/${{ inputs.release');
  fireEvent.change(field, { target: { value: 'https://exa', selectionStart: 11 } });
  expect(screen.queryByRole('option')).toBeNull();
});
