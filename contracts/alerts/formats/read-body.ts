import type { z } from 'zod';
import type { ReadAlerts } from '../incoming-alert.ts';

/** What does not fit, field by field; of hundreds the first say enough. */
export const problemsOf = (error: z.ZodError): { path: string; message: string }[] =>
  error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }));

/** Reads a body by its schema; what does not fit is told field by field. */
export function readBody<S extends z.ZodType>(
  schema: S,
  body: unknown,
  format: string,
  read: (value: z.infer<S>) => ReadAlerts,
): ReadAlerts {
  const parsed = schema.safeParse(body);
  if (parsed.success) return read(parsed.data);
  return {
    ok: false,
    message: `This is no ${format}.`,
    problems: problemsOf(parsed.error),
  };
}
