import type { Json } from '#contracts/playbooks/document.ts';
import type { Shape } from '#contracts/playbooks/shape/shape.ts';

const takes = (shape: Shape, is: Shape['is']): boolean =>
  shape.is === is || (shape.is === 'either' && shape.of.some((one) => takes(one, is)));

/** A number, a duration, a percentage, a word: as one writes it. A list is written with commas. */
export function looseText(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((part: Json) => looseText(part)).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What was written as the value that its shape takes; a template stays the text it is. */
export function looseValue(text: string, shape: Shape): Json | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (trimmed.includes('${{')) return text;
  if (takes(shape, 'list') && trimmed.includes(',')) {
    const parts = trimmed.split(',').filter((part) => part.trim() !== '');
    return parts.map((part) => looseValue(part, shape) ?? '');
  }
  if (takes(shape, 'boolean') && (trimmed === 'true' || trimmed === 'false')) return trimmed === 'true';
  if ((takes(shape, 'number') || takes(shape, 'list')) && /^-?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return trimmed;
}

const readsAsJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Any value as text: a text as it is, unless it would be read as JSON; everything else as JSON. */
export function anyText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return readsAsJson(value) ? JSON.stringify(value) : value;
  return JSON.stringify(value, null, typeof value === 'object' ? 2 : undefined);
}

/** What was written: JSON where it is, else text. */
export function anyValue(text: string): Json | undefined {
  if (text === '') return undefined;
  return readsAsJson(text) ? (JSON.parse(text) as Json) : text;
}
