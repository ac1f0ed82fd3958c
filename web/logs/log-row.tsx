import { memo } from 'react';
import type { LogLine } from '#contracts/logs/logs.ts';
import { cx } from '../kit/cx.ts';
import { clockTime } from '../kit/time.ts';
import { Button } from '../ui/button.tsx';
import { Copy } from '../ui/copy.tsx';
import { severityLooks } from './logs.ts';

interface LogRowProps {
  line: LogLine;
  zone: string;
  sourceName: string | null;
  /** Lines of several days are shown with their date. */
  withDate: boolean;
  isOpen: boolean;
  onToggle: (id: string) => void;
  /** Narrows the search to lines with, or without, this. */
  onTerm: (name: string, value: string, isNot: boolean) => void;
}

/** A line: when, how bad, who, what. It opens to its whole text and attributes, each of which narrows the search. */
export const LogRow = memo(function LogRow({
  line,
  zone,
  sourceName,
  withDate,
  isOpen,
  onToggle,
  onTerm,
}: LogRowProps) {
  const at = Date.parse(line.at);
  const look = severityLooks[line.severity];
  const day = withDate ? `${new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', timeZone: zone }).format(at)} ` : ''; // prettier-ignore
  const pairs: [string, string][] = [
    ...(line.service ? [['service', line.service] as [string, string]] : []),
    ...(line.host ? [['host', line.host] as [string, string]] : []),
    ...(sourceName ? [['source', sourceName] as [string, string]] : []),
    ...(line.traceId ? [['trace', line.traceId] as [string, string]] : []),
    ...Object.entries(line.attributes).map(([name, value]): [string, string] => [name, String(value)]),
  ];
  return (
    <li
      className={cx(
        'border-b border-line [contain-intrinsic-size:auto_26px] [content-visibility:auto]',
        isOpen && 'bg-sunken',
      )}
    >
      <button
        type="button"
        aria-expanded={isOpen}
        aria-label={`${look.word}: ${line.text.slice(0, 200)}`}
        onClick={() => onToggle(line.id)}
        className="flex min-h-[26px] w-full items-baseline gap-2.5 px-5 py-[3px] text-left font-mono text-[11.5px] leading-[19px] hover:bg-sunken max-sm:min-h-11 max-sm:flex-wrap max-sm:gap-x-2 max-sm:gap-y-0 max-sm:px-4 max-sm:py-1.5"
      >
        <i aria-hidden="true" className={cx('h-3.5 w-[3px] flex-none self-center rounded-full max-sm:h-3', look.bar)} />
        <span className="num flex-none text-text-3">
          {day}
          {clockTime(at, { zone })}
          <span className="max-sm:hidden">{line.at.slice(19, 23)}</span>
        </span>
        <span className="w-16 flex-none text-text-3 max-sm:w-auto">{line.severity === 'none' ? '' : look.word}</span>
        <span
          className="w-28 flex-none truncate text-text-2 max-sm:w-auto max-sm:max-w-32"
          title={line.service ?? undefined}
        >
          {line.service ?? ''}
        </span>
        <span className="w-24 flex-none truncate text-text-3 max-lg:hidden" title={line.host ?? undefined}>
          {line.host ?? ''}
        </span>
        <span
          className={cx(
            'min-w-0 flex-1 text-text max-sm:basis-full',
            isOpen ? 'break-words whitespace-pre-wrap' : 'truncate max-sm:line-clamp-2 max-sm:whitespace-normal',
          )}
        >
          {line.text}
        </span>
      </button>
      {isOpen && (
        <div className="px-5 pb-3 pl-[46px] max-sm:px-4">
          <dl className="grid grid-cols-[minmax(90px,max-content)_1fr_auto] items-baseline gap-x-3 gap-y-0.5 text-meta max-sm:grid-cols-[1fr_auto]">
            {pairs.map(([name, value]) => (
              <div key={name} className="col-span-full grid grid-cols-subgrid items-baseline">
                <dt className="truncate text-text-3 max-sm:col-span-full">{name}</dt>
                <dd className="min-w-0 font-mono text-[11.5px] break-words">{value}</dd>
                <dd className="flex gap-1">
                  <Button
                    size="sm"
                    look="ghost"
                    aria-label={`Only lines with ${name} ${value}`}
                    onClick={() => onTerm(name, value, false)}
                  >
                    only
                  </Button>
                  <Button
                    size="sm"
                    look="ghost"
                    aria-label={`No lines with ${name} ${value}`}
                    onClick={() => onTerm(name, value, true)}
                  >
                    not
                  </Button>
                </dd>
              </div>
            ))}
          </dl>
          <p className="mt-2 text-meta text-text-3">
            <Copy text={JSON.stringify(line, null, 2)} what="the line as JSON">
              Copy as JSON
            </Copy>
          </p>
        </div>
      )}
    </li>
  );
});
