/** A piece of a line. */
export type Inline =
  | { is: 'text' | 'code' | 'strong' | 'em'; text: string }
  | { is: 'link'; text: string; href: string };
/** A block of a text. */
export type Block =
  | { is: 'heading'; level: number; inlines: Inline[] }
  | { is: 'paragraph' | 'quote'; lines: Inline[][] }
  | { is: 'code'; text: string }
  | { is: 'list'; isOrdered: boolean; start: number; items: { isDone: boolean | null; inlines: Inline[] }[] }
  | { is: 'line' };

const inlinePattern =
  /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])[*_]([^*_\s](?:[^*_]*[^*_\s])?)[*_](?!\w)|\[([^\]]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/g;

/** Addresses that may be followed: pages and mail. Anything else (`javascript:`, `data:`) stays text. */
const isSafe = (href: string): boolean => /^(https?:\/\/|mailto:|\/(?!\/))/i.test(href);

/** Splits a line into text, code, emphasis and links. */
export function readInlines(line: string): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const match of line.matchAll(inlinePattern)) {
    const [whole, code, strong, em, label, href, bare] = match;
    if (match.index > from) found.push({ is: 'text', text: line.slice(from, match.index) });
    from = match.index + whole.length;
    if (code !== undefined) found.push({ is: 'code', text: code });
    else if (strong !== undefined) found.push({ is: 'strong', text: strong });
    else if (em !== undefined) found.push({ is: 'em', text: em });
    else if (bare !== undefined) found.push({ is: 'link', text: bare, href: bare });
    else if (label !== undefined && href !== undefined && isSafe(href)) found.push({ is: 'link', text: label, href });
    else found.push({ is: 'text', text: whole });
  }
  if (from < line.length) found.push({ is: 'text', text: line.slice(from) });
  return found;
}

const item = /^\s{0,6}(?:([-*+])|(\d{1,9})[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/;
const isBlockStart = (line: string): boolean =>
  /^(#{1,6}\s|```|>|\s*$)/.test(line) || item.test(line) || /^(-{3,}|\*{3,})\s*$/.test(line);

/**
 * Reads the Markdown that people write in notes: headings, lists, tasks, quotes, fenced code, emphasis and links. HTML is
 * text like any other, so nothing that is written here can act on the page that shows it.
 */
export function readMarkdown(source: string): Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (holds: (line: string) => boolean): string[] => {
    const taken: string[] = [];
    for (let line = lines[at]; line !== undefined && holds(line); line = lines[(at += 1)]) taken.push(line);
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (line.trim() === '') at += 1;
    else if (heading) {
      blocks.push({ is: 'heading', level: heading[1]?.length ?? 1, inlines: readInlines(heading[2] ?? '') });
      at += 1;
    } else if (/^(-{3,}|\*{3,})\s*$/.test(line)) {
      blocks.push({ is: 'line' });
      at += 1;
    } else if (line.startsWith('```')) {
      at += 1;
      blocks.push({ is: 'code', text: takeWhile((next) => !next.startsWith('```')).join('\n') });
      at += 1;
    } else if (line.startsWith('>')) {
      const quoted = takeWhile((next) => next.startsWith('>'));
      blocks.push({ is: 'quote', lines: quoted.map((one) => readInlines(one.replace(/^>\s?/, ''))) });
    } else if (item.test(line)) {
      const isOrdered = item.exec(line)?.[2] !== undefined;
      const start = Number(item.exec(line)?.[2] ?? 1);
      const items = takeWhile((next) => item.test(next) && (item.exec(next)?.[2] !== undefined) === isOrdered).map(
        (one) => {
          const [, , , box, text = ''] = item.exec(one) ?? [];
          return { isDone: box === undefined ? null : box !== ' ', inlines: readInlines(text) };
        },
      );
      blocks.push({ is: 'list', isOrdered, start, items });
    } else {
      const first = line;
      at += 1;
      const more = takeWhile((next) => !isBlockStart(next));
      blocks.push({ is: 'paragraph', lines: [first, ...more].map(readInlines) });
    }
  }
  return blocks;
}
