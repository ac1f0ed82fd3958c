import { CornerDownLeft, Rows3, X } from 'lucide-react';
import type { KnownColumn, KnownObject } from '#contracts/connections/connections.ts';
import { isDeprecated, tagNoteOf, tagsOf } from '#contracts/queries/object-tags.ts';
import { countText } from '../../kit/time.ts';
import { Answer } from '../../ui/answer.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Note, Tag } from '../../ui/card.tsx';
import { Copy } from '../../ui/copy.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { SchemaChanges } from './schema-changes.tsx';
import { typeText } from './tree-rows.ts';
import { useColumns, type Place } from './use-objects.ts';

const kindWords: Readonly<Record<KnownObject['kind'], string>> = {
  unit: 'unit',
  folder: 'folder',
  schema: 'schema',
  table: 'table',
  view: 'view',
  source: 'data source',
};
/** How few people a value may stand for, by how sensitive the service says the column is (Amazon's aggregation thresholds). */
const thresholdOf = (column: KnownColumn): string | null => {
  const level = column.details['sensitivity'] ?? column.details['aggregationThreshold'];
  const words: Readonly<Record<string, string>> = {
    LOW: 'shown from 2 people',
    MEDIUM: 'shown from 100 people',
    HIGH: 'shown from 100 people',
    VERY_HIGH: 'never shown',
    INTERNAL: 'never shown',
  };
  return typeof level === 'string' ? (words[level] ?? null) : null;
};

export type OnSample = (object: KnownObject, columns: readonly KnownColumn[]) => void;

interface ObjectDocsProps {
  place: Place;
  object: KnownObject;
  onInsert: (text: string) => void;
  /** Runs a query that shows a few rows; absent where nobody may, or the service shows none. */
  onSample?: OnSample | undefined;
  onClose?: () => void;
}

/** What an object is: what it holds, its columns with types, keys, thresholds and descriptions. */
export function ObjectDocs({ place, object, onInsert, onSample, onClose }: ObjectDocsProps) {
  const columns = useColumns(place, object.id);
  return (
    <section aria-label={`About ${object.name}`} className="flex min-h-0 flex-col" data-testid="queries.docs">
      <header className="flex flex-none items-center gap-2 px-3.5 pt-2.5 pb-1">
        <bdi className="min-w-0 truncate font-mono text-meta font-semibold" title={object.name}>
          {object.sqlName ?? object.name}
        </bdi>
        <span className="ml-auto flex items-center">
          <Copy text={object.sqlName ?? object.name} what="name" className="p-1.5" />
          {onSample && object.sqlName !== null && columns.data && (
            <IconButton
              icon={Rows3}
              label={`Show ten rows of ${object.name}`}
              size="sm"
              onClick={() => onSample(object, columns.data)}
            />
          )}
          {object.sqlName !== null && (
            <IconButton
              icon={CornerDownLeft}
              label="Write it into the query"
              size="sm"
              onClick={() => onInsert(object.sqlName ?? '')}
            />
          )}
          {onClose && <IconButton icon={X} label="Close the docs" size="sm" onClick={onClose} />}
        </span>
      </header>
      <div
        className="min-h-0 flex-1 overflow-auto px-3.5 pb-3 text-meta"
        tabIndex={0}
        role="group"
        aria-label="Columns"
      >
        <div className="mb-2 flex flex-wrap gap-1.5">
          <Tag>{kindWords[object.kind]}</Tag>
          {tagsOf(object).map((tag) => (
            <Tag key={tag} tone={tag === 'deprecated' ? 'wait' : 'line'}>
              {tag}
            </Tag>
          ))}
        </div>
        {tagNoteOf(object) && (
          <Note tone={isDeprecated(object) ? 'wait' : 'plain'} className="mb-2">
            {tagNoteOf(object)}
          </Note>
        )}
        {object.description && <p className="mb-2 text-text-2">{object.description}</p>}
        {object.rowCount !== null && <p className="num mb-2 text-text-3">{`${countText(object.rowCount)} rows`}</p>}
        <Answer
          of={columns}
          what="The columns"
          waiting={<SkeletonLines lines={4} />}
          isEmpty={(all) => all.length === 0}
          empty={<p className="text-text-3">No columns are known.</p>}
        >
          {(all) => (
            <dl className="flex flex-col gap-1.5">
              {all.map((column) => {
                const facts = [
                  typeText(column),
                  column.isKey ? 'key' : null,
                  column.isRequired ? 'required' : null,
                  thresholdOf(column),
                ].filter((fact) => fact !== null);
                return (
                  <div key={column.name} className="grid grid-cols-[minmax(80px,2fr)_3fr] gap-x-3">
                    <dt className="min-w-0 truncate font-mono text-[11.5px]" title={column.name}>
                      {column.name}
                    </dt>
                    <dd className="min-w-0 break-words text-text-2">
                      <span className="text-text-3">{facts.join(' · ')}</span>
                      {column.description && <span className="block">{column.description}</span>}
                    </dd>
                  </div>
                );
              })}
            </dl>
          )}
        </Answer>
        <SchemaChanges place={place} object={object.id} />
      </div>
    </section>
  );
}
