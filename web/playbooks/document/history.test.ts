import { expect, test } from 'vitest';
import { beginHistory, changeText, redoText, undoText } from './history.ts';

test('a change is taken back and made again; a new one forgets what could be made again', () => {
  let history = changeText(beginHistory('a'), 'b', '', 0);
  history = changeText(history, 'c', '', 1);
  expect(undoText(history).text).toBe('b');
  expect(undoText(undoText(undoText(history))).text).toBe('a');
  expect(redoText(undoText(history)).text).toBe('c');
  expect(redoText(changeText(undoText(history), 'd', '', 2)).text).toBe('d');
});

test('typing in one field is one change, another field or a pause begins the next', () => {
  let history = beginHistory('');
  for (const [at, text] of ['h', 'he', 'hel'].entries()) history = changeText(history, text, '/name', 1_000 + at * 100);
  history = changeText(history, 'hel!', '/description', 1_400);
  history = changeText(history, 'hel!!', '/description', 9_000);
  expect(undoText(history).text).toBe('hel!');
  expect(undoText(undoText(history)).text).toBe('hel');
  expect(undoText(undoText(undoText(history))).text).toBe('');
});
