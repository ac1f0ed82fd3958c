import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

test('a secret shows itself to `reveal` alone', () => {
  const secret = new Secret('hunter2');
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }),
    format('%s %o %j', secret, secret, { secret }),
    secret + '',
  ];
  for (const text of shown) {
    expect(text).toContain('[secret]');
    expect(text).not.toContain('hunter2');
  }
  expect(Object.entries(secret)).toEqual([]);
  expect(secret.reveal()).toBe('hunter2');
});
