import type { ParameterType, ParameterValue } from './parameters.ts';
import type { Diagnostic, Dialect, Span } from './sql/language.ts';
import { type Token, tokenize } from './sql/tokens.ts';

/** One `{{ name }}` of a text. */
export interface Placeholder extends Span {
  /** Null: nothing that could be one stands between the braces. */
  readonly name: string | null;
  /** Of `{{ name: date = today }}`. */
  readonly type: ParameterType | null;
  readonly of: 'text' | 'number';
  readonly default: ParameterValue;
  /** The clause that drops out without it, by its number from 0; null outside of one. */
  readonly clause: number | null;
}
/** `[[ … ]]`: drops out of the query while one of its parameters has no value. */
export interface OptionalClause extends Span {
  /** What is between the marks. */
  readonly inner: Span;
}

const form =
  /^([A-Za-z_]\w{0,59}(?:\.[A-Za-z_]\w{0,59})?)(?: ?: ?(text|number|boolean|date|timestamp|list)(\[\])?(?: ?= ?(.*))?)?$/i;

/** What stands between the braces: a name, perhaps its type and a default. `text[]` is a list of texts. */
export function readPlaceholder(
  { from, to, value }: Pick<Token, 'from' | 'to' | 'value'>,
  clause: number | null,
): Placeholder {
  const match = form.exec(value.replaceAll(/\s+/g, ' '));
  const [, name = null, word, brackets, given] = match ?? [];
  const written = word?.toLowerCase() as ParameterType | undefined;
  const isList = written === 'list' || brackets !== undefined;
  const isListable = written === 'text' || written === 'number' || written === 'list';
  const isWrong = name === null || (brackets !== undefined && !isListable);
  return {
    name: isWrong ? null : name,
    type: written ? (isList ? 'list' : written) : null,
    of: isList && written === 'number' ? 'number' : 'text',
    default: given === undefined ? null : isList ? given.split(/ ?, ?/).filter(Boolean) : given,
    clause,
    from,
    to,
  };
}

/** Every placeholder outside strings, quoted names and comments. */
export const placeholdersIn = (dialect: Dialect, text: string): Placeholder[] =>
  readMarks(tokenize(dialect, text)).placeholders;

export interface Marks {
  readonly placeholders: readonly Placeholder[];
  readonly clauses: readonly OptionalClause[];
  /** `[[` whose end is missing. */
  readonly unclosed: Span | null;
}

export function readMarks(tokens: readonly Token[]): Marks & { placeholders: Placeholder[] } {
  const placeholders: Placeholder[] = [];
  const clauses: OptionalClause[] = [];
  let open: Token | undefined;
  for (const token of tokens) {
    if (token.kind === 'open') open = token;
    else if (token.kind === 'close' && open) {
      clauses.push({ from: open.from, to: token.to, inner: { from: open.to, to: token.from } });
      open = undefined;
    } else if (token.kind === 'parameter') placeholders.push(readPlaceholder(token, open ? clauses.length : null));
  }
  return { placeholders, clauses, unclosed: open ? { from: open.from, to: open.to } : null };
}

const quotedForm = /\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\s*\}\}/;

/** What is wrong with the placeholders of a text as such, whatever their values. */
export function checkPlaceholders(dialect: Dialect, tokens: readonly Token[]): Diagnostic[] {
  const { placeholders, unclosed } = readMarks(tokens);
  const found: Diagnostic[] = placeholders
    .filter(({ name }) => name === null)
    .map(({ from, to }) => ({
      severity: 'error',
      code: 'parameter.malformed',
      message:
        'A parameter is written as {{ name }} or {{ name: type }}; types are text, number, boolean, date, timestamp, text[] and number[].',
      from,
      to,
      fixes: [],
    }));
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === '{{')
      found.push({ severity: 'error', code: 'parameter.malformed', message: 'This parameter has no }}.', from: token.from, to: token.to, fixes: [] }); // prettier-ignore
    const match = token.kind === 'string' ? quotedForm.exec(token.text) : null;
    if (match) found.push(inQuotes(dialect, token, match));
  }
  if (unclosed)
    found.push({ severity: 'error', code: 'parameter.clause_not_closed', message: 'This optional clause has no ]].', ...unclosed, fixes: [] }); // prettier-ignore
  return found;
}

/** In quotes it would be these very characters: values are quoted where they are put in, never by the author. */
function inQuotes(dialect: Dialect, token: Token, match: RegExpExecArray): Diagnostic {
  const plus = dialect === 'sfmc' ? ' + ' : ' || ';
  const prefix = /^[A-Za-z]?(?=')/.exec(token.text)?.[0] ?? '';
  const isPlain = token.text.startsWith(`${prefix}'`) && token.text.endsWith("'");
  const before = token.text.slice(prefix.length + 1, match.index);
  const after = token.text.slice(match.index + match[0].length, -1);
  const parts = [before && `${prefix}'${before}'`, match[0], after && `${prefix}'${after}'`].filter(Boolean);
  return {
    severity: 'error',
    code: 'parameter.in_quotes',
    message: `In quotes, ${match[0]} is not a parameter but these characters. Take the quotes away: values are quoted for you.`,
    from: token.from,
    to: token.to,
    fixes: isPlain
      ? [
          {
            title: parts.length > 1 ? 'Join it to the text' : 'Take the quotes away',
            edits: [{ from: token.from, to: token.to, text: parts.join(plus) }],
          },
        ]
      : [],
  };
}
