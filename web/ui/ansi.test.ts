import { expect, test } from 'vitest';
import { ansiSpans, plainText } from './ansi.ts';

const ESC = '\u001B';

test('colours 30–37 and 90–97, bold and reset become spans', () => {
  expect(ansiSpans(`${ESC}[31mred${ESC}[0m plain ${ESC}[1;92mbright${ESC}[22m thin`)).toEqual([
    { text: 'red', color: 1 },
    { text: ' plain ' },
    { text: 'bright', bold: true, color: 2 },
    { text: ' thin', color: 2 },
  ]);
});

test('escapes that are no colour vanish, and so do control characters', () => {
  expect(plainText(`${ESC}[2J${ESC}[1;1Ha${ESC}]0;title\u0007b\u0000c${ESC}[?25l`)).toBe('abc');
});

test('a line that a progress bar wrote over shows its last state', () => {
  expect(plainText('10%\r50%\r100%\r')).toBe('100%');
});

test('256 and RGB colours keep the text and the styles after them', () => {
  expect(ansiSpans(`${ESC}[38;5;208;1mx${ESC}[0;38;2;1;2;3my`)).toEqual([{ text: 'x', bold: true }, { text: 'y' }]);
});

test('HTML stays text', () => {
  expect(ansiSpans('<b>&amp;</b>')).toEqual([{ text: '<b>&amp;</b>' }]);
});
