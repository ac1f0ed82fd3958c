import { expect, test } from 'vitest';
import { lifeOf } from './expiry-bar.tsx';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 21, 14, minute)).toISOString();
const life = { refreshedAt: at(0), refreshAt: at(16), expiresAt: at(20) };
const read = (minute: number, more: Partial<typeof life> = {}) => lifeOf({ ...life, ...more }, Date.parse(at(minute)));

test('a token’s life is told by its share, the point of renewal and a sentence', () => {
  expect(read(5)).toEqual({
    used: 0.25,
    renewal: 0.8,
    sentence: 'Token renews in 11:00, expires in 15:00',
    isOver: false,
  });
  expect(read(18)).toMatchObject({ used: 0.9, sentence: 'Token expires in 2:00' });
  expect(read(30)).toMatchObject({ used: 1, isOver: true, sentence: 'The token has expired' });
});

test('what needs no token has no life, and without a beginning the renewal point tells it', () => {
  expect(lifeOf({ refreshedAt: null, refreshAt: null, expiresAt: null }, 0)).toBeNull();
  expect(lifeOf({ refreshedAt: null, refreshAt: at(16), expiresAt: at(20) }, Date.parse(at(10)))).toMatchObject({
    used: 0.5,
    renewal: 0.8,
  });
});
