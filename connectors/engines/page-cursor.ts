import type { z } from 'zod';
import { QueryFailure } from '#contracts/queries/failures.ts';

/**
 * Opaque cursors of one kind of pages: what is needed to go on, as JSON in base64url. It is checked when it comes back,
 * since anybody can write one.
 * @param refused what is said of a text that is none
 */
export const pageCursor = <T>(shape: z.ZodType<T>, refused: { readonly message: string; readonly hint: string }) => ({
  write: (place: T): string => Buffer.from(JSON.stringify(place)).toString('base64url'),
  /** @throws QueryFailure `syntax` */
  read: (text: string): T => {
    try {
      return shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    } catch (error) {
      throw new QueryFailure({ kind: 'syntax', code: 'cursor_invalid', ...refused }, error);
    }
  },
});
