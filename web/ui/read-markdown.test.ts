import { expect, test } from 'vitest';
import { readInlines, readMarkdown } from './read-markdown.ts';

test('a line is text, code, emphasis and links', () => {
  expect(readInlines('Lag on `orders_line` is **41 s**, *still*: see https://a.example/x.')).toEqual([
    { is: 'text', text: 'Lag on ' },
    { is: 'code', text: 'orders_line' },
    { is: 'text', text: ' is ' },
    { is: 'strong', text: '41 s' },
    { is: 'text', text: ', ' },
    { is: 'em', text: 'still' },
    { is: 'text', text: ': see ' },
    { is: 'link', text: 'https://a.example/x', href: 'https://a.example/x' },
    { is: 'text', text: '.' },
  ]);
  expect(readInlines('a_name_with_lines and 2*3*4')).toEqual([{ is: 'text', text: 'a_name_with_lines and 2*3*4' }]);
});

test('an address that could act is text, and so is HTML', () => {
  for (const href of ['javascript:alert(1)', 'data:text/html,x', 'JAVASCRIPT:x', '//evil.example'])
    expect(readInlines(`[here](${href})`).every(({ is }) => is === 'text')).toBe(true);
  expect(readMarkdown('<img src=x onerror=alert(1)>')).toEqual([
    { is: 'paragraph', lines: [[{ is: 'text', text: '<img src=x onerror=alert(1)>' }]] },
  ]);
  expect(readInlines('[run](/w/a/runs/1)')).toEqual([{ is: 'link', text: 'run', href: '/w/a/runs/1' }]);
});

test('headings, lists, tasks, quotes and code are blocks; a fence that nobody closed ends with the text', () => {
  const text = '# What\nwas\nso\n\n- [x] one\n- two\n3. three\n> said\n> so\n---\n```\n**raw**\n';
  expect(readMarkdown(text).map((block) => block.is)).toEqual([
    'heading',
    'paragraph',
    'list',
    'list',
    'quote',
    'line',
    'code',
  ]);
  expect(readMarkdown(text).at(-1)).toEqual({ is: 'code', text: '**raw**\n' });
  expect(readMarkdown('')).toEqual([]);
});
