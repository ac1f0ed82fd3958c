import type { z } from 'zod';

/** What a form says where the contract has no words of its own; undefined leaves it to the library. */
export function faultWords(issue: z.core.$ZodRawIssue): string | undefined {
  const { code, input } = issue;
  const isMissing = input === undefined || input === null || input === '';
  if (isMissing && ['invalid_type', 'too_small', 'invalid_format', 'invalid_value'].includes(code))
    return 'This is needed.';
  if (code === 'too_small' || code === 'too_big') {
    const limit = code === 'too_small' ? issue.minimum : issue.maximum;
    const what = issue.origin === 'string' ? ` ${limit === 1 ? 'character' : 'characters'}` : '';
    return code === 'too_small' ? `At least ${String(limit)}${what}.` : `At most ${String(limit)}${what}.`;
  }
  if (code === 'invalid_format' && issue.format === 'email') return 'A mail address, such as mara@example.org.';
  if (code === 'invalid_format' && issue.format === 'url') return 'An address that begins with https:// or http://.';
  return undefined;
}
