import type { ShellPlace } from './shell.ts';
import type { TemplatePart } from './templates.ts';

/** A character of the command, or null where a template stands. */
type Unit = string | null;

/** What encloses the reader's position. `substitution` is `$( … )` and `subshell` a `( … )` within it: both are plain text again. */
type Enclosure =
  | { readonly kind: 'substitution' | 'subshell'; readonly close: ')' }
  | { readonly kind: 'single' | 'double' | 'backtick' | 'brace' | 'arithmetic'; readonly close: string };

interface HereDocument {
  readonly end: string;
  /** Whether the end was written in quotes: then the body is taken as it stands. */
  readonly isQuoted: boolean;
  readonly stripsTabs: boolean;
}

const spaces = new Set([' ', '\t', '\n', '\r']);
const operators = new Set([';', '&', '|', '<', '>', '(', ')']);
const stopsJoining = new Set(['\\', "'", '"', '`', '#']);
const names: Readonly<Record<string, string>> = {
  single: 'single quotes',
  double: 'double quotes',
  backtick: 'backticks',
  brace: '${ }',
  arithmetic: '$(( ))',
};
const readsAgain =
  /(?:^|[\s;&|(])(?:eval(?=\s)|(?:\S*\/)?(?:ba|da|a|k|z)?sh\s+(?:-\S+\s+)*-\w*c(?=\s)|su\s+(?:\S+\s+)*-c(?=\s)|ssh\s|let\s|\[\[\s)[^;&|\n]*$/;

/** Reads a command once, from left to right, and notes where each template stands. */
export class ShellReader {
  readonly #units: Unit[];
  readonly #places: ShellPlace[] = [];
  readonly #enclosures: Enclosure[] = [];
  readonly #pending: HereDocument[] = [];
  /** Set once the text can no longer be followed for sure: everything after it is refused. */
  #lost: string | undefined;
  #at = 0;
  /** The last character that a backslash made part of a word. */
  #escapedAt = -2;

  constructor(parts: readonly TemplatePart[]) {
    this.#units = parts.flatMap((part): Unit[] => (part.kind === 'text' ? Array.from(part.text) : [null]));
  }

  read(): readonly ShellPlace[] {
    while (this.#at < this.#units.length) {
      const unit = this.#units[this.#at] ?? null;
      if (unit === null) this.#note(undefined);
      else if (this.#isPlain()) this.#readPlain(unit);
      else this.#readQuoted(unit);
    }
    // A shell may go on with the next line of a command that it cannot read, and that line may be a value's.
    const [open] = this.#enclosures;
    if (!open) return this.#places;
    const unsafe = `in a command whose ${names[open.kind] ?? '$( )'} are not closed`;
    return this.#places.map((place) => ({ ...place, unsafe: place.unsafe ?? unsafe }));
  }

  get #inner(): Enclosure | undefined {
    return this.#enclosures.at(-1);
  }

  #isPlain(): boolean {
    const kind = this.#inner?.kind;
    return kind === undefined || kind === 'substitution' || kind === 'subshell';
  }

  #peek(offset = 0): Unit | undefined {
    return this.#units[this.#at + offset];
  }

  #startsWith(text: string): boolean {
    return Array.from(text).every((character, offset) => this.#peek(offset) === character);
  }

  /** Notes the template at the reader's position and goes on behind it. */
  #note(reason: string | undefined): void {
    this.#places.push({
      unsafe: this.#lost ?? reason ?? this.#reasonOfEnclosures(),
      touches: this.#isWord(this.#units[this.#at - 1]) || this.#isWord(this.#units[this.#at + 1]),
      isReadTwice: readsAgain.test(this.#textBefore()),
    });
    this.#at++;
  }

  #reasonOfEnclosures(): string | undefined {
    const inner = this.#inner;
    if (inner && !this.#isPlain()) return `inside ${names[inner.kind]}`;
    // "$( … )" is plain text again even within double quotes; within the others nothing is.
    const outer = this.#enclosures.find(({ kind }) => kind === 'backtick' || kind === 'brace' || kind === 'arithmetic');
    return outer && `inside ${names[outer.kind]}`;
  }

  #isWord(unit: Unit | undefined): boolean {
    return unit === null || (unit !== undefined && !spaces.has(unit) && !operators.has(unit));
  }

  #beginsWord(): boolean {
    return this.#escapedAt !== this.#at - 1 && !this.#isWord(this.#units[this.#at - 1]);
  }

  #textBefore(): string {
    return this.#units.slice(Math.max(0, this.#at - 400), this.#at).map((unit) => unit ?? '_').join(''); // prettier-ignore
  }

  /** Takes `\`-newline out of what comes next, as a shell does before it reads operators. */
  #joinLines(): void {
    for (let offset = 1; offset <= 6; offset++) {
      while (this.#peek(offset) === '\\' && this.#peek(offset + 1) === '\n') this.#units.splice(this.#at + offset, 2);
      const unit = this.#peek(offset);
      if (unit === undefined || unit === null || stopsJoining.has(unit)) return;
    }
  }

  #readPlain(unit: string): void {
    if (unit === '\\' && this.#peek(1) === '\n') return void this.#units.splice(this.#at, 2);
    if (!stopsJoining.has(unit)) this.#joinLines();
    if (unit === '\\') return this.#skipEscaped();
    if (unit === "'") return this.#enter('single', "'", 1);
    if (unit === '"') return this.#enter('double', '"', 1);
    if (unit === '`') return this.#enter('backtick', '`', 1);
    if (unit === '$') return this.#readDollar();
    if (unit === '#' && this.#beginsWord()) return this.#skipComment();
    if (unit === '\n') return this.#endLine();
    if (unit === '<' && this.#startsWith('<<') && !this.#startsWith('<<<')) return this.#readHereDocument();
    if (unit === '<' && this.#startsWith('<<<')) return this.#skip(3);
    if (unit === '(' && this.#units[this.#at - 1] === '=') this.#checkArray();
    // bash evaluates what stands in (( )), quoted or not, and an index in it may run a command.
    if (this.#startsWith('((')) return this.#enterArithmetic(2);
    if (this.#inner && unit === '(') return this.#enter('subshell', ')', 1);
    if (this.#inner && unit === ')') this.#enclosures.pop();
    // `case x in a) …` closes no parenthesis, so within $( … ) the end can't be told from a pattern.
    if (this.#inner && this.#startsWith('case') && this.#beginsWord() && !this.#isWord(this.#peek(4))) {
      this.#lost ??= 'after a case within $( … ), whose end cannot be told; move the case out of it';
    }
    this.#at++;
  }

  #readDollar(): void {
    if (this.#startsWith('$$')) return this.#skip(2); // the process id: its second $ begins nothing
    if (this.#startsWith('$((')) return this.#enterArithmetic(3);
    if (this.#startsWith('$(')) return this.#enter('substitution', ')', 2);
    if (this.#startsWith('${')) return this.#enter('brace', '}', 2);
    if (this.#startsWith("$'") && this.#isPlain()) return this.#readDollarQuote();
    this.#at++;
  }

  /** `a=( … )` of bash holds words. At anything else bash gives up and goes on with the next line. */
  #checkArray(): void {
    for (let at = this.#at + 1; at < this.#units.length; at++) {
      const unit = this.#units[at] ?? null;
      if (unit === ')') return;
      if (unit !== null && operators.has(unit)) break;
    }
    this.#lost ??= 'in or after a=( … ) that holds more than words';
  }

  /** `(( … ))` is arithmetic or two subshells, by the shell and by how it ends: where quotes or comments in it would be read differently we are lost. */
  #enterArithmetic(length: number): void {
    let depth = 2;
    for (let at = this.#at + length; depth > 0 && at < this.#units.length; at++) {
      const unit = this.#units[at] ?? null;
      if (unit === '(') depth++;
      else if (unit === ')') {
        depth--;
        if (depth === 1 && this.#units[at + 1] !== ')') break; // two subshells after all, or neither
      } else if (unit !== null && (stopsJoining.has(unit) || (unit === '<' && this.#units[at + 1] === '<'))) {
        this.#lost ??= 'after (( )) with quotes, comments or here-documents in it, which shells read differently';
      }
    }
    if (depth > 0) this.#lost ??= 'after (( that is not closed by )), which shells read differently';
    this.#enter('arithmetic', ')', length - 1); // one for each parenthesis
    this.#enter('arithmetic', ')', 1);
  }

  /** `$'…'`: some shells know escapes in it, others do not; where `\'` makes them differ we are lost. */
  #readDollarQuote(): void {
    let end = this.#at + 2;
    while (end < this.#units.length && this.#units[end] !== "'") end++;
    if (this.#units[end - 1] === '\\') this.#lost ??= "after $'…\\'…', which shells read differently";
    this.#enter('single', "'", 2);
  }

  #readQuoted(unit: string): void {
    const inner = this.#inner;
    if (!inner) return;
    if (inner.kind === 'single') {
      if (unit === "'") this.#enclosures.pop();
      this.#at++;
      return;
    }
    if (unit === '\\' && this.#peek(1) === '\n') return void this.#units.splice(this.#at, 2);
    if (unit === '\\') return this.#skipEscaped();
    if (unit === '$') this.#joinLines();
    if (inner.kind === 'arithmetic') return this.#readArithmetic(unit);
    if (unit === inner.close) {
      this.#enclosures.pop();
      this.#at++;
      return;
    }
    if (inner.kind === 'backtick') return this.#skip(1);
    if (unit === '`') return this.#enter('backtick', '`', 1);
    if (unit === '$') return this.#readDollar();
    if (unit === '"') return this.#enter('double', '"', 1);
    if (unit === "'" && !this.#isWithinDouble()) return this.#enter('single', "'", 1);
    this.#at++;
  }

  /** Whether double quotes hold since the last `$(`: there a single quote is a character like any other. */
  #isWithinDouble(): boolean {
    const since = this.#enclosures.findLastIndex(({ kind }) => kind === 'substitution') + 1;
    return this.#enclosures.slice(since).some(({ kind }) => kind === 'double');
  }

  #readArithmetic(unit: string): void {
    if (unit === '(') return this.#enter('arithmetic', ')', 1);
    if (unit === ')') this.#enclosures.pop();
    else if (unit === '$') return this.#readDollar();
    else if (unit === '`') return this.#enter('backtick', '`', 1);
    else if (unit === '"') return this.#enter('double', '"', 1);
    else if (unit === "'") return this.#enter('single', "'", 1);
    this.#at++;
  }

  #enter(kind: Enclosure['kind'], close: string, length: number): void {
    this.#enclosures.push({ kind, close } as Enclosure);
    this.#at += length;
  }

  #skip(count: number): void {
    this.#at += count;
  }

  /** A backslash takes the next character's meaning; a template right behind it would lose its opening quote. */
  #skipEscaped(): void {
    this.#escapedAt = ++this.#at;
    if (this.#peek() === null) this.#note('after a backslash');
    else this.#at++;
  }

  #skipComment(): void {
    while (this.#at < this.#units.length && this.#peek() !== '\n') {
      if (this.#peek() === null) this.#note('inside a comment');
      else this.#at++;
    }
  }

  #readHereDocument(): void {
    this.#at += 2;
    const stripsTabs = this.#peek() === '-';
    if (stripsTabs) this.#at++;
    while (this.#peek() === ' ' || this.#peek() === '\t') this.#at++;
    let end = '';
    let isQuoted = false;
    let quote: string | undefined;
    for (; this.#at < this.#units.length; this.#at++) {
      const unit = this.#peek() ?? null;
      if (unit === null) {
        this.#lost ??= 'in or after a here-document whose end is a template';
        return;
      }
      if (quote === undefined && !this.#isWord(unit)) break;
      if (unit === quote) quote = undefined;
      else if (quote === undefined && (unit === '"' || unit === "'")) {
        quote = unit;
        isQuoted = true;
      } else if (unit === '\\' && quote !== "'") {
        if (this.#peek(1) === null) continue; // the template itself is met next
        end += this.#units[++this.#at] ?? '';
        isQuoted = true;
      } else end += unit;
    }
    this.#pending.push({ end, isQuoted, stripsTabs });
  }

  /** Behind the end of a line come the here-documents that it began. */
  #endLine(): void {
    this.#at++;
    for (const { end, isQuoted, stripsTabs } of this.#pending.splice(0)) {
      for (;;) {
        const line = this.#readHereLine();
        if (!isQuoted && line !== undefined && /(?:^|[^\\])(?:\\\\)*\\$/.test(line)) {
          this.#lost ??= 'after a here-document whose lines are joined, which shells end differently';
        }
        if (line === undefined || (stripsTabs ? line.replace(/^\t+/, '') : line) === end) break;
      }
    }
  }

  #readHereLine(): string | undefined {
    if (this.#at >= this.#units.length) return undefined;
    let line = '';
    for (; this.#at < this.#units.length && this.#peek() !== '\n';) {
      const unit = this.#peek() ?? null;
      line += unit ?? '\0';
      if (unit === null) this.#note('inside a here-document');
      else this.#at++;
    }
    this.#at++;
    return line;
  }
}
