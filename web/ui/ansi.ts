/** How a stretch of output looks: colour 0–7 (30–37, 90–97 fold onto them), bold, dim, underlined, inverse. */
export interface AnsiStyle {
  color?: number;
  bold?: boolean;
  dim?: boolean;
  underline?: boolean;
  inverse?: boolean;
}
export interface AnsiSpan extends AnsiStyle {
  text: string;
}

// CSI … final byte, OSC … BEL or ST, and the two-byte escapes. Only `m` (colours) means something in a log.
// eslint-disable-next-line no-control-regex -- escapes are what this is about
const escapes = /\u001B(?:\[([0-9;:?]*)([@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\^_])/g;
// eslint-disable-next-line no-control-regex -- the rest of what a terminal would swallow
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;

/** What is left on the line where a program wrote over it with `\r` (progress bars). */
const overwritten = (line: string): string => {
  const trimmed = line.replace(/\r+$/, '');
  const at = trimmed.lastIndexOf('\r');
  return at < 0 ? trimmed : trimmed.slice(at + 1);
};

function styled(style: AnsiStyle, codes: string): AnsiStyle {
  const next = { ...style };
  const numbers = codes.split(/[;:]/).map(Number);
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index] ?? 0;
    if (code === 0) for (const key of Object.keys(next)) delete next[key as keyof AnsiStyle];
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) {
      delete next.bold;
      delete next.dim;
    } else if (code === 24) delete next.underline;
    else if (code === 27) delete next.inverse;
    else if (code >= 30 && code <= 37) next.color = code - 30;
    else if (code >= 90 && code <= 97) next.color = code - 90;
    else if (code === 39) delete next.color;
    else if (code === 38 || code === 48) index += numbers[index + 1] === 5 ? 2 : 4; // 256 colours and RGB: skipped, the text stays
  }
  return next;
}

/** Splits a line of output into spans of one look. Nothing in it ever becomes HTML; escapes that are no colour go. */
export function ansiSpans(line: string): AnsiSpan[] {
  const text = overwritten(line);
  if (!text.includes('\u001B')) return [{ text: text.replace(controls, '') }];
  const spans: AnsiSpan[] = [];
  let style: AnsiStyle = {};
  let from = 0;
  const push = (to: number) => {
    const piece = text.slice(from, to).replace(controls, '');
    if (piece) spans.push({ ...style, text: piece });
  };
  for (const match of text.matchAll(escapes)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === 'm') style = styled(style, match[1] ?? '');
  }
  push(text.length);
  return spans.length > 0 ? spans : [{ text: '' }];
}

/** The line without escapes: for search and copying. */
export const plainText = (line: string): string =>
  ansiSpans(line)
    .map(({ text }) => text)
    .join('');

export const ansiClasses = [
  'text-ansi-black',
  'text-ansi-red',
  'text-ansi-green',
  'text-ansi-yellow',
  'text-ansi-blue',
  'text-ansi-magenta',
  'text-ansi-cyan',
  'text-ansi-white',
] as const;
