import { z } from 'zod';
import { changesOf } from '../kit/changes.ts';
import { ActorRef, Id, Instant, Name } from '../kit/schemas.ts';

/** A key that people write and files carry: `web-1`, `db.main`, `checkout/api`. */
export const AssetKey = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:@/-]{0,119}$/, 'Letters, digits and _ . : @ / - (120 at most).');
/** The name of an attribute: `os.name`, `rack`, `warranty_until`. */
export const AttributeName = z
  .string()
  .trim()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,79}$/, 'A letter, then letters, digits and _ . - (80 at most).');

export const attributeKinds = ['text', 'number', 'boolean', 'date', 'choice', 'list'] as const;
export type AttributeKind = (typeof attributeKinds)[number];

/** What an attribute holds. A list is of texts; a date is `2027-04-30`. */
export const AttributeValue = z.union([
  z.string().max(2_000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(500)).max(500),
]);
export type AttributeValue = z.infer<typeof AttributeValue>;

export const AttributeDef = z
  .object({
    name: AttributeName,
    label: z.string().trim().max(80).default(''),
    kind: z.enum(attributeKinds).default('text'),
    isRequired: z.boolean().default(false),
    /** What a `choice` may be. */
    choices: z.array(z.string().trim().min(1).max(120)).max(100).default([]),
    unit: z.string().trim().max(20).default(''),
  })
  .refine(({ kind, choices }) => kind !== 'choice' || choices.length > 0, {
    path: ['choices'],
    message: 'Name what can be chosen.',
  });
export type AttributeDef = z.infer<typeof AttributeDef>;

export const typeIcons = ['box', 'server', 'database', 'network', 'app', 'cloud', 'disk', 'people', 'shield'] as const;

export const CreateAssetType = z.object({
  key: AssetKey,
  name: Name,
  description: z.string().max(2_000).default(''),
  icon: z.enum(typeIcons).default('box'),
  attributes: z
    .array(AttributeDef)
    .max(100)
    .refine((defs) => new Set(defs.map(({ name }) => name)).size === defs.length, 'An attribute is named twice.')
    .default([]),
});
export type CreateAssetType = z.infer<typeof CreateAssetType>;
export const ChangeAssetType = changesOf(CreateAssetType);
export type ChangeAssetType = z.infer<typeof ChangeAssetType>;

export const AssetType = CreateAssetType.extend({
  id: Id,
  assets: z.int(),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type AssetType = z.infer<typeof AssetType>;

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().slice(0, 10) === text;
const safely = (check: () => boolean): boolean => {
  try {
    return check();
  } catch {
    return false;
  }
};

/** What is wrong with a value under its definition, in words; null where it fits. */
export function valueProblem(def: AttributeDef, value: AttributeValue): string | null {
  switch (def.kind) {
    case 'text':
      return typeof value === 'string' ? null : 'A text.';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? null : 'A number.';
    case 'boolean':
      return typeof value === 'boolean' ? null : 'Yes or no.';
    case 'date':
      return typeof value === 'string' && safely(() => isDate(value)) ? null : 'A date like 2027-04-30.';
    case 'choice':
      return typeof value === 'string' && def.choices.includes(value) ? null : `One of: ${def.choices.join(', ')}.`;
    case 'list':
      return Array.isArray(value) ? null : 'A list of texts.';
  }
}

/**
 * Holds attributes to their type. Attributes that the type does not define are free, so that discovery and files may bring
 * what nobody has defined yet.
 */
export function attributeProblems(
  defs: readonly AttributeDef[],
  attributes: Readonly<Record<string, AttributeValue>>,
): { name: string; message: string }[] {
  return defs.flatMap((def) => {
    const value = attributes[def.name];
    if (value === undefined) return def.isRequired ? [{ name: def.name, message: 'This is required.' }] : [];
    const problem = valueProblem(def, value);
    return problem === null ? [] : [{ name: def.name, message: problem }];
  });
}

/** Reads a text of a file as the kind of its attribute; what cannot be read stays the text, and is then refused. */
export function readValue(kind: AttributeKind, text: string): AttributeValue {
  switch (kind) {
    case 'number': {
      const number = Number(text);
      return text.trim() !== '' && Number.isFinite(number) ? number : text;
    }
    case 'boolean': {
      const word = text.trim().toLowerCase();
      return ['true', 'yes', '1'].includes(word) ? true : ['false', 'no', '0'].includes(word) ? false : text;
    }
    case 'list':
      return text
        .split(';')
        .map((part) => part.trim())
        .filter(Boolean);
    default:
      return text;
  }
}
