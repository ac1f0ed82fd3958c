import { z } from 'zod';
import { didYouMean } from '#contracts/playbooks/nearest.ts';
import { UsageError } from '../kit/exits.ts';
import { kebab } from '../kit/scan-arguments.ts';

/** A JSON Schema as zod prints it; only what is read here. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** The schema of what a caller may send. */
export const schemaOf = (type: z.ZodType): Schema =>
  z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Schema;

/** The plain schemas a value may fit, unions and references resolved. */
export function alternativesOf(schema: Schema, root: Schema): Schema[] {
  if (schema.$ref !== undefined) {
    const found = schema.$ref === '#' ? root : root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    // A value of any JSON refers to itself: it is taken as it comes.
    return found?.$ref === undefined && found?.anyOf === undefined ? alternativesOf(found ?? {}, root) : [{}];
  }
  const among = schema.anyOf ?? schema.oneOf;
  if (among) return among.flatMap((each) => alternativesOf(each, root));
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => ({ ...schema, type }));
  return [schema];
}

const isKind = (schema: Schema, kind: string): boolean => schema.type === kind;
export const fits = (alternatives: readonly Schema[], kind: string): boolean =>
  alternatives.some((each) => isKind(each, kind));
/** It says nothing of its type: any JSON. */
const isAny = (schema: Schema): boolean =>
  schema.type === undefined && schema.enum === undefined && schema.const === undefined;
const fixedValues = (schema: Schema): readonly unknown[] | undefined =>
  schema.const !== undefined ? [schema.const] : schema.enum;

/** A type in a word or two, for help. */
export function typeWords(schema: Schema, root: Schema): string {
  const words = alternativesOf(schema, root).flatMap((each): string[] => {
    const fixed = fixedValues(each);
    if (fixed) return fixed.map(String);
    if (isAny(each)) return ['JSON'];
    if (each.type === 'array') {
      const items = typeof each.items === 'object' ? typeWords(each.items, root) : 'JSON';
      return [`list of ${items.includes('|') ? `(${items})` : items}`];
    }
    if (each.type === 'object') return ['JSON object'];
    if (each.type === 'integer') return ['whole number'];
    if (each.type === 'string')
      return [{ uuid: 'id', 'date-time': 'instant' }[each.format ?? ''] ?? each.format ?? 'text'];
    return [String(each.type)];
  });
  return [...new Set(words)].join('|');
}

function readJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${label} is no JSON.`);
  }
}

/** A value out of what was typed, by what its schema allows. @throws UsageError */
export function readValue(schema: Schema, root: Schema, text: string, label: string): unknown {
  const alternatives = alternativesOf(schema, root);
  for (const each of alternatives) {
    const fixed = fixedValues(each)?.find((value) => String(value) === text);
    if (fixed !== undefined) return fixed;
  }
  const has = (kind: string): boolean => fits(alternatives, kind);
  if (has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (has('null') && text === 'null') return null;
  // What would read otherwise when written again (01234, 1e3) is a text, where texts are taken too.
  const isNumber =
    text.trim() !== '' && Number.isFinite(Number(text)) && (!has('string') || String(Number(text)) === text);
  if (has('number') && isNumber) return Number(text);
  if (has('integer') && isNumber && Number.isInteger(Number(text))) return Number(text);
  const isText = alternatives.some((each) => isKind(each, 'string') && !fixedValues(each));
  const looksLikeJson = /^\s*[[{]/.test(text);
  if ((has('object') || has('array')) && looksLikeJson) return readJson(text, label);
  if (isText) return text;
  if (alternatives.some(isAny)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  throw new UsageError(`${label} takes ${typeWords(schema, root)}, not ${text === '' ? 'nothing' : text}.`);
}

/** A list out of all that was typed for it: one text each, or one JSON list. */
export function readValues(schema: Schema, root: Schema, texts: readonly string[], label: string): unknown {
  const alternatives = alternativesOf(schema, root);
  const [first = ''] = texts;
  if (texts.length === 1 && (/^\s*\[/.test(first) || (first === 'null' && fits(alternatives, 'null'))))
    return readJson(first, label);
  const list = alternatives.find((each) => isKind(each, 'array'));
  const items = typeof list?.items === 'object' ? list.items : {};
  return texts.map((text) => readValue(items, root, text, label));
}

/** The schema of a part of an object, and its own name. @throws UsageError where there is none of that name */
export function partOf(schema: Schema, root: Schema, name: string, label: string): { name: string; schema: Schema } {
  const objects = alternativesOf(schema, root).filter((each) => isKind(each, 'object') || isAny(each));
  const known = objects.flatMap(({ properties }) => Object.keys(properties ?? {}));
  const own = known.find((each) => each === name) ?? known.find((each) => kebab(each) === kebab(name));
  if (own !== undefined) {
    const found = objects.flatMap(({ properties }) => properties?.[own] ?? []);
    return { name: own, schema: found.length === 1 ? (found[0] ?? {}) : { anyOf: found } };
  }
  const open = objects.find(({ additionalProperties, properties }) => additionalProperties ?? !properties);
  if (!open) throw new UsageError(`${label} has no part ${name}.${didYouMean(name, known)}`);
  return { name, schema: typeof open.additionalProperties === 'object' ? open.additionalProperties : {} };
}
