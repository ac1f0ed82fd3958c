import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const webFolder = new URL('..', import.meta.url).pathname;
const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8').replaceAll("'", '"');

const blockOf = (selector: string): string => {
  const at = css.indexOf(selector);
  return css.slice(at, css.indexOf('\n}', at));
};
const colorsOf = (block: string): Record<string, string> =>
  Object.fromEntries(
    [...block.matchAll(/--wl-([\w-]+):\s*(#[0-9A-Fa-f]{6});/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );

const light = colorsOf(blockOf('[data-theme="light"] {'));
const dark = { ...light, ...colorsOf(blockOf('[data-theme="dark"] {')) };

/** Relative luminance, WCAG 2.2. */
const luminance = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one: string | undefined, other: string | undefined): number => {
  if (!one || !other) throw new Error('A token is missing.');
  const [high, low] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
};

const families = ['run', 'ok', 'wait', 'fail', 'idle', 'ai'];
const grounds = ['bg', 'surface', 'sunken', 'raised'];
const ansi = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const code = ['key', 'str', 'num', 'fn', 'com', 'var'];

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('tokens, %s', (_, token) => {
  const faint = (texts: string[], on: string[], least: number): string[] =>
    texts.flatMap((text) =>
      on.filter((ground) => contrast(token[text], token[ground]) < least).map((ground) => `${text} on ${ground}`),
    );
  test('every text is legible on every ground (4.5)', () => {
    expect(faint(['text', 'text-2'], [...grounds, 'fill'], 4.5)).toEqual([]);
    expect(faint(['text-3'], ['bg', 'surface', 'sunken'], 4.5)).toEqual([]);
    expect(faint(['accent'], ['surface', 'sunken', 'accent-soft'], 4.5)).toEqual([]);
    expect(faint(['on-ink'], ['ink', 'ink-hover'], 4.5)).toEqual([]);
    expect(faint(['text'], ['mark'], 4.5)).toEqual([]);
  });
  test('every status text is legible on the ground and on its own soft ground (4.5)', () => {
    for (const family of families)
      expect(faint([`${family}-fg`], ['surface', 'sunken', `${family}-soft`], 4.5)).toEqual([]);
  });
  test('bars, charts, input lines and the focus ring are seen on the surface (3)', () => {
    expect(
      faint(
        families.map((family) => `${family}-solid`),
        ['surface'],
        3,
      ),
    ).toEqual([]);
    expect(faint(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'line-input', 'focus'], ['surface'], 3)).toEqual([]);
  });
  test('ANSI colours are legible in the log, code colours in code and differences (4.5)', () => {
    expect(
      faint(
        ansi.map((name) => `ansi-${name}`),
        ['sunken'],
        4.5,
      ),
    ).toEqual([]);
    expect(
      faint(
        code.map((name) => `code-${name}`),
        ['surface', 'sunken', 'add-bg', 'del-bg'],
        4.5,
      ),
    ).toEqual([]);
  });
});

const sources = readdirSync(webFolder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.(tsx?|css)$/.test(file) && !file.endsWith('tokens.css') && !file.includes('.test.'),
);
const palette =
  /\b(?:bg|text|border|fill|stroke|outline|ring|from|to|via|decoration|shadow)-(?:slate|gray|zinc|neutral|stone|red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|fuchsia|pink|rose|white|black)(?:-\d+)?\b/;

test('no colour is named outside the tokens', () => {
  expect(sources.length).toBeGreaterThan(80);
  for (const file of sources) {
    const lines = readFileSync(join(webFolder, file), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const where = `${file}:${index + 1} ${line.trim()}`;
      // `#web`, `#contracts` and `#L12` are no colours; a string of three, six or eight hex digits is.
      expect(/["'`:\s(]#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b(?![/\w-])/.test(line), where).toBe(false);
      expect(/\b(?:rgb|rgba|hsl|hsla|oklch)\(/.test(line), where).toBe(false);
      expect(palette.test(line), where).toBe(false);
    }
  }
});

test('no class names a width that the theme does not know: it would be left out in silence', () => {
  for (const file of sources) {
    const text = readFileSync(join(webFolder, file), 'utf8');
    expect(/(?<=["'`\s])(?:(?:max|min)-)?[23]?xl:[a-z-]+/.exec(text)?.[0], file).toBeUndefined();
  }
});

test('every colour token has its line in the theme', () => {
  const theme = readFileSync(new URL('./theme.css', import.meta.url), 'utf8');
  for (const name of Object.keys(light)) expect(theme, name).toContain(`--color-${name}: var(--wl-${name});`);
  expect(theme).toContain('--color-*: initial;');
});
