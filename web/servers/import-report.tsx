import { useState } from 'react';
import type { ImportReport, ImportRow } from '#contracts/servers/import-servers.ts';
import type { ApiFailure } from '../kit/failure.ts';
import { Note, Tag } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';

const acts: Readonly<Record<ImportRow['act'], { word: string; tone: 'ok' | 'run' | 'plain' | 'fail' }>> = {
  create: { word: 'add', tone: 'ok' },
  update: { word: 'change', tone: 'run' },
  unchanged: { word: 'as it is', tone: 'plain' },
  refuse: { word: 'refused', tone: 'fail' },
};
/** Lines that are drawn: more help nobody, and ten thousand of them are slow. */
const SHOWN = 300;

/** What is wrong with the file itself, so that no line of it can be taken. */
export function FileFaults({ failure }: { failure: ApiFailure }) {
  return (
    <Note tone="fail">
      <div role="alert" className="min-w-0">
        <p>{failure.message}</p>
        <ul className="mt-1 list-disc pl-4">
          {failure.faults.slice(0, SHOWN).map(({ path, code, message }) => {
            const [, line] = /^\/line\/(\d+)/.exec(path) ?? [];
            return (
              <li key={`${path}${code}`}>
                {line && <span className="num font-medium">{`Line ${line}: `}</span>}
                {message} <span className="font-mono text-[11px]">{code}</span>
              </li>
            );
          })}
        </ul>
        {failure.requestId && (
          <p className="mt-1 font-mono text-[11.5px]">{`${failure.code} · ${failure.requestId}`}</p>
        )}
      </div>
    </Note>
  );
}

/** What the file would do, or has done, line by line; the refused ones alone where there are any to mend. */
export function ImportReportView({ report }: { report: ImportReport }) {
  const [which, setWhich] = useState<'all' | 'refused'>(
    report.refused > 0 && report.rows.length > 50 ? 'refused' : 'all',
  );
  const rows = which === 'all' ? report.rows : report.rows.filter(({ act }) => act === 'refuse');
  return (
    <section aria-label="What the file says" data-testid="servers.import-report">
      <div className="mb-1.5 flex flex-wrap items-center gap-2">
        <p className="num text-meta text-text-2">{`${report.created} to add, ${report.updated} to change, ${report.unchanged} as they are, ${report.refused} refused`}</p>
        {report.refused > 0 && (
          <span className="ml-auto">
            <Segmented
              label="Which lines"
              value={which}
              onValue={setWhich}
              options={[
                { value: 'all', label: 'All lines' },
                { value: 'refused', label: 'Refused' },
              ]}
            />
          </span>
        )}
      </div>
      <div className="max-h-64 overflow-auto rounded-md border border-line">
        <table className="w-full text-meta">
          <thead className="sticky top-0 bg-sunken text-left text-text-3">
            <tr>
              <th scope="col" className="h-7 w-14 pl-3 font-medium">
                Line
              </th>
              <th scope="col" className="w-24 font-medium">
                Act
              </th>
              <th scope="col" className="font-medium">
                Server
              </th>
              <th scope="col" className="pr-3 font-medium">
                What differs, or what is wrong
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((row) => (
              <Line key={row.line} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > SHOWN && (
        <p className="num mt-1.5 text-meta text-text-2">
          {`The first ${SHOWN} of ${rows.length.toLocaleString('en-GB')} lines are shown; all of them were looked at.`}
        </p>
      )}
    </section>
  );
}

function Line({ row }: { row: ImportRow }) {
  return (
    <tr className="border-t border-line align-top">
      <td className="num py-1 pl-3 text-text-3">{row.line}</td>
      <td className="py-1">
        <Tag tone={acts[row.act].tone}>{acts[row.act].word}</Tag>
      </td>
      <td className="max-w-56 py-1 pr-2 font-medium break-words">
        <bdi>{row.name}</bdi> <span className="font-mono text-[11px] font-normal text-text-3">{row.host}</span>
      </td>
      <td className="py-1 pr-3">
        {row.errors.map((error) => (
          <span key={`${error.code}${error.column}`} className="block text-fail-fg">
            {error.column ? `${error.column}: ` : ''}
            {error.message} <span className="font-mono text-[11px]">{error.code}</span>
          </span>
        ))}
        {row.errors.length === 0 && <span className="text-text-2">{row.changes.join(', ')}</span>}
      </td>
    </tr>
  );
}
