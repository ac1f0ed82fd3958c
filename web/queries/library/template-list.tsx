import { LibraryBig } from 'lucide-react';
import { useState } from 'react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QueryTemplate } from '#contracts/queries/templates/template.ts';
import { queryTemplates } from '#contracts/queries/templates/templates.ts';
import { Tag } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SearchInput } from '../../ui/input.tsx';
import { engineWords } from '../connections.ts';

/** Queries to begin with, each explained; one opens in a tab of its own. */
export function TemplateList({
  engine,
  onOpen,
}: {
  engine: EngineKind | null;
  onOpen: (template: QueryTemplate) => void;
}) {
  const [q, setQ] = useState('');
  const words = q.toLowerCase().split(/\s+/);
  const shown = queryTemplates
    .filter((template) => engine === null || template.engine === engine)
    .filter(({ title, why, sql }) => words.every((word) => `${title} ${why} ${sql}`.toLowerCase().includes(word)));
  return (
    <section aria-label="Templates" className="flex min-h-0 flex-1 flex-col" data-testid="queries.templates">
      <div className="flex flex-none flex-col gap-1.5 px-3 pt-2.5 pb-2">
        <h2 className="px-0.5 font-semibold">{engine ? `Templates for ${engineWords[engine]}` : 'Templates'}</h2>
        <SearchInput
          size2="sm"
          value={q}
          onValue={setQ}
          label="Search the templates"
          placeholder="What you want to know"
          end={<></>}
        />
      </div>
      <ul className="min-h-0 flex-1 overflow-auto px-1.5 pb-2">
        {shown.map((template) => (
          <li key={template.id}>
            <button
              type="button"
              onClick={() => onOpen(template)}
              className="w-full rounded-md px-2 py-2 text-left hover:bg-fill focus-visible:outline-offset-[-2px]"
            >
              <span className="flex items-center gap-1.5">
                <span className="font-medium">{template.title}</span>
                {engine === null && <Tag>{engineWords[template.engine]}</Tag>}
              </span>
              <span className="block text-meta text-text-2">{template.why}</span>
            </button>
          </li>
        ))}
        {shown.length === 0 && (
          <li>
            <EmptyState icon={LibraryBig} title="No template matches">
              Other words may find one.
            </EmptyState>
          </li>
        )}
      </ul>
    </section>
  );
}
