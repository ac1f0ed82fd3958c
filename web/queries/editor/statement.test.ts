import { expect, test } from 'vitest';
import { placeIn, statementsOf, toRun } from './statement.ts';

const text = "-- first\nselect 1;\n\nselect ';' as b\nfrom t; -- last";

test('statements end at a semicolon, not at one in a text or a comment', () => {
  expect(statementsOf('postgres', text).map((one) => one.text)).toEqual(['select 1', "select ';' as b\nfrom t"]);
  expect(statementsOf('postgres', '-- nothing')).toEqual([]);
});

test('the selection is run, else the statement at the cursor, else the whole', () => {
  expect(toRun('postgres', text, { from: 9, to: 17 })?.text).toBe('select 1');
  expect(toRun('postgres', text, { from: 25, to: 25 })?.text).toContain('as b');
  expect(toRun('postgres', text, { from: 0, to: 0 })?.text).toBe('select 1');
  expect(toRun('postgres', 'select 1 -- all of it', { from: 3, to: 3 })).toMatchObject({
    text: 'select 1 -- all of it',
    isPart: false,
  });
  expect(toRun('postgres', '  ', null)).toBeNull();
});

test('a position in what was run is found in the text as it stands, and nowhere once it has changed', () => {
  expect(placeIn(text, "select ';' as b\nfrom t", { line: 2, column: 6 })).toEqual({ line: 5, column: 6 });
  expect(placeIn('x; select a', 'select a', { line: 1, column: 8 })).toEqual({ line: 1, column: 11 });
  expect(placeIn('else', 'select a', { line: 1, column: 1 })).toBeNull();
});
