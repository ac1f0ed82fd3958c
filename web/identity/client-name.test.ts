import { expect, test } from 'vitest';
import { clientName } from './client-name.ts';

test('a browser is named with its version and system, what is none stays as it calls itself', () => {
  expect(clientName('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0')).toBe(
    'Firefox 141 on Windows',
  );
  expect(
    clientName(
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15',
    ),
  ).toBe('Safari 19 on macOS');
  expect(
    clientName(
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36 Edg/146.0',
    ),
  ).toBe('Edge 146 on Linux');
  expect(clientName('curl/8.14.1')).toBe('curl/8.14.1');
  expect(clientName(null)).toBe('Unknown client');
});
