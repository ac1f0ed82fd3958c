import type { Cell, ColumnType } from '#contracts/queries/engine.ts';

/** Excel's limits: rows of a sheet without the one of names, columns, characters of a cell and of a sheet's name. */
export const mostSheetRows = 1_048_575;
export const mostSheetColumns = 16_384;
export const mostCellChars = 32_767;
const mostNameChars = 31;

/** Numbers of `cellXfs` in the styles below. */
const style = { date: 1, timestamp: 2, head: 3, wrap: 4 };

/** XML 1.0 has no way to say these; `_xHHHH_` is Excel's, and what looks like it is none. */
const unsayable =
  // oxlint-disable-next-line no-control-regex -- these are meant
  /[\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const marks = /[&<>]/;
// oxlint-disable-next-line no-control-regex -- the same
const maybeUnsayable = /[\u0000-\u0008\u000b-\u001f_\ud800-\udfff\ufffe\uffff]/;

export function xmlText(text: string): string {
  let safe = text;
  if (maybeUnsayable.test(safe))
    safe = safe.replaceAll(unsayable, (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`);
  if (marks.test(safe)) safe = safe.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return safe;
}

const empty = '<c/>';
const spaced = /^\s|\s$|\n/;
function textCell(text: string, styleNumber = 0): string {
  const of = styleNumber === 0 ? '' : ` s="${styleNumber}"`;
  return `<c t="inlineStr"${of}><is><t${spaced.test(text) ? ' xml:space="preserve"' : ''}>${xmlText(text)}</t></is></c>`;
}

const digits = /^-?\d{1,15}(?:\.\d{1,15})?$/;
/** A spreadsheet keeps 15 digits; a number of more stays a text, and so whole. */
const isExact = (text: string): boolean =>
  digits.test(text) && text.replaceAll(/[-.]/g, '').replace(/^0+/, '').length <= 15;

const timeForm = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:?(?:\d\d)?)?)?$/i;
const epochMs = Date.UTC(1899, 11, 30);
/** Excel takes 1900 for a leap year, so that its dates are right from March on. */
const firstSerial = 61;

/** A day as Excel counts it; of a time with an offset that of UTC. Null where Excel has no such day. */
export function serialOf(text: string): number | null {
  const match = timeForm.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', offset] = match;
  let ms =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)) + Number(second) * 1_000;
  if (offset && !/^z$/i.test(offset)) {
    const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || '0');
    ms -= (offset.startsWith('-') ? -1 : 1) * minutes * 60_000;
  }
  const serial = (ms - epochMs) / 86_400_000;
  return Number.isFinite(serial) && serial >= firstSerial ? serial : null;
}

/** How cells of a type are written. `onCut` is called for each text that is longer than a cell may be. */
export function cellWriter(type: ColumnType, onCut: () => void): (cell: Cell) => string {
  const text = (cell: string): string => {
    if (cell.length <= mostCellChars) return textCell(cell);
    onCut();
    return textCell(cell.slice(0, mostCellChars));
  };
  const timed =
    (number: number) =>
    (cell: string): string => {
      const serial = serialOf(cell);
      return serial === null ? text(cell) : `<c s="${number}"><v>${serial}</v></c>`;
    };
  const write = ((): ((cell: string) => string) => {
    switch (type) {
      case 'integer':
      case 'decimal':
        return (cell) => (isExact(cell) ? `<c><v>${cell}</v></c>` : text(cell));
      case 'boolean':
        return (cell) =>
          cell === 'true' || cell === 'false' ? `<c t="b"><v>${cell === 'true' ? 1 : 0}</v></c>` : text(cell);
      case 'date':
        return timed(style.date);
      case 'timestamp':
        return timed(style.timestamp);
      default:
        return text;
    }
  })();
  return (cell) => (cell === null ? empty : write(cell));
}

export const headRow = (names: readonly string[]): string =>
  `<row>${names.map((name) => textCell(name, style.head)).join('')}</row>`;
export const noteRow = (name: string, text: string): string =>
  `<row>${textCell(name, style.head)}${textCell(text, style.wrap)}</row>`;

/** A name that Excel takes: 31 characters, none forbidden, not one it keeps for itself, and unlike the others. */
export function sheetName(wanted: string, number: number, taken: readonly string[] = []): string {
  const clean = wanted
    .replaceAll(/[\u0000-\u001f[\]:*?/\\]/g, ' ') // oxlint-disable-line no-control-regex -- these are meant
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^['\s]+|['\s]+$/g, '');
  const base = clean === '' || /^history$/i.test(clean) ? 'Result' : clean;
  for (let at = number; ; at++) {
    const suffix = at === 1 ? '' : ` (${at})`;
    const name = `${cutTo(base, mostNameChars - suffix.length)}${suffix}`;
    if (!taken.some((other) => other.toLowerCase() === name.toLowerCase())) return name;
  }
}
/** Never half a character of two units. */
const cutTo = (text: string, length: number): string =>
  text
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd();

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

export const sheetStart = `${xml}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`;
export const aboutStart = `${xml}<worksheet xmlns="${main}"><cols><col min="1" max="1" width="18" customWidth="1"/><col min="2" max="2" width="100" customWidth="1"/></cols><sheetData>`;
export const sheetEnd = '</sheetData></worksheet>';

/** The small files of a workbook with these sheets. */
export function workbookParts(names: readonly string[]): Readonly<Record<string, string>> {
  const attribute = (text: string): string => xmlText(text).replaceAll('"', '&quot;');
  const sheets = names.map((name, at) => `<sheet name="${attribute(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`);
  const links = names.map(
    (_, at) => `<Relationship Id="rId${at + 1}" Type="${office}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`,
  );
  const kinds = names.map(
    (_, at) => `<Override PartName="/xl/worksheets/sheet${at + 1}.xml" ContentType="${types}.worksheet+xml"/>`,
  );
  return {
    'xl/workbook.xml': `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${sheets.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${xml}<Relationships xmlns="${packages}/relationships">${links.join('')}<Relationship Id="rId${names.length + 1}" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `${xml}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/><xf applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs></styleSheet>`,
    '_rels/.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    '[Content_Types].xml': `${xml}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/>${kinds.join('')}</Types>`,
  };
}
