import { SqlError, type Token } from './tokens.ts';

/** Words that are no name unless they stand in brackets. */
const reserved = new Set(
  `select from where on join group by having order union all intersect except distinct top inner left right full outer cross
   as and or not like in between exists is null case when then else end with into insert update delete merge truncate drop
   alter create grant revoke commit rollback cursor open close deallocate backup restore kill waitfor declare set while
   if begin exec execute print raiserror throw goto return break continue use values`.split(/\s+/),
);

/** Walks over tokens. */
export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#ahead(0);
  }
  #ahead(count: number): Token {
    return this.#tokens[this.#at + count] ?? { kind: 'end', text: '', value: '' };
  }
  next(): Token {
    const token = this.current;
    this.#at++;
    return token;
  }
  skip(count: number): void {
    this.#at += count;
  }
  isWord(word: string): boolean {
    return this.current.kind === 'word' && this.current.value === word;
  }
  isWords(...words: string[]): boolean {
    return words.every((word, index) => this.#ahead(index).kind === 'word' && this.#ahead(index).value === word);
  }
  takeWord(word: string): boolean {
    return this.isWord(word) && (this.#at++, true);
  }
  isSign(sign: string): boolean {
    return this.current.kind === 'sign' && this.current.text === sign;
  }
  takeSign(sign: string): boolean {
    return this.isSign(sign) && (this.#at++, true);
  }
  /** The next two are a word and an opening parenthesis. */
  isCall(): boolean {
    const { kind, text } = this.#ahead(1);
    return this.current.kind === 'word' && kind === 'sign' && text === '(';
  }
  /** `name.*` */
  isStarAfterName(): boolean {
    return this.#ahead(1).text === '.' && this.#ahead(2).text === '*';
  }
  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected();
  }
  expectSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.unexpected();
  }
  expect(kind: Token['kind']): Token {
    if (this.current.kind !== kind) throw this.unexpected();
    return this.next();
  }
  isName(): boolean {
    return this.current.kind === 'name' || (this.current.kind === 'word' && !reserved.has(this.current.value));
  }
  name(): string {
    if (!this.isName()) throw this.unexpected();
    const token = this.next();
    return token.kind === 'name' ? token.value : token.text;
  }
  /** `a.b.c`, each maybe in brackets. */
  path(): string[] {
    const path = [this.name()];
    while (this.takeSign('.')) path.push(this.name());
    return path;
  }
  unexpected(): SqlError {
    const { kind, value, text } = this.current;
    if (kind === 'end') return new SqlError("Incorrect syntax near ')'."); // the end of the derived table around it
    if (kind === 'variable') return new SqlError(`Must declare the scalar variable "${text}".`);
    if (kind === 'word' && reserved.has(value)) return new SqlError(`Incorrect syntax near the keyword '${value}'.`);
    return new SqlError(`Incorrect syntax near '${text}'.`);
  }
}
