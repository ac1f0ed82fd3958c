import { memo, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { logTime } from '../kit/time.ts';
import { ansiClasses, ansiSpans, type AnsiSpan } from './ansi.ts';

/** Pixels: every line has the same height, so that the pane knows where each is without measuring. */
export const logRow = 19;

interface LineProps {
  number: number;
  at: string;
  host: string;
  stream: 'stdout' | 'stderr' | 'system';
  text: string;
  zone: string;
  needle: string;
  hostWidth: number;
  isCurrent: boolean;
  isLinked: boolean;
  onLine?: ((line: number) => void) | undefined;
  onHost?: ((host: string | undefined) => void) | undefined;
}

/** One line of a log: when, where, and what, with its colours. Nothing in it becomes HTML. */
export const Line = memo(function Line(props: LineProps) {
  const { number, at, host, stream, text, zone, needle, hostWidth, isCurrent, isLinked, onLine, onHost } = props;
  return (
    <div
      id={`L${number}`}
      data-line={number}
      style={{ top: (number - 1) * logRow, height: logRow }}
      className={cx(
        'absolute inset-x-0 flex w-max min-w-full gap-3 px-3.5 whitespace-pre',
        isLinked && 'bg-accent-soft',
      )}
    >
      <button
        type="button"
        tabIndex={-1}
        title={`Line ${number}: link to it`}
        onClick={() => onLine?.(number)}
        className="flex-none text-text-3 hover:text-accent"
      >
        {logTime(Date.parse(at), { zone })}
      </button>
      {hostWidth > 0 && (
        <button
          type="button"
          tabIndex={-1}
          title={`Only ${host}`}
          onClick={() => onHost?.(host)}
          style={{ width: `${hostWidth}ch` }}
          className={cx(
            'flex-none truncate text-left hover:text-accent',
            stream === 'stderr' ? 'text-fail-fg' : 'text-text-2',
          )}
        >
          {host}
        </button>
      )}
      <bdi className={stream === 'system' ? 'text-text-3' : undefined}>
        {ansiSpans(text).map((span, index) => (
          <Span key={index} span={span} needle={needle} isCurrent={isCurrent} />
        ))}
      </bdi>
    </div>
  );
});

function Span({ span, needle, isCurrent }: { span: AnsiSpan; needle: string; isCurrent: boolean }) {
  const classes = cx(
    span.color !== undefined && ansiClasses[span.color],
    span.bold && 'font-bold',
    span.dim && 'opacity-75',
    span.underline && 'underline',
    span.inverse && 'bg-fill',
  );
  const text = needle ? <Marked text={span.text} needle={needle} isCurrent={isCurrent} /> : span.text;
  return classes ? <span className={classes}>{text}</span> : text;
}

/** The text with its matches marked. */
export function Marked({ text, needle, isCurrent = false }: { text: string; needle: string; isCurrent?: boolean }) {
  const parts: ReactNode[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0 && needle; at = lower.indexOf(needle, from)) {
    parts.push(
      text.slice(from, at),
      <mark key={at} className={isCurrent ? 'outline-[1.5px] outline-offset-1 outline-wait-solid' : undefined}>
        {text.slice(at, at + needle.length)}
      </mark>,
    );
    from = at + needle.length;
  }
  parts.push(text.slice(from));
  return parts;
}
