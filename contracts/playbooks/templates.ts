import { LanguageFailure } from './expressions/failure.ts';

/** One piece of a string with templates: text as written, or an expression with its place in the string. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `source` is trimmed; `from` is where it begins in the string, `at` the whole `${{ … }}`. */
  | {
      readonly kind: 'template';
      readonly source: string;
      readonly from: number;
      readonly at: readonly [number, number];
    };
export type Template = Extract<TemplatePart, { kind: 'template' }>;

const open = '${{';

/** Whether a string holds a template (an escaped `$${{` is none). A quick answer before the real scan. */
export const mentionsTemplate = (text: string): boolean => text.includes(open);

/** Splits a string at its templates (§3). Throws `template.not_closed` or `template.empty`. */
export function scanTemplates(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf(open, at);
    if (next < 0) break;
    if (next > at && text[next - 1] === '$') {
      literal += text.slice(at, next - 1) + open; // $${{ writes ${{
      at = next + open.length;
      continue;
    }
    literal += text.slice(at, next);
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
    const end = endOfTemplate(text, next + open.length);
    if (end === undefined) {
      throw new LanguageFailure('template.not_closed', 'This ${{ is never closed: }} is missing.', {
        at: [next, text.length],
      });
    }
    const inner = text.slice(next + open.length, end);
    const source = inner.trim();
    if (source === '')
      throw new LanguageFailure('template.empty', 'This template holds no expression.', { at: [next, end + 2] });
    parts.push({ kind: 'template', source, from: next + open.length + inner.indexOf(source), at: [next, end + 2] });
    at = end + 2;
  }
  literal += text.slice(at);
  if (literal !== '') parts.push({ kind: 'text', text: literal });
  return parts;
}

/** Where the closing `}}` begins: the first outside CEL's strings with every `{` closed. */
function endOfTemplate(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"' || character === "'") {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (character === '{') depth++;
    else if (character === '}') {
      if (depth === 0) return text[at + 1] === '}' ? at : undefined;
      depth--;
    }
  }
  return undefined;
}

/** The index of a CEL string's last quote; three quotes end by three. In raw strings too the parser skips what follows a backslash. */
function endOfString(text: string, at: number): number | undefined {
  const quote = text[at] ?? '';
  const closing = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
  for (let next = at + closing.length; next < text.length; next++) {
    if (text[next] === '\\') next++;
    else if (text.startsWith(closing, next)) return next + closing.length - 1;
  }
  return undefined;
}

/** The one template that is the whole string, or undefined. Throws as `scanTemplates` does. */
export function wholeTemplate(text: string): Template | undefined {
  if (!text.startsWith(open)) return undefined;
  const parts = scanTemplates(text);
  return parts.length === 1 && parts[0]?.kind === 'template' ? parts[0] : undefined;
}

/** The CEL of a CEL field: bare, or within one `${{ }}` around the whole; with where it begins in the field. */
export function celOf(text: string): { readonly source: string; readonly from: number } {
  const whole = wholeTemplate(text.trim());
  if (!whole) return { source: text, from: 0 };
  return { source: whole.source, from: text.length - text.trimStart().length + whole.from };
}
