import { cx } from '../kit/cx.ts';
import { logTime } from '../kit/time.ts';
import { ansiClasses, ansiSpans, type AnsiSpan } from './ansi.ts';
import type { LogLine } from './log-source.ts';

/** Pixels: every line has the same height, so that the pane knows where each is without measuring. */
export const logRow = 19;

/** How lines look, all of them. */
export interface LineLook {
  zone: string;
  /** Searched for, in lower case; empty: nothing is marked. */
  needle: string;
  /** Whether there is a column with hosts; it is as wide as `--host-width` of what holds the lines, so that it can grow without drawing them anew. */
  hasHosts: boolean;
}
/** How one of them looks. */
export interface LineState {
  isCurrent: boolean;
  isLinked: boolean;
}

const element = (tag: string, className: string, text = ''): HTMLElement => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};
const button = (className: string, title: string, text: string): HTMLButtonElement => {
  const made = document.createElement('button');
  Object.assign(made, { type: 'button', tabIndex: -1, title, className, textContent: text });
  return made;
};

/**
 * One line of a log: when, where, and what, with its colours. Nothing in it becomes HTML. Made without React: thousands a
 * second go by as one scrolls.
 */
export function drawLine(line: LogLine, look: LineLook, { isCurrent, isLinked }: LineState): HTMLElement {
  const { number, at, host, stream, text } = line;
  // A frame lays out the lines that are new, not all that are there.
  const row = element(
    'div',
    cx(
      'absolute inset-x-0 flex w-max min-w-full gap-3 px-3.5 whitespace-pre contain-[layout_style]',
      isLinked && 'bg-accent-soft',
    ),
  );
  row.id = `L${number}`;
  row.dataset['line'] = String(number);
  row.style.top = `${(number - 1) * logRow}px`;
  row.style.height = `${logRow}px`;
  const when = button(
    'flex-none text-text-3 hover:text-accent',
    `Line ${number}: link to it`,
    logTime(Date.parse(at), { zone: look.zone }),
  );
  when.dataset['act'] = 'link';
  row.append(when);
  if (look.hasHosts) {
    const where = button(
      cx('flex-none truncate text-left hover:text-accent', stream === 'stderr' ? 'text-fail-fg' : 'text-text-2'),
      `Only ${host}`,
      host,
    );
    where.style.width = 'var(--host-width)';
    where.dataset['act'] = 'host';
    row.append(where);
  }
  const said = element('bdi', stream === 'system' ? 'text-text-3' : '');
  for (const span of ansiSpans(text)) said.append(drawSpan(span, look.needle, isCurrent));
  row.append(said);
  return row;
}

function drawSpan(span: AnsiSpan, needle: string, isCurrent: boolean): Node {
  const classes = cx(
    span.color !== undefined && ansiClasses[span.color],
    span.bold && 'font-bold',
    span.dim && 'opacity-75',
    span.underline && 'underline',
    span.inverse && 'bg-fill',
  );
  const parts = needle ? marked(span.text, needle, isCurrent) : [span.text];
  if (!classes && parts.length === 1 && typeof parts[0] === 'string') return document.createTextNode(parts[0]);
  const made = element('span', classes);
  made.append(...parts);
  return made;
}

/** The text with its matches marked. */
function marked(text: string, needle: string, isCurrent: boolean): (string | Node)[] {
  const parts: (string | Node)[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    const to = at + needle.length;
    parts.push(
      text.slice(from, at),
      element('mark', isCurrent ? 'outline-[1.5px] outline-offset-1 outline-wait-solid' : '', text.slice(at, to)),
    );
    from = to;
  }
  parts.push(text.slice(from));
  return parts;
}
