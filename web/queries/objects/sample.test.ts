import { expect, test } from 'vitest';
import { changeWords } from './schema-changes.tsx';
import { sampleSql } from './sample.ts';

test('a sample names its columns at Marketing Cloud, and there is none of single people at Amazon', () => {
  const columns = [{ name: 'City' }, { name: 'First name' }];
  expect(sampleSql('sfmc', { sqlName: '[My members]' }, columns)).toBe(
    'SELECT TOP 10 City, [First name]\nFROM [My members]',
  );
  expect(sampleSql('postgres', { sqlName: 'shop.orders' }, [])).toBe('select * from shop.orders limit 10');
  expect(sampleSql('amc', { sqlName: 'dsp_impressions' }, columns)).toBeNull();
  expect(sampleSql('sfmc', { sqlName: null }, columns)).toBeNull();
});

test('a change of an object is told column by column', () => {
  const columns = {
    added: ['b'],
    removed: ['c'],
    changed: [{ name: 'a', before: 'text(50)', after: 'text(100)' }],
  };
  expect(changeWords({ what: 'changed', columns, tags: null })).toBe('New: b. Gone: c. a: text(50) → text(100).');
  expect(changeWords({ what: 'removed', columns: null, tags: null })).toBe('It went.');
  expect(changeWords({ what: 'changed', columns: null, tags: ['deprecated'] })).toBe('Said to be deprecated.');
});
