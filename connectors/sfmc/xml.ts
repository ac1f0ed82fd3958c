import { XMLParser } from 'fast-xml-parser';
import { unreadable } from './failures.ts';

/** An element of an answer: text or children by name without prefix; null for `xsi:nil`. A repeated name is a list. */
export type XmlValue = string | null | XmlElement | readonly XmlValue[];
export interface XmlElement {
  readonly [name: string]: XmlValue | undefined;
}

/** A text or an attribute's value in XML. Signs that XML cannot hold at all are left out. */
export const escapeXml = (value: string): string =>
  value
    // oxlint-disable-next-line no-control-regex -- these are exactly the signs that are no XML
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"'\r]/g, (sign) => escapes[sign] ?? sign);
const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};

/** One element; nothing for a value that is not there. */
export const xmlTag = (name: string, value: string | number | boolean | undefined): string =>
  value === undefined ? '' : `<${name}>${escapeXml(String(value))}</${name}>`;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: {
    enabled: true,
    maxTotalExpansions: Number.MAX_SAFE_INTEGER,
    maxExpandedLength: Number.MAX_SAFE_INTEGER,
  },
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Numeric references too: the service writes them in its messages.
  htmlEntities: true,
  maxNestedTags: 40,
});

/**
 * Reads an answer. Refused are declarations of types and entities whatever they hold, so that nothing can be expanded or
 * fetched, and what is cut off or no XML at all.
 * @throws QueryFailure; it says nothing of the content
 */
export function parseXml(text: string, status: number): XmlElement {
  const isMarkup = /^\s*(?:<\?xml[^>]*>\s*)?<(?!!doctype|html)/i.test(text.slice(0, 1_000).replace(/^\ufeff/, ''));
  if (/<!\s*(?:DOCTYPE|ENTITY)/i.test(text))
    throw unreadable('The answer declares types or entities, which is refused.', status, false);
  if (!isMarkup) throw unreadable('The answer is no XML.', status);
  let read: unknown;
  try {
    read = parser.parse(text, true);
  } catch {
    throw unreadable('The answer is cut off or no well-formed XML.', status);
  }
  const tidy = tidied(read);
  if (typeof tidy !== 'object' || tidy === null || Array.isArray(tidy))
    throw unreadable('The answer is empty.', status);
  return tidy as XmlElement;
}

/** Takes attributes away, once `nil` is read, and the text out of elements that hold only text. */
function tidied(value: unknown): XmlValue {
  if (Array.isArray(value)) return value.map(tidied);
  if (typeof value !== 'object' || value === null) return value === undefined || value === null ? '' : String(value);
  const entries = Object.entries(value);
  if (entries.some(([name, text]) => name === '@nil' && (text === 'true' || text === '1'))) return null;
  const children = entries.filter(([name]) => !name.startsWith('@') && name !== '#text');
  if (children.length === 0) return String((value as Record<string, unknown>)['#text'] ?? '');
  return Object.fromEntries(children.map(([name, child]) => [name, tidied(child)]));
}

const isElement = (value: XmlValue | undefined): value is XmlElement =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One or many alike. */
export const listOf = (value: XmlValue | undefined): readonly XmlElement[] =>
  (Array.isArray(value) ? (value as readonly XmlValue[]) : [value as XmlValue | undefined]).filter(isElement);

/** The element at a path; the first where there are several. */
export function elementAt(from: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at: XmlElement | undefined = from;
  for (const name of path) at = listOf(at?.[name])[0];
  return at;
}

/** The text at a path: null where it is not there, nil, or holds elements. */
export function textAt(from: XmlElement | undefined, ...path: readonly string[]): string | null {
  const last = path.at(-1) ?? '';
  const value = elementAt(from, ...path.slice(0, -1))?.[last];
  const first = Array.isArray(value) ? (value as readonly XmlValue[])[0] : value;
  return typeof first === 'string' ? first : null;
}
