import { cellStyle, textCell, xmlText } from './xlsx-cells.ts';

/** Excel's limits: rows of a sheet without the one of names, columns, characters of a sheet's name. */
export const mostSheetRows = 1_048_575;
export const mostSheetColumns = 16_384;
const mostNameChars = 31;

export const headRow = (names: readonly string[]): string =>
  `<row>${names.map((name) => textCell(name, cellStyle.head)).join('')}</row>`;
export const noteRow = (name: string, text: string): string =>
  `<row>${textCell(name, cellStyle.head)}${textCell(text, cellStyle.wrap)}</row>`;

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
/** Never half a character of two units, nor an apostrophe at the end, which Excel refuses. */
const cutTo = (text: string, length: number): string =>
  text
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/['\s]+$/, '');

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
