import { z } from 'zod';
import { ParameterType, type QueryParameter } from './parameters.ts';

export const ParameterName = z.string().regex(/^[A-Za-z_]\w{0,62}$/, 'Letters, digits and _ (63 at most).');

/** A value as it is given: dates also relative (`yesterday`, `now - 7d`, `start of month`), resolved on the server. */
export const GivenValue = z.union([
  z.string().max(10_000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.union([z.string().max(1_000), z.number()])).max(10_000),
]);
export type GivenValue = z.infer<typeof GivenValue>;
export const GivenValues = z.record(ParameterName, GivenValue);
export type GivenValues = z.infer<typeof GivenValues>;

export const ParameterDef = z.object({
  name: ParameterName,
  /** `list` is of texts or numbers, for `in ({{ name }})`. */
  type: ParameterType,
  /** Of a list's items. */
  itemType: z.enum(['text', 'number']).optional(),
  label: z.string().max(120).optional(),
  description: z.string().max(500).optional(),
  default: GivenValue.optional(),
  /** Without value and default the run is refused, unless the placeholder stands in an optional clause `[[ … ]]`. */
  isRequired: z.boolean().default(true),
  choices: z
    .array(z.union([z.string(), z.number()]))
    .max(200)
    .optional(),
});
export type ParameterDef = z.infer<typeof ParameterDef>;

/** A definition with all that it leaves out, as values are resolved and bound by it. */
export const declaredParameter = ({
  itemType,
  default: preset,
  choices: _choices,
  ...def
}: ParameterDef): QueryParameter => ({ ...def, of: itemType ?? 'text', default: preset ?? null });
