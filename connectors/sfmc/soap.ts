import type { IncomingAnswer } from '../http/guarded-request.ts';
import type { CallOptions, SfmcCalls } from './calls.ts';
import { faultFailure, resultFailure, restFailure, unreadable } from './failures.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type XmlElement, elementAt, escapeXml, listOf, parseXml, textAt, xmlTag } from './xml.ts';

export type SoapAction = 'Create' | 'Retrieve' | 'Update' | 'Delete' | 'Perform' | 'Describe';
const partner = 'xmlns="http://exacttarget.com/wsdl/partnerAPI"';

/** The message around one request; the token goes within it. */
export const soapEnvelope = (token: string, body: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header><fueloauth xmlns="http://exacttarget.com">${escapeXml(token)}</fueloauth></s:Header><s:Body>${body}</s:Body></s:Envelope>`;

/**
 * The first element of an answer's body.
 * @throws QueryFailure for faults, pages of HTML, what is cut off
 */
export function readEnvelope(answer: IncomingAnswer): XmlElement {
  const { status } = answer;
  // A gateway's page is never read as XML, whatever it calls itself.
  const isXml = /xml/i.test(answer.headers['content-type'] ?? '');
  if (!isXml) throw status >= 400 ? restFailure(answer) : unreadable('The answer is no XML.', status);
  const root = parseXml(answer.body.toString('utf8'), status);
  const body = elementAt(root, 'Envelope', 'Body');
  const fault = elementAt(body, 'Fault');
  if (fault) throw faultFailure(textAt(fault, 'faultcode') ?? '', textAt(fault, 'faultstring') ?? '', status);
  if (status >= 400) throw restFailure({ ...answer, body: Buffer.alloc(0) });
  const [first] = Object.values(body ?? {}).flatMap((value) => listOf(value));
  if (!first) throw unreadable('The answer has no body.', status);
  return first;
}

const call = (calls: SfmcCalls, action: SoapAction, body: string, options: CallOptions): Promise<XmlElement> =>
  calls.send(
    ({ soapUrl, accessToken }) => ({
      method: 'POST',
      url: new URL('Service.asmx', soapUrl).href,
      timeoutMs: options.timeoutMs ?? 30_000,
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: action },
      body: soapEnvelope(accessToken.reveal(), body),
    }),
    readEnvelope,
    options,
  );

/** A condition of a retrieve. */
export type SoapFilter =
  | {
      readonly property: string;
      readonly operator: 'equals' | 'notEquals' | 'like' | 'IN' | 'lessThan' | 'greaterThan';
      readonly values: readonly string[];
    }
  | { readonly left: SoapFilter; readonly both: 'AND' | 'OR'; readonly right: SoapFilter };

export const equals = (property: string, value: string | number): SoapFilter => ({
  property,
  operator: 'equals',
  values: [String(value)],
});

/** Every operand tells its type, or the service knows none. */
function writeFilter(name: string, filter: SoapFilter): string {
  if ('left' in filter) {
    return `<${name} xsi:type="ComplexFilterPart">${writeFilter('LeftOperand', filter.left)}${xmlTag('LogicalOperator', filter.both)}${writeFilter('RightOperand', filter.right)}</${name}>`;
  }
  return `<${name} xsi:type="SimpleFilterPart">${xmlTag('Property', filter.property)}${xmlTag('SimpleOperator', filter.operator)}${filter.values.map((value) => xmlTag('Value', value)).join('')}</${name}>`;
}

export interface Retrieve {
  readonly type: string;
  readonly properties: readonly string[];
  readonly filter?: SoapFilter;
  readonly allAccounts?: boolean;
}
export interface RetrievedPage {
  readonly results: readonly XmlElement[];
  /** Continues it; null after the last page. */
  readonly requestId: string | null;
}

/** A `RequestID` that has gone stale: the retrieve starts again from its first page. */
export const isStaleRequest = (error: unknown): boolean =>
  error instanceof QueryFailure && error.facts.code === 'request_stale';

/** One page, 2,500 objects at most: of a new retrieve, or the one after a `RequestID`. */
export async function retrievePage(
  calls: SfmcCalls,
  what: Retrieve | { readonly requestId: string },
  signal?: AbortSignal,
): Promise<RetrievedPage> {
  const inner =
    'requestId' in what
      ? xmlTag('ContinueRequest', what.requestId)
      : `${xmlTag('ObjectType', what.type)}${what.properties.map((property) => xmlTag('Properties', property)).join('')}${what.filter ? writeFilter('Filter', what.filter) : ''}${what.allAccounts ? xmlTag('QueryAllAccounts', true) : ''}`;
  const answer = await call(
    calls,
    'Retrieve',
    `<RetrieveRequestMsg ${partner}><RetrieveRequest>${inner}</RetrieveRequest></RetrieveRequestMsg>`,
    { isRepeatable: true, signal },
  );
  const status = textAt(answer, 'OverallStatus') ?? '';
  if (/^Error/i.test(status)) {
    const words = status.replace(/^Error:?\s*/i, '');
    if (/ContinueRequest/i.test(words)) {
      throw new QueryFailure({
        kind: 'provider',
        code: 'request_stale',
        message: words,
        hint: 'It is read again from its beginning.',
      });
    }
    throw resultFailure(null, words);
  }
  const requestId = textAt(answer, 'RequestID');
  const hasMore = status === 'MoreDataAvailable' && requestId !== null && requestId !== '';
  return { results: listOf(answer['Results']), requestId: hasMore ? requestId : null };
}

/** All pages up to a bound. A list that goes stale on the way is read once more from its beginning. */
export async function retrieveAll(
  calls: SfmcCalls,
  what: Retrieve,
  { most, signal }: { most: number; signal?: AbortSignal | undefined },
): Promise<{ results: XmlElement[]; isCut: boolean }> {
  for (let isSecond = false; ; isSecond = true) {
    const results: XmlElement[] = [];
    try {
      for (let next: Retrieve | { requestId: string } | null = what; next;) {
        const page: RetrievedPage = await retrievePage(calls, next, signal);
        results.push(...page.results);
        next = page.requestId === null ? null : { requestId: page.requestId };
        if (next && results.length >= most) return { results: results.slice(0, most), isCut: true };
      }
      return { results: results.slice(0, most), isCut: results.length > most };
    } catch (error) {
      if (isSecond || !isStaleRequest(error)) throw error;
    }
  }
}

/** What became of one object. */
export interface ObjectOutcome {
  readonly isOk: boolean;
  readonly code: number | null;
  readonly words: string;
  readonly newId: number | null;
  readonly newObjectId: string | null;
}

const readOutcome = (result: XmlElement): ObjectOutcome => {
  const code = textAt(result, 'ErrorCode');
  const id = Number(textAt(result, 'NewID') ?? 0);
  const more = [textAt(result, 'StatusMessage'), textAt(result, 'ErrorMessage')].filter(
    (text) => text !== null && text !== '',
  );
  return {
    isOk: textAt(result, 'StatusCode') === 'OK',
    code: code === null || code === '' ? null : Number(code),
    words: more.join('<br />'),
    newId: id > 0 ? id : null,
    newObjectId: textAt(result, 'NewObjectID') || null,
  };
};

/** 1: name or key are in use already. */
export const isTaken = ({ isOk, code }: ObjectOutcome): boolean => !isOk && code === 1;

/**
 * Creates, updates or deletes one object, given as the XML inside `Objects`. What the service refuses is an outcome, not
 * thrown; each object has its own. May be repeated: what was made is met as taken, what was deleted as missing.
 */
export async function changeObject(
  calls: SfmcCalls,
  action: 'Create' | 'Update' | 'Delete',
  { type, xml }: { type: string; xml: string },
  signal?: AbortSignal,
): Promise<ObjectOutcome> {
  const body = `<${action}Request ${partner}><Objects xsi:type="${type}">${xml}</Objects></${action}Request>`;
  const answer = await call(calls, action, body, { isRepeatable: true, signal });
  // Every result counts; the overall status may hide one.
  const outcomes = listOf(answer['Results']).map(readOutcome);
  const [first] = outcomes;
  if (!first) throw unreadable(`The answer to ${action} says nothing of the object.`);
  return outcomes.find(({ isOk }) => !isOk) ?? first;
}

/** @throws QueryFailure for an outcome that is none */
export function expectOk(outcome: ObjectOutcome): ObjectOutcome {
  if (!outcome.isOk) throw resultFailure(outcome.code, outcome.words);
  return outcome;
}

/** Starts a query. Never repeated by itself after a lost answer. @returns the task's id, null where none was told */
export async function performQuery(calls: SfmcCalls, objectId: string, signal?: AbortSignal): Promise<string | null> {
  const body = `<PerformRequestMsg ${partner}><Action>Start</Action><Definitions><Definition xsi:type="QueryDefinition">${xmlTag('ObjectID', objectId)}</Definition></Definitions></PerformRequestMsg>`;
  const answer = await call(calls, 'Perform', body, { isRepeatable: false, signal });
  const results = listOf(answer['Results']);
  const result = elementAt(results[0], 'Result') ?? results[0];
  if (!result) throw unreadable('The answer to Perform says nothing of the query.');
  expectOk(readOutcome(result));
  return textAt(result, 'Task', 'ID') ?? textAt(result, 'TaskID');
}

/** The properties of object types, by the service's own description. */
export async function describeTypes(
  calls: SfmcCalls,
  types: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string[]>> {
  const requests = types
    .map((type) => `<ObjectDefinitionRequest>${xmlTag('ObjectType', type)}</ObjectDefinitionRequest>`)
    .join('');
  const body = `<DefinitionRequestMsg ${partner}><DescribeRequests>${requests}</DescribeRequests></DefinitionRequestMsg>`;
  const answer = await call(calls, 'Describe', body, { isRepeatable: true, signal });
  return new Map(
    listOf(answer['ObjectDefinition']).map((definition) => [
      textAt(definition, 'ObjectType') ?? '',
      listOf(definition['Properties']).flatMap((property) => textAt(property, 'Name') ?? []),
    ]),
  );
}
