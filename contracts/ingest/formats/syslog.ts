import { severityNumber, severityOfSyslog } from '../../alerts/severity.ts';
import { instantsOf, wallTime } from '../../schedules/zone.ts';
import { boundedLine, type LogEvent } from '../log-event.ts';

export const facilities = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'audit',
  'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const; // prettier-ignore
const halfYearMs = 182 * 86_400_000;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const header = /^<(\d{1,3})>1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;
const element = /^\[([^=\s\]"]{1,32})((?: [^=\s\]"]{1,32}="(?:[^"\\\]]|\\.)*")*)\]/s;
const parameter = / ([^=\s\]"]{1,32})="((?:[^"\\\]]|\\.)*)"/gs;
const stamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$/;
const old =
  /^<(\d{1,3})>([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\S+) (?:([^\s:[\]]{1,48})(?:\[([^\]]{1,128})\])?: ?)?/;

const nil = (text: string | undefined): string | null =>
  text === undefined || text === '-' || text === '' ? null : text;

/** Priority of a message: facility and severity. */
function priorityOf(text: string): { facility: string; severity: number } | null {
  const value = Number(text);
  const facility = facilities[value >> 3];
  return facility === undefined ? null : { facility, severity: severityNumber[severityOfSyslog(value & 7)] };
}

function modern(line: string, nowMs: number): LogEvent | null {
  const head = header.exec(line);
  const [, pri = '', time = '', host, app, proc, id] = head ?? [];
  const priority = head && priorityOf(pri);
  if (!head || !priority || (time !== '-' && (!stamp.test(time) || Number.isNaN(Date.parse(time))))) return null;
  const attributes: LogEvent['attributes'] = { 'syslog.facility': priority.facility };
  if (nil(proc)) attributes['process.pid'] = proc ?? '';
  if (nil(id)) attributes['syslog.msgid'] = id ?? '';
  let rest = line.slice(head[0].length);
  if (rest === '-' || rest.startsWith('- ')) rest = rest.slice(1);
  else {
    if (!rest.startsWith('[')) return null;
    while (rest.startsWith('[')) {
      const found = element.exec(rest);
      if (!found) return null;
      for (const [, name = '', value = ''] of (found[2] ?? '').matchAll(parameter))
        attributes[`${found[1]}.${name}`] = value.replaceAll(/\\(["\\\]])/g, '$1').replaceAll('\0', '');
      rest = rest.slice(found[0].length);
    }
    if (rest !== '' && !rest.startsWith(' ')) return null;
  }
  const text = rest.slice(1);
  return {
    at: time === '-' ? nowMs : Date.parse(time),
    severity: priority.severity,
    host: nil(host),
    service: nil(app),
    text: boundedLine(text.startsWith('\uFEFF') ? text.slice(1) : text),
    attributes,
    traceId: null,
    spanId: null,
    key: null,
  };
}

/** The year is the one that makes it the nearest to now: a line of 31 December may come on 1 January. */
function oldTime(month: number, rest: readonly number[], zone: string, nowMs: number): number {
  const [day = 1, hour = 0, minute = 0, second = 0] = rest;
  const year = new Date(wallTime(nowMs, zone)).getUTCFullYear();
  const inYear = (one: number): number => {
    const wall = Date.UTC(one, month, day, hour, minute, second);
    return instantsOf(wall, zone)[0] ?? wall;
  };
  const at = inYear(year);
  if (Math.abs(at - nowMs) < halfYearMs) return at;
  return inYear(at > nowMs ? year - 1 : year + 1);
}

function ancient(line: string, zone: string, nowMs: number): LogEvent | null {
  const head = old.exec(line);
  const [, pri = '', month = '', day, hour, minute, second, host, tag, pid] = head ?? [];
  const priority = head && priorityOf(pri);
  if (!head || !priority || !months.includes(month)) return null;
  return {
    at: oldTime(months.indexOf(month), [day, hour, minute, second].map(Number), zone, nowMs),
    severity: priority.severity,
    host: nil(host),
    service: nil(tag),
    text: boundedLine(line.slice(head[0].length)),
    attributes: { 'syslog.facility': priority.facility, ...(pid && { 'process.pid': pid }) },
    traceId: null,
    spanId: null,
    key: null,
  };
}

/**
 * Reads one message of syslog: RFC 5424, else the form of RFC 3164; what is neither is taken as text, for nobody could
 * tell its sender that it was lost.
 * @param zone of senders that write local times without one
 * @param nowMs the time of receipt
 */
export function readSyslog(line: string, zone: string, nowMs: number): LogEvent {
  const plain = line.replace(/[\r\n]+$/, '');
  const read = modern(plain, nowMs) ?? ancient(plain, zone, nowMs);
  if (read) return read;
  const [whole = '', pri = ''] = /^<(\d{1,3})>/.exec(plain) ?? [];
  const priority = whole ? priorityOf(pri) : null;
  return {
    at: nowMs,
    severity: priority?.severity ?? 0,
    host: null,
    service: null,
    text: boundedLine(plain.slice(priority ? whole.length : 0)),
    attributes: priority ? { 'syslog.facility': priority.facility } : {},
    traceId: null,
    spanId: null,
    key: null,
  };
}

/** A frame that is longer than this is cut off: a sender that counts wrongly must not fill memory. */
export const longestFrame = 262_144;

/**
 * Takes messages out of what a TCP connection has brought so far (RFC 6587): counted frames (`LEN SP MSG`) and lines,
 * decided by frame.
 * @returns the messages, and the bytes that belong to one not yet whole; null where a frame is longer than any may be
 */
export function splitFrames(bytes: Uint8Array): { messages: Uint8Array[]; rest: Uint8Array } | null {
  const messages: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at] ?? 0;
    if (first >= 0x31 && first <= 0x39) {
      let space = at;
      while (space < bytes.length && (bytes[space] ?? 0) >= 0x30 && (bytes[space] ?? 0) <= 0x39) space += 1;
      const length = Number(String.fromCharCode(...bytes.subarray(at, Math.min(space, at + 9))));
      if (space - at > 8 || length > longestFrame) return null;
      if (space >= bytes.length) break;
      if (bytes[space] === 0x20) {
        if (space + 1 + length > bytes.length) break;
        messages.push(bytes.subarray(space + 1, space + 1 + length));
        at = space + 1 + length;
        continue;
      }
    }
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) {
      if (bytes.length - at > longestFrame) return null;
      break;
    }
    if (end > at) messages.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return { messages, rest: bytes.subarray(at) };
}
