import { CircleAlert, CircleX, Info } from 'lucide-react';
import type { DryRun, QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { cx } from '../../kit/cx.ts';
import { Tag } from '../../ui/card.tsx';
import { Icon } from '../../ui/icon.tsx';
import { KeyValue } from '../../ui/key-value.tsx';

type Remark = DryRun['remarks'][number];
const looks = {
  error: { icon: CircleX, tone: 'text-fail-fg', word: 'Error' },
  warning: { icon: CircleAlert, tone: 'text-wait-fg', word: 'Warning' },
  info: { icon: Info, tone: 'text-text-3', word: 'Note' },
} as const;

/** What the service said, each with its place in the text. */
export function Remarks({
  remarks,
  onPlace,
}: {
  remarks: readonly Remark[];
  onPlace: (line: number, column: number) => void;
}) {
  return (
    <ul className="flex flex-col">
      {remarks.map(({ severity, message, position }, index) => {
        const { icon, tone, word } = looks[severity];
        return (
          <li key={index} className="flex items-start gap-2 border-b border-line px-3.5 py-2">
            <span className={cx('pt-0.5', tone)}>
              <Icon of={icon} size={14} />
              <span className="sr-only">{word}</span>
            </span>
            <bdi className="min-w-0 flex-1 break-words">{message}</bdi>
            {position && (
              <button
                type="button"
                className="num flex-none text-meta text-accent hover:underline max-sm:min-h-11"
                onClick={() => onPlace(position.line, position.column)}
              >
                {`Line ${position.line}, column ${position.column}`}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What a dry run found: nothing has run. */
export function DryRunAnswer({ answer, onPlace }: { answer: DryRun; onPlace: (line: number, column: number) => void }) {
  return (
    <section aria-label="Dry run" data-testid="queries.dry-run">
      <p className="flex items-center gap-2 px-3.5 py-2.5">
        <Tag tone={answer.isValid === false ? 'fail' : answer.isValid === true ? 'ok' : 'plain'}>
          {answer.isValid === false ? 'Would not run' : answer.isValid === true ? 'Would run' : 'No verdict'}
        </Tag>
        <span className="num text-meta text-text-2">{`Asked in ${answer.tookMs} ms; nothing has run.`}</span>
      </p>
      <Remarks remarks={answer.remarks} onPlace={onPlace} />
      {answer.columns && (
        <div className="px-3.5 py-3">
          <h3 className="mb-1.5 text-meta font-medium text-text-2">{`${answer.columns.length} columns`}</h3>
          <ul className="flex flex-wrap gap-1.5">
            {answer.columns.map(({ name, type, nativeType }) => (
              <li key={name}>
                <Tag mono>
                  {name} <span className="text-text-3">{nativeType ?? type}</span>
                </Tag>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Values title="Parameters as they would be sent" values={answer.parameters} />
    </section>
  );
}

function Values({ title, values }: { title: string; values: QueryRunDetail['parameters'] }) {
  const names = Object.keys(values);
  if (names.length === 0) return null;
  return (
    <div className="px-3.5 py-3">
      <h3 className="mb-1.5 text-meta font-medium text-text-2">{title}</h3>
      <KeyValue mono pairs={names.map((name) => [name, valueText(values[name])])} />
    </div>
  );
}
const valueText = (value: QueryRunDetail['parameters'][string] | undefined): string =>
  value === null || value === undefined ? 'null' : Array.isArray(value) ? value.join(', ') : String(value);

/** What the service said of a run, what was sent, and what is left of it there. */
export function RunMessages({
  run,
  onPlace,
}: {
  run: QueryRunDetail;
  onPlace: (line: number, column: number) => void;
}) {
  const remote = Object.entries(run.remote).filter(([, value]) => value !== null);
  return (
    <div data-testid="queries.messages">
      {run.remarks.length > 0 ? (
        <Remarks remarks={run.remarks} onPlace={onPlace} />
      ) : (
        <p className="px-3.5 py-2.5 text-meta text-text-2">The service said nothing more.</p>
      )}
      {run.isAdopted && (
        <p className="px-3.5 py-2 text-meta text-text-2">
          An answer was lost on the way. The run that had begun at the service was found and followed; nothing ran
          twice.
        </p>
      )}
      <Values title="Parameters as they were sent" values={run.parameters} />
      {remote.length > 0 && (
        <div className="px-3.5 py-3">
          <h3 className="mb-1.5 text-meta font-medium text-text-2">At the service</h3>
          <KeyValue mono pairs={remote.map(([name, value]) => [name, String(value)])} />
        </div>
      )}
      <p className="num px-3.5 py-2 text-meta text-text-2">{cleanupWords(run)}</p>
    </div>
  );
}

/** What became of that which the run made at the service. */
export function cleanupWords({ cleanup, engine }: Pick<QueryRunDetail, 'cleanup' | 'engine'>): string {
  const things = (count: number) => `${count} temporary ${count === 1 ? 'object' : 'objects'}`;
  switch (cleanup.state) {
    case 'nothing':
      return engine === 'postgres' ? 'Nothing was made in the database.' : 'Nothing is at the service.';
    case 'kept':
      return 'What holds the rows is kept at the service until they are let go or expire.';
    case 'pending':
      return 'What the run made at the service is being removed.';
    case 'done':
      return `${things(cleanup.removed)} removed at the service; nothing is left.`;
    case 'left':
      return `${things(cleanup.left)} could not be removed yet; it is tried again each hour.`;
  }
}
