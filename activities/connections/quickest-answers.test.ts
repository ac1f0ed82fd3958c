import { expect, test } from 'vitest';
import { QuickestAnswers } from './quickest-answers.ts';

test('a kind that always takes long is not thought to be late; one that took longer than it need is', () => {
  const answers = new QuickestAnswers();
  for (const ms of [820, 805, 900, 811, 830]) answers.note('slow', ms);
  for (const ms of [12, 15, 11, 14, 19]) answers.note('quick', ms);
  expect(answers.note('slow', 990)).toBe(805);
  expect(answers.note('quick', 400)).toBe(11);
});

test('what a kind takes is not known from its first answers: the quickest of all stands for it', () => {
  const answers = new QuickestAnswers();
  for (const ms of [12, 15, 11, 14, 19]) answers.note('quick', ms);
  expect(answers.note('new', 300)).toBe(11);
});

test('a service that has become slower is found out', () => {
  const answers = new QuickestAnswers();
  for (let n = 0; n < 50; n++) answers.note('one', 10);
  expect(answers.note('one', 90)).toBe(10);
  for (let n = 0; n < 50; n++) answers.note('one', 90);
  expect(answers.note('one', 95)).toBe(90);
});
