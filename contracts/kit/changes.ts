import { z } from 'zod';

type Bare<T> = T extends z.ZodDefault<infer Inner> | z.ZodPrefault<infer Inner> ? Inner : T;
type Changes<S extends z.ZodRawShape> = { [K in keyof S]: z.ZodOptional<Extract<Bare<S[K]>, z.core.SomeType>> };

/**
 * What a PATCH may carry: any of the fields that making a thing takes. What is left out stays as it is, so nothing is filled
 * in for it, as `partial()` alone would do of fields with a default.
 */
export function changesOf<S extends z.ZodRawShape>({ shape }: z.ZodObject<S>): z.ZodObject<Changes<S>> {
  const fields = Object.entries(shape).map(([name, field]) => {
    let bare: unknown = field;
    while (bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault) bare = bare.unwrap();
    return [name, (bare as z.ZodType).optional()];
  });
  return z.object(Object.fromEntries(fields) as Changes<S>);
}
