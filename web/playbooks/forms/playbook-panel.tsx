import { useMemo } from 'react';
import type { ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { documentFields } from '#contracts/playbooks/shape/document.ts';
import type { Fields } from '#contracts/playbooks/shape/shape.ts';
import { setValue } from '../document/edit-text.ts';
import { below } from '../document/json-pointer.ts';
import type { Reading } from '../document/read-playbook.ts';
import { THE_PLAYBOOK } from '../editor-view.ts';
import type { WorkspaceNames } from '../expressions/complete.ts';
import { scopeAt } from '../expressions/scope-at.ts';
import type { EditText } from '../use-draft.ts';
import { LanguageForm } from './language-form.tsx';

interface PlaybookPanelProps {
  reading: Reading;
  issues: readonly ValidationIssue[];
  names: WorkspaceNames;
  isReadOnly: boolean;
  edit: EditText;
}

const order = [
  'apiVersion',
  'name',
  'description',
  'inputs',
  'timeout',
  'concurrency',
  'undoOn',
  'steps',
  'outputs',
  'finally',
];
const shown: Fields = Object.fromEntries(
  Object.entries(documentFields).filter(([name]) => !['apiVersion', 'steps', 'finally'].includes(name)),
);

/** What holds for the whole playbook: its name, what a run is given, what it returns, how many at once. */
export function PlaybookPanel({ reading, issues, names, isReadOnly, edit }: PlaybookPanelProps) {
  const definition = useMemo(() => ({ ...reading.definition }), [reading]);
  return (
    <>
      <header className="flex h-[46px] flex-none items-center border-b border-line px-4">
        <h2 className="font-semibold">The playbook</h2>
      </header>
      <div className="min-h-0 flex-1 overflow-auto p-4" data-testid="playbook.form" data-form-of={THE_PLAYBOOK}>
        <LanguageForm
          fields={shown}
          value={definition}
          names={names}
          isReadOnly={isReadOnly}
          scopeFor={(name, field) => scopeAt(reading.definition, `/${name}`, field)}
          faultAt={(parts) =>
            issues.find(({ path }) => path === below('', ...parts) || path.startsWith(`${below('', ...parts)}/`))
              ?.message
          }
          onField={(name, value) =>
            edit((text) => setValue(text, `/${name}`, name === 'name' ? (value ?? '') : value, order), `/${name}`)
          }
        >
          {(draw) => (
            <div className="flex flex-col gap-4">
              {draw('name')}
              {draw('description')}
              {draw('inputs')}
              {draw('outputs')}
              <div className="grid grid-cols-2 gap-2.5">
                {draw('timeout')}
                {draw('undoOn')}
              </div>
              {draw('concurrency')}
            </div>
          )}
        </LanguageForm>
      </div>
    </>
  );
}
