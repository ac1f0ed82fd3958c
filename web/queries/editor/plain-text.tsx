import { CodeBlock } from '../../ui/code-block.tsx';

/** The text where there is no room to write: it can be read and run. */
export function PlainText({ sql }: { sql: string }) {
  return (
    <div className="flex-none border-t border-line px-3.5 py-2.5">
      {sql.trim() === '' ? (
        <p className="text-meta text-text-2">This query is empty. Open one of the history or the library.</p>
      ) : (
        <CodeBlock what="query" className="max-h-44 overflow-auto">
          {sql}
        </CodeBlock>
      )}
      <p className="mt-1.5 text-meta text-text-3">On a phone queries are read and run. To write, use a wider screen.</p>
    </div>
  );
}
