import { useEffect, useState } from 'react';
import type { Cell } from '#contracts/queries/engine.ts';
import { CodeBlock } from '../../ui/code-block.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Drawer } from '../../ui/dialog.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { countWords } from './cell-text.ts';
import type { ResultStore } from './result-store.ts';

/** More characters than this are for the export; a page cannot lay them out in reasonable time. */
const SHOWN = 200_000;

/** The whole of one cell, JSON put in order. */
export function CellInspector(props: { store: ResultStore; place: number; column: number; onClose: () => void }) {
  const { store, place, column, onClose } = props;
  const shape = store.columns[column];
  const [cell, setCell] = useState<Cell | undefined>();
  useEffect(() => {
    let isHere = true;
    store.cell(place, column).then(
      (answer) => isHere && setCell(answer),
      () => isHere && onClose(),
    );
    return () => void (isHere = false);
  }, [store, place, column, onClose]);
  const pretty = cell ? prettyJson(cell) : null;
  const text = pretty ?? cell ?? '';
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={shape?.name ?? ''}
      description={`Row ${(place + 1).toLocaleString('en-GB')} · ${shape?.nativeType ?? shape?.type ?? ''}${cell ? ` · ${countWords(cell.length, 'character')}` : ''}`}
      head={
        typeof cell === 'string' ? <Copy text={cell} what="the whole text" className="h-[26px] px-1.5" /> : undefined
      }
      width={600}
    >
      <div className="p-5">
        {cell === undefined ? (
          <Skeleton className="appear-late h-24" />
        ) : cell === null ? (
          <p className="text-text-2 italic">null: there is no value.</p>
        ) : cell === '' ? (
          <p className="text-text-2 italic">Empty text, which is not null.</p>
        ) : pretty ? (
          <CodeBlock what="as shown" wrap>
            {text.slice(0, SHOWN)}
          </CodeBlock>
        ) : (
          <pre className="font-mono text-meta leading-5 break-words whitespace-pre-wrap" dir="auto">
            {text.slice(0, SHOWN)}
          </pre>
        )}
        {text.length > SHOWN && (
          <p className="mt-3 text-meta text-wait-fg">
            {`The first ${SHOWN.toLocaleString('en-GB')} of ${text.length.toLocaleString('en-GB')} characters are shown. Copy has all of them.`}
          </p>
        )}
      </div>
    </Drawer>
  );
}

/** Indented, where the text is a JSON object or list; numbers in it keep all their digits, so it is not parsed and written anew. */
export function prettyJson(text: string): string | null {
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let [depth, out, isInText] = [0, '', false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (isInText) {
      out += sign;
      if (sign === '\\') {
        at += 1;
        out += text[at] ?? '';
      } else if (sign === '"') isInText = false;
    } else if (sign === '"') {
      isInText = true;
      out += sign;
    } else if (sign === '{' || sign === '[') {
      const rest = /^\s*[}\]]/.exec(text.slice(at + 1, at + 200));
      if (rest) {
        out += sign + (sign === '{' ? '}' : ']');
        at += rest[0].length;
      } else {
        depth += 1;
        out += `${sign}\n${'  '.repeat(depth)}`;
      }
    } else if (sign === '}' || sign === ']') {
      depth -= 1;
      out += `\n${'  '.repeat(depth)}${sign}`;
    } else if (sign === ',') out += `,\n${'  '.repeat(depth)}`;
    else if (sign === ':') out += ': ';
    else if (!/\s/.test(sign)) out += sign;
  }
  return out;
}
