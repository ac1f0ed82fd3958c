import type { Cell } from './privacy.ts';

export interface OutputFormat {
  readonly separator: string;
  readonly quote: string;
  readonly escapeCharacter: string;
}
export const usualFormat: OutputFormat = { separator: ',', quote: '"', escapeCharacter: '"' };

/** Cuts rows into files that each begin with the header. */
export class CsvParts {
  readonly #format: OutputFormat;
  readonly #rowsPerPart: number;
  readonly #head: string;
  readonly #isBoolean: readonly boolean[];
  readonly #parts: Buffer[] = [];
  #chunks: string[] = [];
  #rowsInPart = 0;
  rows = 0;

  constructor(header: readonly string[], isBoolean: readonly boolean[], format: OutputFormat, rowsPerPart: number) {
    this.#format = format;
    this.#rowsPerPart = rowsPerPart;
    this.#isBoolean = isBoolean;
    this.#head = this.#line(header, true);
  }

  add(cells: readonly Cell[]): void {
    if (this.#rowsInPart === 0) this.#chunks.push(this.#head);
    this.#chunks.push(this.#line(cells, false));
    this.rows++;
    if (++this.#rowsInPart >= this.#rowsPerPart) this.#close();
  }
  /** The files; one with a header alone where there is no row. */
  end(): Buffer[] {
    if (this.#rowsInPart > 0) this.#close();
    return this.#parts.length > 0 ? this.#parts : [Buffer.from(this.#head)];
  }
  #close(): void {
    this.#parts.push(Buffer.from(this.#chunks.join('')));
    this.#chunks = [];
    this.#rowsInPart = 0;
  }

  #line(cells: readonly Cell[], isHeader: boolean): string {
    const { separator, quote, escapeCharacter } = this.#format;
    const written = cells.map((cell, at) => {
      if (cell === null) return '';
      const text = !isHeader && this.#isBoolean[at] ? String(Number(cell) === 1) : String(cell);
      // An empty text is quoted, so that it is told apart from null.
      const needsQuotes = text === '' || text.includes(separator) || text.includes(quote) || /[\r\n]/.test(text);
      return needsQuotes ? `${quote}${text.replaceAll(quote, `${escapeCharacter}${quote}`)}${quote}` : text;
    });
    return `${written.join(separator)}\n`;
  }
}
