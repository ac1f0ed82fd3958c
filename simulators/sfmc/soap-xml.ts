import { XMLParser } from 'fast-xml-parser';
import { type Reply, escapeText } from './http.ts';
import { newId } from './world.ts';

/** An element of a request: its text, its attributes without prefix, its children in the order they came. */
export interface Element {
  readonly name: string;
  readonly type: string;
  readonly text: string;
  readonly children: readonly Element[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: true,
  htmlEntities: true,
});

type Raw = Record<string, unknown>;
function readElement(raw: Raw): Element | undefined {
  const name = Object.keys(raw).find((key) => key !== ':@');
  if (name === undefined || name === '#text' || name.startsWith('?')) return undefined;
  const inner = Array.isArray(raw[name]) ? (raw[name] as Raw[]) : [];
  const attributes = (raw[':@'] ?? {}) as Record<string, string>;
  return {
    name,
    type: (attributes['type'] ?? '').replace(/^.*:/, ''),
    text: inner.map((part) => ('#text' in part ? String(part['#text']) : '')).join(''),
    children: inner.flatMap((part) => readElement(part) ?? []),
  };
}

/** Reads a request. @throws for what is no XML */
export function readXml(text: string): Element {
  if (/<!DOCTYPE/i.test(text)) throw new Error('DTD is prohibited.');
  const root = (parser.parse(text, true) as Raw[]).flatMap((raw) => readElement(raw) ?? []).at(0);
  if (!root) throw new Error('Root element is missing.');
  return root;
}

export const child = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((candidate) => candidate.name === name);
export const children = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((candidate) => candidate.name === name) ?? [];
/** The text at a path, undefined where there is no such element. */
export const textAt = (element: Element | undefined, ...path: string[]): string | undefined => {
  const found = path.reduce<Element | undefined>((at, name) => child(at, name), element);
  return found?.text.trim();
};

/** One element with a text; null is `xsi:nil`. */
export const tag = (name: string, value: string | number | boolean | null | undefined): string =>
  value === undefined
    ? ''
    : value === null
      ? `<${name} xsi:nil="true" />`
      : `<${name}>${escapeText(String(value))}</${name}>`;

/** An answer as the service wraps it. */
export function envelope(action: string, body: string, relatesTo = newId()): Reply {
  const now = new Date();
  const header = `<wsa:Action>${action}</wsa:Action><wsa:MessageID>urn:uuid:${newId()}</wsa:MessageID><wsa:RelatesTo>urn:uuid:${relatesTo}</wsa:RelatesTo><wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To><wsse:Security><wsu:Timestamp wsu:Id="Timestamp-${newId()}"><wsu:Created>${now.toISOString()}</wsu:Created><wsu:Expires>${new Date(now.getTime() + 300_000).toISOString()}</wsu:Expires></wsu:Timestamp></wsse:Security>`;
  return xml(
    200,
    `<env:Header xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">${header}</env:Header>`,
    body,
  );
}

const xml = (status: number, header: string, body: string): Reply => ({
  status,
  type: 'text/xml; charset=utf-8',
  body: `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${header}<soap:Body>${body}</soap:Body></soap:Envelope>`,
});

/** A fault; `code` without its prefix. */
export const fault = (code: string, words: string, status = 500): Reply =>
  xml(
    status,
    '',
    `<soap:Fault><faultcode>soap:${code}</faultcode><faultstring>${escapeText(words)}</faultstring><faultactor>urn:soap</faultactor></soap:Fault>`,
  );

/** The token refused. Its fault code has a prefix of the security standard. */
export const securityFault = (words: string): Reply =>
  xml(
    500,
    '',
    `<soap:Fault><faultcode xmlns:q0="http://schemas.xmlsoap.org/ws/2002/12/secext">q0:Security</faultcode><faultstring>${words}</faultstring></soap:Fault>`,
  );
